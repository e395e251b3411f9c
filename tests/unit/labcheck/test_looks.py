"""Looks at a workstation during the exam: what begins, what ends, when, and what it costs."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcheck.errors import N_
from labcheck.incidents import REMEDIES, TITLES, Incident, Kind, lost, ranked
from labcheck.looks import Limits, Watched, look, resumed, silent
from labcheck.phrase import phrase

BEGIN = dt.datetime(2027, 4, 15, 8, 0, tzinfo=dt.UTC)
WHY = phrase(N_("the connection broke: {said}"), said="—")


def device(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name, "name": name, "usb_id": "046d:0a44", "monitor": False, "virtual": False, "muted": False,
        "volume_percent": 70, "default": True, "plugged": None, **changes,
    }  # fmt: skip


LOOK: dict[str, Any] = {
    "at": 0.0,
    "monotonic": 0.0,
    "disk": {"path": "/answers", "free_mb": 20_000, "total_mb": 50_000, "writable": True},
    "power": {"ac": True, "battery_percent": 80},
    "sound": {
        "server": "pulse",
        "inputs": [device("mic"), device("built-in", usb_id=None, default=False)],
        "outputs": [device("ears"), device("speakers", usb_id=None, default=False)],
    },
    "session": {"user": "exam", "graphical": True, "active": True, "idle_s": 0},
    "process": {"running": True, "pids": [7]},
    "answers": [{"path": "10001.wav", "size": 1000, "mtime": 0.0}],
}
LIMITS = Limits(500, 15, headset_usb_ids=("046d:0a44",), still_s=30)


class Seat:
    """A seat that is looked at every five seconds."""

    def __init__(self, limits: Limits = LIMITS, state: Watched | None = None) -> None:
        self.state = state or resumed("1А", limits, ())
        self.at = BEGIN
        self.changed: list[Incident] = []

    def see(self, change: Callable[[dict[str, Any]], object] | None = None, seconds: float = 5) -> set[Kind]:
        found = copy.deepcopy(LOOK)
        if change is not None:
            change(found)
        return self.raw(found, seconds)

    def raw(self, untrusted: object, seconds: float = 5) -> set[Kind]:
        self.at += dt.timedelta(seconds=seconds)
        self.state, changed = look(self.state, self.at, untrusted)
        self.changed += changed
        return set(self.state.open)


def put(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(found: Any) -> None:
        for step in path[:-1]:
            found = found[step]
        found[path[-1]] = value

    return change


def test_a_workstation_that_is_well_has_none() -> None:
    seat = Seat()
    assert seat.see() == set()
    assert seat.see() == set()
    assert seat.changed == []


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (Kind.DISK, put("disk", "free_mb", value=100)),
        (Kind.DISK, put("disk", "writable", value=False)),
        (Kind.BATTERY, put("power", value={"ac": False, "battery_percent": 10})),
        (Kind.MAINS, put("power", value={"ac": False, "battery_percent": 90})),
        (Kind.SESSION, put("session", "user", value=None)),
        (Kind.PROGRAM, put("process", value={"running": False, "pids": []})),
        (Kind.UNPLUGGED, put("sound", "inputs", value=[device("built-in", usb_id=None)])),
        (Kind.UNPLUGGED, put("sound", "outputs", 0, "plugged", value=False)),
        (Kind.UNPLUGGED, put("sound", "inputs", value=[device("ears.monitor", monitor=True)])),
        (Kind.UNPLUGGED, put("sound", "inputs", value=[])),
        (Kind.INPUT_MUTED, put("sound", "inputs", 0, "muted", value=True)),
        (Kind.OUTPUT_MUTED, put("sound", "outputs", 0, "muted", value=True)),
        (Kind.INPUT_ZERO, put("sound", "inputs", 0, "volume_percent", value=0)),
        (Kind.OUTPUT_ZERO, put("sound", "outputs", 0, "volume_percent", value=0)),
        (Kind.ANSWER_LOST, put("answers", value=[])),
        (Kind.ANSWER_LOST, put("answers", 0, "size", value=10)),
        (Kind.BLIND, put("sound", value={"unavailable": "no sound server"})),
        (Kind.BLIND, put("answers", value=None)),
        (Kind.BLIND, put("disk", "free_mb", value="plenty")),
    ],
)
def test_each_is_noted_at_its_moment_and_over_at_its_end(
    kind: Kind, change: Callable[[dict[str, Any]], None]
) -> None:
    seat = Seat()
    seat.see()
    assert kind in seat.see(change)
    noted = seat.at
    seat.see(change)
    (begun,) = (i for i in seat.changed if i.kind is kind)
    assert begun.noted == noted
    assert begun.ended is None
    assert seat.see() == set()
    over = seat.changed[-1]
    assert (over.noted, over.ended) == (noted, seat.at)
    assert over.remedy.format(seat="204-1А")


def test_another_device_in_use() -> None:
    def switch(found: dict[str, Any]) -> None:
        for number, one in enumerate(found["sound"]["inputs"]):
            one["default"] = number == 1

    seat = Seat()
    seat.see()
    assert seat.see(switch) == {Kind.SWITCHED}
    assert "built-in" in str(seat.state.open[Kind.SWITCHED].detail)
    assert seat.see() == set()


def test_a_reserve_headset_is_as_good() -> None:
    seat = Seat()
    seat.see()
    assert seat.see(put("sound", "inputs", value=[device("built-in", usb_id=None)])) == {Kind.UNPLUGGED}
    assert seat.see(put("sound", "inputs", value=[device("other mic")])) == set()
    assert seat.see(put("sound", "inputs", value=[device("other mic", muted=True)])) == {Kind.INPUT_MUTED}


def test_what_cannot_be_seen_is_neither_well_nor_over() -> None:
    seat = Seat()
    seat.see(put("sound", "inputs", 0, "muted", value=True))
    blind = put("sound", value={"unavailable": "the sound server does not answer"})
    assert seat.see(blind) == {Kind.INPUT_MUTED, Kind.BLIND}
    seat.state, changed = silent(seat.state, seat.at, WHY)
    assert set(seat.state.open) == {Kind.INPUT_MUTED, Kind.BLIND, Kind.SILENT}
    assert [i.kind for i in changed] == [Kind.SILENT]
    assert seat.see() == set()


def test_the_program_ends_and_comes_again() -> None:
    gone = put("process", value={"running": False, "pids": []})
    seat = Seat()
    seat.see()
    assert seat.see(put("process", value={"running": True, "pids": [9]})) == set()
    (restarted,) = seat.changed
    assert (restarted.kind, restarted.ended) == (Kind.RESTARTED, seat.at)
    assert seat.see(gone) == {Kind.PROGRAM}
    assert seat.see(put("process", value={"running": True, "pids": [11]})) == set()
    assert [i.kind for i in seat.changed] == [Kind.RESTARTED, Kind.PROGRAM, Kind.PROGRAM]
    early = Seat()
    assert early.see(gone) == set(), "nobody has begun"
    early.see()
    assert early.see(gone) == {Kind.PROGRAM}


def answer(**sizes: int) -> Callable[[dict[str, Any]], None]:
    return put("answers", value=[{"path": p, "size": s, "mtime": 0.0} for p, s in sizes.items()])


def test_an_answer_that_stops_growing() -> None:
    seat = Seat()
    seat.see()
    for size in (0, 100, 200):
        assert seat.see(answer(new=size, **{"10001.wav": 1000})) == set()
    still = answer(new=200, **{"10001.wav": 1000})
    assert seat.see(still, 29) == set()
    assert seat.see(still, 2) == {Kind.ANSWER_STILL}
    assert seat.see(answer(new=300, **{"10001.wav": 1000})) == set()


def test_an_answer_that_was_there_before_is_no_concern_and_a_finished_one_neither() -> None:
    seat = Seat(Limits(500, 15, still_s=30, answer_s=60))
    assert seat.see(seconds=100) == set()
    assert seat.see(seconds=100) == set()
    seat.see(answer(new=10, **{"10001.wav": 1000}))
    seat.see(answer(new=20, **{"10001.wav": 1000}), 61)
    assert seat.see(answer(new=20, **{"10001.wav": 1000}), 100) == set(), "it lasted as long as it must"


def test_an_answer_that_stays_empty() -> None:
    seat = Seat()
    seat.see()
    seat.see(answer(new=0, **{"10001.wav": 1000}))
    assert seat.see(answer(new=0, **{"10001.wav": 1000}), 31) == {Kind.ANSWER_STILL}


def test_a_renamed_answer_is_not_lost() -> None:
    seat = Seat()
    seat.see(answer(tmp=1000))
    assert seat.see(answer(final=1000)) == set()
    assert seat.see(answer(other=10)) == {Kind.ANSWER_LOST}
    assert seat.see(answer(other=1000)) == {Kind.ANSWER_LOST}, "one that was known cannot be the lost one"
    assert seat.see(answer(other=1000, final=1000)) == set()


def test_details_name_no_file() -> None:
    seat = Seat()
    seat.see()
    seat.see(put("answers", value=[]))
    assert "10001" not in str(seat.state.open[Kind.ANSWER_LOST].detail)


def test_an_incident_goes_on_over_a_restart_of_the_watch() -> None:
    seat = Seat()
    seat.see(put("sound", "inputs", 0, "muted", value=True))
    again = Seat(state=resumed("1А", LIMITS, seat.state.open.values()))
    again.see(put("sound", "inputs", 0, "muted", value=True))
    assert again.changed == []
    assert again.state.open[Kind.INPUT_MUTED].noted == BEGIN + dt.timedelta(seconds=5)


nonsense = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["sound", "inputs", "answers", "path", "size", "disk", "free_mb", "unavailable", "pids"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(st.one_of(nonsense, st.just(LOOK)), max_size=6))
def test_nonsense_is_never_well(looks: list[Any]) -> None:
    seat = Seat()
    for one in looks:
        found = seat.raw(one)
        assert (one == LOOK) or Kind.BLIND in found
    assert all(i.ended is None or i.ended >= i.noted for i in seat.changed)


# Time and order

seconds = st.integers(0, 10_000)
spans = st.lists(
    st.builds(
        lambda kind, start, length: Incident(
            "1А",
            kind,
            BEGIN + dt.timedelta(seconds=start),
            ended=None if length is None else BEGIN + dt.timedelta(seconds=start + length),
        ),
        st.sampled_from(Kind),
        seconds,
        st.none() | seconds,
    ),
    max_size=12,
)


@given(spans, st.randoms(use_true_random=False))
def test_lost_time_counts_every_second_once(incidents: list[Incident], chance: Any) -> None:
    now = BEGIN + dt.timedelta(seconds=20_000)
    slow = set()
    for one in incidents:
        if one.kind.stops:
            first = int((one.noted - BEGIN).total_seconds())
            slow |= set(range(first, int(((one.ended or now) - BEGIN).total_seconds())))
    assert lost(incidents, now) == dt.timedelta(seconds=len(slow))
    shuffled = list(incidents)
    chance.shuffle(shuffled)
    assert lost(shuffled, now) == lost(incidents, now)


@given(spans)
def test_what_lasts_comes_first(incidents: list[Incident]) -> None:
    shown = ranked(incidents)
    assert sorted(map(repr, shown)) == sorted(map(repr, incidents))
    lasting = [incident.ended is None for incident in shown]
    assert lasting == sorted(lasting, reverse=True)
    urgent = [list(Kind).index(i.kind) for i in shown if i.ended is None]
    assert urgent == sorted(urgent)


def test_every_kind_has_a_title_and_a_remedy() -> None:
    assert set(TITLES) == set(REMEDIES) == set(Kind)
