"""Which copy of a sheet counts, whatever was spoiled and ordered before."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from provision.copies import CopyBook, Order, Spoil, copies, draft, read
from provision.ledger import Ledger

ROOM = ("ma-7a", "204")
KIT = (*ROOM, "204-07")


def spoil(*pages: int, copy: int = 1) -> Spoil:
    return Spoil(*KIT, pages, copy, "jam", "Петров")


def order(copy: int, *pages: int, by: str = "") -> Order:
    return Order(*KIT, pages, copy, "jam", "Петров", by)


def test_every_sheet_is_copy_one_until_another_is_ordered() -> None:
    book = CopyBook()
    assert book.current(*KIT, 3) == 1
    assert not book.void(*KIT, 3, 1)
    assert book.void(*KIT, 3, 2), "nobody ordered it"


def test_a_spoiled_sheet_is_void_before_its_copy_is_ordered() -> None:
    book = CopyBook()
    book.note(spoil(3))
    assert book.void(*KIT, 3, 1)
    assert not book.void(*KIT, 4, 1)
    assert set(book.spoiled(*KIT)) == {3}
    book.note(order(2, 3))
    assert (book.void(*KIT, 3, 1), book.void(*KIT, 3, 2)) == (True, False)
    assert book.spoiled(*KIT) == {}
    assert not book.void(*KIT, 4, 1), "the other pages stay what they were"
    assert not book.void(*ROOM, "204-08", 3, 1), "and so do other kits"


def test_a_copy_may_be_spoiled_too() -> None:
    book = CopyBook()
    for event in (spoil(3), order(2, 3), spoil(3, copy=2)):
        book.note(event)
    assert book.void(*KIT, 3, 2)
    assert book.next_copy(*KIT, [3]) == 3
    assert book.next_copy(*KIT, [4]) == 2
    assert book.next_copy(*KIT, [3, 4]) == 3


@given(st.lists(st.sets(st.integers(1, 8), min_size=1), max_size=12))
def test_no_page_ever_gets_the_same_copy_number_twice(orders: list[set[int]]) -> None:
    book, given_out = CopyBook(), {(page, 1) for page in range(1, 9)}
    for wanted in orders:
        pages = tuple(sorted(wanted))
        copy = book.next_copy(*KIT, pages)
        fresh = {(page, copy) for page in pages}
        assert not fresh & given_out
        given_out |= fresh
        book.note(order(copy, *pages))
        assert all(
            book.void(*KIT, page, old) == (old != copy) for page in pages for old in range(1, copy + 2)
        )


def test_the_ledger_gives_back_what_was_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    events: list[Spoil | Order] = [spoil(3, 5), order(2, 3, 5, by="Иванова")]
    ledger.append(*map(draft, events))
    assert list(read(ledger)) == events
    assert copies(ledger).current(*KIT, 5) == 2
    assert copies(ledger).orders(*ROOM) == (events[1],)
    ledger.close()
