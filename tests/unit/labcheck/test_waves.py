"""Waves: everybody once, nobody too many, no wave too many."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labcheck.waves import Group, WavesImpossible, fewest_stations, plan

BEGIN = dt.datetime(2027, 4, 15, 11, 40, tzinfo=dt.UTC)
groups = st.lists(st.integers(0, 40), max_size=6).map(
    lambda sizes: [Group(f"{n}А", size) for n, size in enumerate(sizes)]
)


@given(groups, st.integers(1, 30), st.integers(0, 4), st.integers(0, 34), st.booleans())
def test_everybody_comes_once_in_as_few_waves_as_there_can_be(
    some: list[Group], stations: int, reserves: int, broken: int, even: bool
) -> None:
    assume(stations + reserves - broken >= 1)
    found = plan(some, stations, reserves, BEGIN, 15, 5, broken=broken, even=even)
    came = [
        (share.group, number)
        for wave in found.waves
        for share in wave.shares
        for number in range(share.first, share.last + 1)
    ]
    assert came == [(group.name, n) for group in some for n in range(1, group.pupils + 1)]
    assert all(0 < wave.pupils <= found.stations for wave in found.waves)
    assert len(found.waves) == -(-len(came) // found.stations)
    assert found.stations == min(stations, stations + reserves - broken)
    assert found.reserves == max(0, reserves - broken)
    for before, after in zip(found.waves, found.waves[1:], strict=False):
        assert after.begins - before.ends == dt.timedelta(minutes=5)
    if even and found.waves:
        sizes = [wave.pupils for wave in found.waves]
        assert max(sizes) - min(sizes) <= 1


@given(groups, st.integers(1, 300))
def test_the_fewest_stations_are_enough_and_one_less_is_not(some: list[Group], minutes: int) -> None:
    until = BEGIN + dt.timedelta(minutes=minutes)
    needed = fewest_stations(some, BEGIN, until, 15, 5)
    assert (needed is None) == (minutes < 15)
    if not needed:
        return
    ends = plan(some, needed, 0, BEGIN, 15, 5).ends
    assert ends is not None
    assert ends <= until
    if needed > 1:
        later = plan(some, needed - 1, 0, BEGIN, 15, 5).ends
        assert later is not None
        assert later > until


@pytest.mark.parametrize(
    ("stations", "minutes", "change", "broken"),
    [(0, 15, 5, 0), (4, 0, 5, 0), (4, 15, -1, 0), (4, 15, 5, 5), (4, 15, 5, -1)],
)
def test_the_impossible_is_refused(stations: int, minutes: float, change: float, broken: int) -> None:
    with pytest.raises(WavesImpossible):
        plan([Group("7А", 20)], stations, 0, BEGIN, minutes, change, broken=broken)


def test_nobody_needs_no_wave() -> None:
    assert plan([], 12, 2, BEGIN, 15).ends is None
