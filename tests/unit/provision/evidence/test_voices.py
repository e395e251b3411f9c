"""What the voices of a room say, as a table; and that nothing but evidence makes a room ready."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printing.journal import Attempt, Delivery, Entry
from provision.evidence.bundle import Print
from provision.evidence.heard import heard
from provision.evidence.voices import Gain, Word, gains, listen
from provision.ledger.evidence import Again, Complete, Counted, ExtraRemoved, MeterRun, Said, Scan
from tests.unit.provision.evidence.bundles import PAGES, bundle, scan, whole

CLAIMED, STORED, UNKNOWN = Delivery.CLAIMED, Delivery.STORED, Delivery.UNKNOWN
SAID, NOT_PRINTED = Delivery.PRINTED_SAYS_PERSON, Delivery.NOT_PRINTED_SAYS_PERSON
ALL = ("a1", "a2", "p")
RIGHT = Counted(10, 10, agrees=True, covers=ALL)
WRONG = Counted(9, 10, agrees=False)
UNCLEAR = Counted(9, 10, agrees=None)
EVEN, ODD = Gain(10, 10, frozenset(ALL)), Gain(11, 10, frozenset(ALL))

SILENT, AGREES, DISAGREES = Word.SILENT, Word.AGREES, Word.DISAGREES
NONE, SEEN, DOUBT = (SILENT, SILENT, SILENT), (AGREES, SILENT, SILENT), (DISAGREES, SILENT, SILENT)
TWO: list[Delivery | None] = [CLAIMED, CLAIMED]
TABLE: list[tuple[str, list[Delivery | None], list[Said], list[Gain], tuple[Word, ...], bool]] = [
    ("nothing but the queue", TWO, [], [], NONE, False),
    ("files", [STORED, STORED], [], [], NONE, False),  # the protocol is only claimed
    ("every kit scanned", TWO, [scan(1), scan(2)], [], SEEN, True),
    ("one kit not scanned", TWO, [scan(1)], [], NONE, False),
    ("typed numbers", TWO, [scan(1, 0), scan(2, 0)], [], SEEN, True),
    ("counted right", TWO, [RIGHT], [], (SILENT, AGREES, SILENT), True),
    ("counted wrong", TWO, [WRONG], [], (SILENT, DISAGREES, SILENT), False),
    ("right, then wrong", TWO, [RIGHT, WRONG], [], (SILENT, DISAGREES, SILENT), False),
    ("wrong, then right", TWO, [WRONG, RIGHT], [], (SILENT, AGREES, SILENT), True),
    ("count undecided", TWO, [UNCLEAR], [], NONE, False),
    ("scanned, counted wrong", TWO, [scan(1), scan(2), WRONG], [], (AGREES, DISAGREES, SILENT), False),
    ("undecided, whatever it covers", TWO, [Counted(9, 10, agrees=None, covers=ALL)], [], NONE, False),
    ("a mark twice", TWO, [scan(1), scan(1), scan(2)], [], DOUBT, False),
    ("a number twice", TWO, [scan(1, 0), scan(1, 0), scan(2)], [], SEEN, True),
    ("the second one destroyed", TWO, [scan(1), scan(1), scan(2), ExtraRemoved(1)], [],
     SEEN, True),
    ("and a third", TWO, [scan(1), scan(1), scan(2), ExtraRemoved(1), scan(1)], [],
     DOUBT, False),
    ("another's destroyed", TWO, [scan(1), scan(1), scan(2), ExtraRemoved(2)], [],
     DOUBT, False),
    ("begun again", TWO, [scan(1), scan(1), scan(2), Again()], [], NONE, False),
    ("begun again and scanned", TWO, [scan(1), scan(1), Again(), scan(1), scan(2)], [],
     SEEN, True),
    ("looked for in vain", TWO, [scan(1), Complete({2: {0: 1}})], [],
     DOUBT, False),
    ("counted, but looked for in vain", TWO, [RIGHT, Complete({2: {0: 1}})], [],
     (DISAGREES, AGREES, SILENT), False),
    ("found again", TWO, [scan(1), Complete({2: {0: 1}}), scan(2, 3)], [],
     SEEN, True),
    ("pages in vain", TWO, [scan(1), scan(2), Complete({2: {3: 1, 4: 1}}), scan(2, 3)], [],
     DOUBT, False),
    ("pages found", TWO, [scan(1), scan(2), Complete({2: {3: 1, 4: 1}}), scan(2, 3), scan(2, 4)], [],
     SEEN, True),
    ("a person's word is no scan", [CLAIMED, SAID], [scan(1)], [], NONE, False),
    ("unknown and scanned", [CLAIMED, UNKNOWN], [scan(1), *whole(2)], [], NONE, False),
    ("never sent and scanned", [CLAIMED, None], [scan(1), scan(2, attempt="never")], [],
     DOUBT, False),
    ("scanned, then said not to be", [CLAIMED, NOT_PRINTED], [scan(1), scan(2)], [],
     DOUBT, False),
    ("a paper of an earlier print", TWO, [scan(1), scan(2, attempt="before")], [],
     DOUBT, False),
    ("which was destroyed", TWO, [scan(1), scan(2, attempt="before"), ExtraRemoved(2, forget=True)],
     [], NONE, False),
    ("the meter alone", TWO, [], [EVEN], (SILENT, SILENT, AGREES), False),
    ("scan and meter", TWO, [scan(1), scan(2)], [EVEN], (AGREES, SILENT, AGREES), True),
    ("the meter differs", TWO, [scan(1), scan(2)], [ODD], (AGREES, SILENT, DISAGREES), False),
    ("a count overrules the meter", TWO, [RIGHT], [ODD], (SILENT, AGREES, DISAGREES), True),
    ("the meter cannot tell", TWO, [scan(1), scan(2)], [Gain(11, None, frozenset(ALL))],
     SEEN, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("states", "said", "meter", "words", "ready"), [r[1:] for r in TABLE], ids=[r[0] for r in TABLE]
)
def test_table(
    states: list[Delivery | None], said: list[Said], meter: list[Gain], words: tuple[Word, ...], ready: bool
) -> None:
    voices = listen(bundle(states), heard(said), meter)
    assert (voices.scan.word, voices.count.word, voices.meter.word) == words
    assert voices.ready is ready


def test_files_are_evidence_by_themselves() -> None:
    assert listen(bundle([STORED, STORED], STORED), heard([])).ready


def test_a_room_without_kits_is_counted() -> None:
    oral = bundle([], CLAIMED)
    assert not listen(oral, heard([])).ready
    assert listen(oral, heard([Counted(2, 2, agrees=True, covers=("p",))])).ready


def test_what_was_printed_after_the_count_needs_evidence_of_its_own() -> None:
    three = bundle([CLAIMED, CLAIMED, CLAIMED])
    assert not listen(three, heard([RIGHT])).ready
    assert listen(three, heard([RIGHT])).count.word is SILENT
    assert listen(three, heard([RIGHT, scan(3)])).ready


def with_copy(state: Delivery | None) -> Print:
    return Print("again", state, 2, (3, 4))


def replaced(state: Delivery | None = CLAIMED) -> object:
    """Kit 2 with its pages 3 and 4 printed again as copy 2."""
    made = bundle([CLAIMED, CLAIMED])
    first = replace(made.kits[1].prints[0], pages=(1, 2))
    return replace(made, kits=(made.kits[0], replace(made.kits[1], prints=(first, with_copy(state)))))


@pytest.mark.parametrize(
    ("said", "ready"),
    [
        ([scan(1), scan(2)], False),
        ([scan(1), scan(2), scan(2, 4, 2, "again")], True),
        ([scan(1), scan(2, 4, 2, "again")], False),
        ([RIGHT], False),
        ([RIGHT, scan(2, 3, 2, "again")], True),
        ([RIGHT, scan(2, 3, 1)], False),  # the void sheet is no evidence for the new one
        ([Complete({2: {3: 1, 4: 1}}), scan(1), scan(2), scan(2, 4, 2, "again")], True),
    ],
)
def test_a_copy_needs_evidence_of_its_own(said: list[Said], ready: bool) -> None:
    assert listen(replaced(), heard(said)).ready is ready  # type: ignore[arg-type]


def test_a_spoiled_page_is_never_ready() -> None:
    made = bundle([STORED, STORED], STORED)
    first = replace(made.kits[0], prints=(replace(made.kits[0].prints[0], pages=(1, 2, 3)),), spoiled=(4,))
    voices = listen(replace(made, kits=(first, made.kits[1])), heard([scan(1), scan(2), RIGHT]))
    assert not voices.ready


def test_doubts_name_the_kits() -> None:
    voices = listen(
        bundle([CLAIMED] * 4), heard([scan(1), scan(1), scan(2), Complete({3: {0: 1}, 2: {4: 1}}), WRONG])
    )
    assert [doubt.kits for doubt in voices.doubts] == [
        ("204-03",), ("204-02",), ("204-01",), ("204-02", "204-03", "204-04"),
    ]  # fmt: skip


def test_the_meters_sums_leave_out_what_failed_and_what_cannot_be_known() -> None:
    def entry(name: str, state: Delivery) -> Entry:
        return Entry(Attempt(name, f"e/204/kits/{name}", "P", 8), state)

    entries = [entry("a", CLAIMED), entry("b", Delivery.FAILED), entry("c", SAID), entry("d", UNKNOWN)]
    runs = [
        MeterRun("P", 16, frozenset("abc")),
        MeterRun("P", 8, frozenset("ad")),
        MeterRun("P", 3, frozenset()),
    ]
    assert gains(runs, entries) == (Gain(16, 16, frozenset("abc")), Gain(8, None, frozenset("ad")))


_sheets = st.builds(
    Scan,
    st.integers(1, 3),
    st.sampled_from([0, *PAGES]),
    st.integers(1, 2),
    attempt=st.sampled_from(["a1", "a2", "a3", "never", "before", ""]),
)
_covers = st.sets(st.sampled_from(["a1", "a2", "a3", "p"])).map(lambda found: tuple(sorted(found)))
_counts = st.builds(
    Counted, st.integers(0, 20), st.integers(0, 20), st.sampled_from([True, False, None]), _covers
)
_lost = st.dictionaries(
    st.integers(1, 3), st.dictionaries(st.sampled_from([0, *PAGES]), st.just(1), max_size=4)
)
_said = st.lists(
    st.one_of(
        _sheets,
        _counts,
        st.builds(Complete, _lost),
        st.just(Again()),
        st.builds(ExtraRemoved, st.integers(1, 3), st.booleans()),
    ),
    max_size=14,
)
_meter = st.lists(
    st.builds(Gain, st.integers(0, 9), st.integers(0, 9) | st.none(), st.frozensets(st.sampled_from(ALL))),
    max_size=2,
)


@given(
    states=st.lists(st.sampled_from([None, *Delivery]), min_size=1, max_size=3),
    small=st.sampled_from([None, *Delivery]),
    said=_said,
    meter=_meter,
)
@settings(max_examples=600, deadline=None)
def test_no_room_is_ready_without_evidence_for_every_kit(
    states: list[Delivery | None], small: Delivery | None, said: list[Said], meter: list[Gain]
) -> None:
    if not listen(bundle(states, small), heard(said), meter).ready:
        return
    begun = max((n for n, one in enumerate(said) if isinstance(one, Again)), default=-1)
    for index, state in enumerate(states, start=1):
        scanned = any(
            isinstance(one, Scan) and (one.kit, one.copy, one.attempt) == (index, 1, f"a{index}")
            for one in said[begun + 1 :]
        )
        counted = any(isinstance(one, Counted) and one.agrees and f"a{index}" in one.covers for one in said)
        assert state is not None
        assert state.delivered
        assert state is STORED or scanned or counted
    assert small is not None
    assert small.delivered
