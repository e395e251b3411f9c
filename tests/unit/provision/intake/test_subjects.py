from __future__ import annotations

import pytest

from provision.intake.subjects import same_subject, topic


@pytest.mark.parametrize(
    ("text", "subjects", "classes"),
    [
        ("MA7_v1.pdf", {"mathematics"}, {(7, "")}),
        ("МА-07", {"mathematics"}, {(7, "")}),
        ("vpr_2026_ma_7.zip", {"mathematics"}, {(7, "")}),
        ("RU0701.pdf", {"russian"}, {(7, "")}),
        ("Русский язык, 5 «Б» класс", {"russian"}, {(5, "Б")}),
        ("англ_8А", {"english"}, {(8, "А")}),
        ("ИЯ 7 кл часть 2", {"foreign"}, {(7, "")}),
        ("Иностранный язык (английский) 11 класс", {"english"}, {(11, "")}),
        ("математике в 7-х классах", {"mathematics"}, {(7, "")}),
        ("GG6", {"geography"}, {(6, "")}),
        ("ИС 5", {"history"}, {(5, "")}),
        ("БИ_6а", {"biology"}, {(6, "А")}),
        ("ФИ8 и ХИ8", {"physics", "chemistry"}, {(8, "")}),
        ("Коды 7A.xlsx", set(), {(7, "А")}),
        ("инструкция об экзамене 14 апреля 2026 г. в 07:30, каб. 204", set(), set()),
        ("Вариант 1", set(), set()),
    ],
)
def test_what_a_name_speaks_of(text: str, subjects: set[str], classes: set[tuple[int, str]]) -> None:
    found = topic(text, name=True)
    assert (set(found.subjects), set(found.classes)) == (subjects, classes)


def test_short_forms_do_not_count_in_a_text() -> None:
    assert not topic("МА и ИС: как об этом пишут на сайте ru").subjects


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("МА", "Математика", True),
        ("Англ. язык", "Английский язык", True),
        ("Иностранный язык", "Английский язык", True),
        ("Немецкий язык", "Английский язык", False),
        ("Русский язык", "Математика", False),
        ("Основы безопасности", "ОСНОВЫ БЕЗОПАСНОСТИ", True),
        ("Основы безопасности", "Основы религии", False),
    ],
)
def test_the_same_subject_in_other_words(one: str, other: str, same: bool) -> None:
    assert same_subject(one, other) is same
    assert same_subject(other, one) is same
