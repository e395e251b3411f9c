"""One spelling for classes and seats, however they were typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.site.model import SEAT_LETTERS, Room
from provision.site.names import normal_class, normal_seat


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        *[
            (t, "7А")
            for t in ("7А", "7а", " 7 А ", "7 «А»", "7-А", "7–а", "7A", "7a", '7 "А"', "7.А", "7 (А)")
        ],
        *[(t, "7А") for t in ("7 А класс", "7а кл.", "7\u00a0А", "７А")],
        *[(t, "7В") for t in ("7В", "7B")],
        ("11", "11"),
        ("9 класс", "9"),
        ("7/1", "7-1"),
        ("10ИНЖ", "10ИНЖ"),
        *[(t, None) for t in ("7b", "7V", "71", "13А", "А", "", "класс", "Иванов", "7АБВГ", "0А")],
    ],
)
def test_classes(typed: str, normal: str | None) -> None:
    assert normal_class(typed) == normal


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        *[(t, "1А") for t in ("1А", "1а", "А1", "1 A", "1-а", "a1")],
        ("12Б", "12Б"),
        *[(t, None) for t in ("", "1", "А", "0А", "1АБ", "первое")],
    ],
)
def test_seats(typed: str, normal: str | None) -> None:
    assert normal_seat(typed) == normal


@given(st.integers(1, 40), st.integers(1, len(SEAT_LETTERS)))
def test_every_seat_of_a_room_is_normal(row: int, column: int) -> None:
    label = Room(number="1", rows=40, columns=12).seat_label(row, column)
    assert normal_seat(label) == label


@given(st.text(max_size=12))
def test_normal_is_stable(text: str) -> None:
    for normal in (normal_class, normal_seat):
        once = normal(text)
        assert once is None or normal(once) == once
