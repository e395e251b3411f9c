"""What scans and counts decide of the unknown: always what truly lies in the tray, or nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printing.journal import Delivery
from provision.evidence.bundle import Bundle
from provision.evidence.heard import heard
from provision.evidence.settle import Settled, by_count, by_scan
from provision.evidence.voices import listen
from provision.ledger.evidence import Complete, Said
from tests.unit.provision.evidence.bundles import PAGES, bundle, scan, settled, whole

CLAIMED, UNKNOWN, FAILED = Delivery.CLAIMED, Delivery.UNKNOWN, Delivery.FAILED
ALL = frozenset(PAGES)


@pytest.mark.parametrize(
    ("state", "said", "complete", "expected"),
    [
        (UNKNOWN, whole(1), False, Settled(printed={"a1"})),
        (UNKNOWN, whole(1)[:3], False, Settled()),
        (UNKNOWN, [], False, Settled()),
        (UNKNOWN, [], True, Settled(unprinted={"a1"})),
        (UNKNOWN, whole(1)[:3], True, Settled(printed={"a1"}, missing={1: {4: 1}})),
        (UNKNOWN, [scan(1, page, attempt="before") for page in PAGES], False, Settled()),
        (UNKNOWN, [scan(1, 0)], True, Settled(printed={"a1"}, missing={1: dict.fromkeys(PAGES, 1)})),
        (CLAIMED, [], False, Settled()),
        (CLAIMED, [], True, Settled(missing={1: {0: 1}})),
        (CLAIMED, [scan(1, 2)], True, Settled()),
        (CLAIMED, [scan(1, 0)], True, Settled()),
        (CLAIMED, [scan(1, 1), scan(1, 2)], True, Settled(missing={1: {3: 1, 4: 1}})),
        (CLAIMED, [scan(1), Complete({1: {3: 1}})], True, Settled(missing={1: {3: 1}})),
        (FAILED, whole(1), False, Settled(printed={"a1"})),
        (FAILED, whole(1)[1:], True, Settled()),
        (None, whole(1), True, Settled()),
        (Delivery.PRINTING, [], True, Settled()),
    ],
)
def test_by_scan(state: Delivery | None, said: list[Said], complete: bool, expected: Settled) -> None:
    assert by_scan(bundle([state]), heard(said), complete=complete) == expected


def one_job(states: list[Delivery | None]) -> Bundle:
    """Kits that were sent in one job."""
    made = bundle(states)
    kits = tuple(replace(k, prints=(replace(k.prints[0], attempt="a1"),)) for k in made.kits)
    return replace(made, kits=kits)


def test_a_job_of_several_kits_is_decided_as_one() -> None:
    job = one_job([UNKNOWN, UNKNOWN])
    first = heard(whole(1))
    assert by_scan(job, first, complete=False) == Settled()
    assert by_scan(job, first, complete=True) == Settled(printed={"a1"}, missing={2: dict.fromkeys(PAGES, 1)})
    assert by_scan(job, heard([]), complete=True) == Settled(unprinted={"a1"})


def test_an_unknown_print_that_was_replaced_is_never_sent_again() -> None:
    made = bundle([UNKNOWN])
    void = replace(made.kits[0].prints[0], pages=())
    new = replace(made.kits[0].prints[0], attempt="b", state=CLAIMED, copy=2)
    replaced = replace(made, kits=(replace(made.kits[0], prints=(void, new)),))
    assert by_scan(replaced, heard([]), complete=True).printed == {"a1"}
    assert by_scan(replaced, heard([]), complete=False) == Settled()


_TRUTHS = {
    CLAIMED: [[], [ALL], [ALL, ALL], [frozenset({1, 2})], [frozenset({2, 3, 4})]],
    UNKNOWN: [[], [ALL], [ALL, ALL], [frozenset({1})], [frozenset({1, 2, 3})]],
}
_kit = st.sampled_from([CLAIMED, UNKNOWN]).flatmap(
    lambda state: st.tuples(st.just(state), st.sampled_from(_TRUTHS[state]))
)


@given(kits=st.lists(_kit, min_size=1, max_size=5), seed=st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_who_scans_everything_learns_the_truth(
    kits: list[tuple[Delivery, list[frozenset[int]]]], seed: object
) -> None:
    before = bundle([state for state, _papers in kits])
    sheets = [
        scan(index, page) for index, (_s, papers) in enumerate(kits, 1) for paper in papers for page in paper
    ]
    seed.shuffle(sheets)  # type: ignore[attr-defined]
    decided = by_scan(before, heard(sheets), complete=True)
    after = settled(before, decided)
    voices = listen(after, heard([*sheets, Complete(decided.missing)]))
    named = {number for doubt in voices.doubts for number in doubt.kits}
    for index, (state, papers) in enumerate(kits, start=1):
        attempt = f"a{index}"
        assert (attempt in decided.unprinted) == (state is UNKNOWN and not papers)
        assert (attempt in decided.printed) == (state is UNKNOWN and bool(papers))
        wrong = papers != [ALL] and not (state is UNKNOWN and not papers)
        assert (f"204-{index:02}" in named) == wrong
    assert voices.ready == all(papers == [ALL] for _state, papers in kits)


@pytest.mark.parametrize(
    ("states", "small", "sheets", "agrees", "printed", "unprinted"),
    [
        ([CLAIMED, CLAIMED], CLAIMED, 10, True, set(), set()),
        ([CLAIMED, CLAIMED], CLAIMED, 9, False, set(), set()),
        ([CLAIMED, CLAIMED], CLAIMED, 11, False, set(), set()),
        ([CLAIMED, UNKNOWN], CLAIMED, 10, True, {"a2"}, set()),
        ([CLAIMED, UNKNOWN], CLAIMED, 6, None, set(), set()),  # which of the two kits is it?
        ([CLAIMED, UNKNOWN], CLAIMED, 8, False, set(), set()),
        ([CLAIMED, CLAIMED], UNKNOWN, 10, True, {"p"}, set()),
        ([CLAIMED, CLAIMED], UNKNOWN, 8, True, set(), {"p"}),
        ([CLAIMED, CLAIMED], UNKNOWN, 9, False, set(), set()),
        ([CLAIMED, Delivery.PRINTING], CLAIMED, 10, None, set(), set()),
        ([CLAIMED, None], CLAIMED, 6, True, set(), set()),
        ([CLAIMED, FAILED], None, 4, True, set(), set()),
    ],
)
def test_by_count(
    states: list[Delivery | None],
    small: Delivery | None,
    sheets: int,
    agrees: bool | None,
    printed: set[str],
    unprinted: set[str],
) -> None:
    counted, decided = by_count(bundle(states, small), heard([]), sheets)
    assert counted.agrees is agrees
    assert (decided.printed, decided.unprinted) == (printed, unprinted)
    assert bool(counted.covers) == bool(agrees)


def test_a_count_decides_an_unknown_kit_when_all_others_were_scanned() -> None:
    counted, decided = by_count(bundle([CLAIMED, UNKNOWN]), heard([scan(1)]), 6)
    assert counted.agrees
    assert counted.covers == ("a1", "p")
    assert decided.unprinted == {"a2"}


@given(
    kits=st.lists(
        st.tuples(st.sampled_from([CLAIMED, UNKNOWN]), st.sampled_from([0, 4])), min_size=1, max_size=6
    ),
    small=st.tuples(st.sampled_from([CLAIMED, UNKNOWN]), st.sampled_from([0, 2])),
)
@settings(max_examples=400, deadline=None)
def test_a_count_that_loses_nothing_to_a_double_never_decides_wrongly(
    kits: list[tuple[Delivery, int]], small: tuple[Delivery, int]
) -> None:
    """Every sheet lies there once or not at all, whatever the queue claimed."""
    made = bundle([state for state, _sheets in kits], small[0])
    truth = {f"a{index}": bool(sheets) for index, (_state, sheets) in enumerate(kits, 1)} | {
        "p": bool(small[1])
    }
    lies = [a for a, there in truth.items() if not there and a in made.attempts({CLAIMED})]
    counted, decided = by_count(made, heard([]), sum(n for _s, n in kits) + small[1])
    assert all(truth[attempt] for attempt in decided.printed)
    if any(state is UNKNOWN for state, _sheets in kits) or not lies:
        assert not any(truth[attempt] for attempt in decided.unprinted)
        assert not counted.agrees or all(truth[attempt] for attempt in counted.covers)
