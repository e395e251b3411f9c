"""Who prints what next: every document once, bundles whole, nothing to a printer that has stopped."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from printing.feed import Work
from printing.kit import Media
from printing.queues.base import PrintOptions
from provision.flow import Bundle, Flow

NINE = dt.datetime(2027, 4, 15, 9)  # noqa: DTZ001 - sessions are local times without zone
NOON = dt.datetime(2027, 4, 15, 12)  # noqa: DTZ001
A, B, C = "A", "B", "C"
SPEEDS = {A: 30.0, B: 30.0, C: 10.0}


def work(key: str, sheets: int = 8) -> Work:
    return Work(key, "", sheets, (), PrintOptions(), lambda _out: None)


def bundle(
    name: str,
    home: str,
    size: int,
    *,
    pool: str = "",
    heirs: str = "",
    session: dt.datetime = NINE,
    begun: bool = False,
) -> Bundle:
    works = tuple(work(f"{name}/{number}") for number in range(size))
    return Bundle(name, home, session, works, frozenset(pool), frozenset(heirs or pool), begun=begun)


def taken(flow: Flow, printer: str, count: int = 1000) -> list[str]:
    found = (flow.take(printer) for _ in range(count))
    return [one.key for one in found if one is not None]


def test_a_printer_prints_its_own_rooms_in_their_order() -> None:
    flow = Flow([bundle("201", A, 2), bundle("202", B, 2), bundle("203", A, 1)], SPEEDS)
    assert taken(flow, A) == ["201/0", "201/1", "203/0"]
    assert taken(flow, B) == ["202/0", "202/1"]


def test_the_first_free_printer_takes_the_biggest_that_nobody_has_begun() -> None:
    rooms = [bundle(name, A, size, pool="AB") for name, size in (("1", 5), ("2", 3), ("3", 9), ("4", 4))]
    flow = Flow(rooms, SPEEDS)
    assert taken(flow, A, 1) == ["1/0"]
    assert taken(flow, B, 9) == [f"3/{n}" for n in range(9)]
    assert taken(flow, B, 1) == ["4/0"]
    assert taken(flow, A) == [*(f"1/{n}" for n in range(1, 5)), "2/0", "2/1", "2/2"]


def test_the_earlier_session_comes_first_wherever_it_waits() -> None:
    flow = Flow(
        [
            bundle("late", A, 1, pool="AB", session=NOON),
            bundle("small", B, 1, pool="AB"),
            bundle("big", B, 9, pool="AB"),
        ],
        SPEEDS,
    )
    assert taken(flow, A, 1) == ["big/0"]


def test_a_slow_printer_takes_nothing_that_is_done_sooner_where_it_waits() -> None:
    flow = Flow([bundle("1", A, 3, pool="AC"), bundle("2", A, 3, pool="AC")], SPEEDS)
    taken(flow, A, 3)
    assert taken(flow, C) == []
    assert not flow.offers(C)
    flow.stands(A, still=True)
    assert taken(flow, C) == ["2/0", "2/1", "2/2"]


def test_a_room_with_a_printer_of_its_own_and_a_begun_bundle_are_left_alone() -> None:
    flow = Flow([bundle("own", A, 2), bundle("begun", A, 2, pool="AB", begun=True)], SPEEDS)
    assert taken(flow, B) == []
    assert taken(flow, A) == ["begun/0", "begun/1", "own/0", "own/1"]


def test_the_rest_of_a_failed_printers_bundle_goes_to_an_heir_only_when_it_is_given_up() -> None:
    flow = Flow([bundle("1", A, 4, heirs="AB"), bundle("2", A, 1)], SPEEDS)
    first = flow.take(A)
    assert first is not None
    assert taken(flow, B) == []
    assert [one.key for one in flow.movable(A, [B, C])] == ["1/1", "1/2", "1/3"]
    assert flow.movable(A, [C]) == ()
    flow.back([first])
    flow.give_up(A)
    assert taken(flow, C) == []
    assert taken(flow, B) == ["1/0", "1/1", "1/2", "1/3"]
    assert taken(flow, A) == ["2/0"], "what nobody inherits waits for its printer"


def test_large_print_waits_for_its_printer_and_holds_up_no_other_kit() -> None:
    large = replace(work("1/large"), options=PrintOptions(Media.A3))
    works = (work("1/0"), work("1/1"), large, work("1/2"))
    room = Bundle("1", A, NINE, works, heirs=frozenset("AB"), large_heirs=frozenset("A"))
    flow = Flow([room], SPEEDS)
    first = flow.take(A)
    assert first is not None
    assert [one.key for one in flow.movable(A, [B])] == ["1/1", "1/2"]
    flow.give_up(A)
    flow.back([first])
    assert taken(flow, B) == ["1/0", "1/1", "1/2"]
    assert taken(flow, A) == ["1/large"]


def test_a_printer_that_recovers_goes_on_with_what_nobody_took() -> None:
    flow = Flow([bundle("1", A, 4, heirs="AB")], SPEEDS)
    taken(flow, A, 1)
    flow.give_up(A)
    assert taken(flow, A) == ["1/1", "1/2", "1/3"]


room = st.tuples(
    st.sampled_from("ABC"),
    st.integers(1, 6),
    st.sampled_from(["", "AB", "ABC", "BC"]),
    st.sampled_from([NINE, NOON]),
    st.booleans(),
)
step = st.tuples(st.sampled_from("ABC"), st.sampled_from(["take"] * 6 + ["fail", "heal"]))


class Floor:
    """Three printers that ask, fail and recover; ``went`` is what came out where."""

    def __init__(self, bundles: list[Bundle]) -> None:
        self.flow = Flow(bundles, SPEEDS)
        self.went: list[tuple[str, Work]] = []
        self.stopped: set[str] = set()
        self.ever_failed: set[str] = set()

    def take(self, printer: str) -> bool:
        one = None if printer in self.stopped else self.flow.take(printer)
        if one is not None:
            self.went.append((printer, one))
        return one is not None

    def fail(self, printer: str) -> None:
        """Its last document did not begin and comes back; the rest may go elsewhere."""
        self.stopped.add(printer)
        self.ever_failed.add(printer)
        if self.went and self.went[-1][0] == printer:
            self.flow.back([self.went.pop()[1]])
        self.flow.give_up(printer)
        self.flow.stands(printer, still=True)

    def heal(self, printer: str) -> None:
        self.stopped.discard(printer)
        self.flow.stands(printer, still=False)

    def finish(self) -> None:
        for printer in "ABC":
            self.heal(printer)
        while any(self.flow.offers(printer) for printer in "ABC"):
            for printer in "ABC":
                self.take(printer)


@given(st.lists(room, max_size=8), st.lists(step, max_size=80))
def test_every_document_goes_exactly_once_in_order_and_bundles_stay_whole(
    plan: list[tuple[str, int, str, dt.datetime, bool]], script: list[tuple[str, str]]
) -> None:
    bundles = [
        bundle(str(number), home, size, pool=pool, session=session, begun=begun)
        for number, (home, size, pool, session, begun) in enumerate(plan)
    ]
    floor = Floor(bundles)
    for printer, what in script:
        getattr(floor, what)(printer)
    floor.finish()
    assert not any(floor.flow.offers(printer) for printer in "ABC")
    for each in bundles:
        mine = [(printer, one) for printer, one in floor.went if one.key.startswith(f"{each.name}/")]
        assert [one for _printer, one in mine] == list(each.works), "each once, in order"
        printers = {printer for printer, _one in mine}
        assert printers <= {each.home} | each.takers | each.heirs
        if each.home not in floor.ever_failed and not printers & floor.ever_failed:
            assert len(printers) == 1, "whole"
