"""Pupils' surnames are found in every case and glued to anything; other words stay."""

from __future__ import annotations

import pytest

from provision.secret import Secret
from provision.site.surnames import Surnames

PUPILS = Surnames(map(Secret, ("Белова-Преображенская Анна", "Соловьёв Матвей Ильич", "Ян Ли", "")))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("коды Соловьёва.xlsx", "коды ….xlsx"),
        ("7А_соловьев_2.csv", "7А_…_2.csv"),
        ("для Беловой и Преображенской", "для … и …"),
        ("Яну", "…"),
    ],
)
def test_a_surname_is_masked(text: str, masked: str) -> None:
    assert PUPILS.among(text)
    assert PUPILS.mask(text) == masked


def test_other_words_stay() -> None:
    for text in ("Новый текстовый документ (2).txt", "5d1f0c2e.zip", "Матвей", "январь"):
        assert not PUPILS.among(text)
        assert PUPILS.mask(text) == text


def test_nobody_is_no_surname() -> None:
    assert Surnames(()).mask("коды.xlsx") == "коды.xlsx"
