"""Deadlines: the same on the wall in every zone of Russia, before and after midnight."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision.runbook.board import Fact, Level, State, rows
from provision.runbook.clock import Day
from provision.runbook.model import Named, Step, When
from provision.runbook.reminders import Cause, reminders

ZONES = (
    "Europe/Kaliningrad",
    "Europe/Moscow",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Omsk",
    "Asia/Krasnoyarsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
)

zones = st.sampled_from(ZONES).map(ZoneInfo)
dates = st.dates(dt.date(2026, 1, 1), dt.date(2032, 12, 31))
times = st.times().map(lambda time: time.replace(second=0, microsecond=0))
whens = st.builds(
    When,
    days=st.integers(-40, 60),
    at=st.one_of(times, st.sampled_from(Named)),
    minutes=st.integers(-300, 300),
)
days = st.builds(
    Day,
    date=dates,
    zone=zones,
    specialist_start=times,
    ready_before=st.integers(0, 240).map(lambda minutes: dt.timedelta(minutes=minutes)),
    starts=st.lists(times, min_size=1, max_size=4).map(tuple),
)


def step(by: When, begin: When | None = None, **more: object) -> Step:
    told = {"phase": "day", "title": "x", "who": "specialist", "by": by, "from": begin, "proof": "person"}
    return Step.model_validate({**told, **more})


steps = st.builds(step, whens, st.none() | whens, remind=st.integers(0, 240))


def day(zone: str = "Europe/Moscow", **changes: object) -> Day:
    told: dict[str, object] = {
        "date": dt.date(2027, 4, 15),
        "zone": ZoneInfo(zone),
        "specialist_start": dt.time(7, 30),
        "ready_before": dt.timedelta(minutes=20),
        "starts": (dt.time(10, 30), dt.time(9, 0)),
    }
    return Day(**{**told, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", ZONES)
def test_half_past_seven_is_half_past_seven_on_the_schools_wall(zone: str) -> None:
    found = day(zone).at(When(at=Named.SPECIALIST_START))
    assert f"{found:%Y-%m-%d %H:%M}" == "2027-04-15 07:30"
    east = found.astimezone(dt.UTC)
    assert dt.datetime(2027, 4, 14, 19, tzinfo=dt.UTC) < east < dt.datetime(2027, 4, 15, 6, tzinfo=dt.UTC)


def test_the_times_that_the_inventory_knows() -> None:
    at = day().at
    assert f"{at(When(at=Named.READY)):%H:%M}" == "08:40"
    assert f"{at(When(at=Named.FIRST_START)):%H:%M} {at(When(at=Named.LAST_START)):%H:%M}" == "09:00 10:30"
    assert f"{at(When(days=-1, at=dt.time(0, 5), minutes=-10)):%d.%m %H:%M}" == "13.04 23:55"


@settings(max_examples=40, deadline=None)
@given(days, whens)
def test_minutes_are_minutes_of_real_time(one: Day, when: When) -> None:
    plain = one.at(when.model_copy(update={"minutes": 0}))
    moved = one.at(when)
    real = moved.astimezone(dt.UTC) - plain.astimezone(dt.UTC)
    assert real == dt.timedelta(minutes=when.minutes)
    # Russia has no summer time since 2014: on the wall it is the same
    assert moved.replace(tzinfo=None) - plain.replace(tzinfo=None) == real


@settings(max_examples=40, deadline=None)
@given(days, steps)
def test_a_step_never_begins_after_its_deadline(one: Day, found: Step) -> None:
    assert one.begin(found) <= one.deadline(found)


@settings(max_examples=40, deadline=None)
@given(days, steps, st.integers(-100_000, 100_000))
def test_an_open_step_is_next_then_now_then_late(one: Day, found: Step, minutes: int) -> None:
    now = one.deadline(found).astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
    (row,) = rows({"D1": found}, one, {}, {}, now)
    expected = State.NEXT if now < row.begin else State.NOW if now <= row.deadline else State.LATE
    assert row.state is expected


@settings(max_examples=40, deadline=None)
@given(days, st.lists(steps, min_size=1, max_size=4), st.lists(st.integers(1, 3000), min_size=1, max_size=12))
def test_over_any_division_of_the_time_each_reminder_comes_once(
    one: Day, some: list[Step], gaps: list[int]
) -> None:
    procedure = {f"D{number}": found for number, found in enumerate(some)}
    begin = min(one.begin(found) for found in some) - dt.timedelta(minutes=1)
    moments = [begin]
    for gap in gaps:
        moments.append(moments[-1] + dt.timedelta(minutes=gap))
    open_rows = rows(procedure, one, {}, {}, begin)
    piecewise = [
        (each.row.id, each.cause)
        for before, after in itertools.pairwise(moments)
        for each in reminders(open_rows, before, after)
    ]
    at_once = [(each.row.id, each.cause) for each in reminders(open_rows, moments[0], moments[-1])]
    assert piecewise == at_once
    assert len(at_once) == len(set(at_once))


def test_what_is_done_reminds_nobody() -> None:
    found = step(When(at=dt.time(7, 50)), When(at=dt.time(7, 30)), remind=10)
    at = day().zone
    begin, end = dt.datetime(2027, 4, 15, 7, 0, tzinfo=at), dt.datetime(2027, 4, 15, 8, 0, tzinfo=at)
    (row,) = rows({"D2": found}, day(), {}, {}, begin)
    causes = [(f"{each.at:%H:%M}", each.cause) for each in reminders((row,), begin, end)]
    assert causes == [("07:30", Cause.BEGINS), ("07:40", Cause.SOON), ("07:50", Cause.PASSED)]
    (done,) = rows({"D2": found}, day(), {"D2": Fact(Level.PROVED)}, {}, begin)
    assert reminders((done,), begin, end) == ()
