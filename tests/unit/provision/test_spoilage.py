"""Reasons: a short list in both languages, and no pupil's name in words of one's own."""

from __future__ import annotations

import pytest

from provision.secret import Secret
from provision.site.people import Participant, Roster
from provision.spoilage import Reason, ReasonRefused, reason_of, words_of

NAMES = ("Белоусова Анна Петровна", "Замятин Пётр", "Ли Чен", "Ковалёв-Ильин Олег", "Достоевская Вера")
ROSTER = Roster(tuple(Participant("7А", Secret(name), row) for row, name in enumerate(NAMES, 2)), {})


@pytest.mark.parametrize(
    ("typed", "recorded"),
    [
        ("jam", "jam"),
        ("замятие", "jam"),
        ("Замятие бумаги", "jam"),
        ("брак печати", "defect"),
        ("брак", "defect"),
        ("порча участником", "participant"),
        ("wrong-kit", "wrong-kit"),
        ("ошибка  комплектования", "wrong-kit"),
        ("иное: лист залит чаем", "other: лист залит чаем"),
        ("other: the window was open", "other: the window was open"),
        ("Иное - порвана кромка", "other: порвана кромка"),
    ],
)
def test_reasons_as_people_write_them(typed: str, recorded: str) -> None:
    assert reason_of(typed, ROSTER) == recorded


@pytest.mark.parametrize("typed", ["", "потому что", "иное", "иное:", "other: ", "other: " + "я" * 121])
def test_what_is_no_reason(typed: str) -> None:
    with pytest.raises(ReasonRefused):
        reason_of(typed, ROSTER)


@pytest.mark.parametrize(
    "words",
    [
        "порвала Белоусова",
        "лист белоусовой",
        "отдано БЕЛОУСОВУ",
        "Замятину дали чужой",
        "у Ковалева пятно",
        "пролил Ильин",
        "Ли порвал",
        "для Достоевской",
        "Достоевскую пересадили",
    ],
)
def test_a_pupils_surname_in_any_form_is_refused_and_not_repeated(words: str) -> None:
    with pytest.raises(ReasonRefused) as caught:
        reason_of(f"иное: {words}", ROSTER)
    said = str(caught.value) + caught.value.remedy
    assert not any(word in said for word in words.split() if len(word) > 4)


@pytest.mark.parametrize("words", ["лист замялся", "замятие в лотке", "белый лист", "кован", "или так"])
def test_words_that_only_begin_alike_are_not_names(words: str) -> None:
    assert reason_of(f"иное: {words}", ROSTER) == f"other: {words}"


def test_every_reason_has_words() -> None:
    for reason in Reason:
        assert words_of(str(reason))[0]
    assert words_of("other: чай")[1] == "чай"
