"""The readiness protocol and the seat map, from no workstation to thirty."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools

import numpy as np
import pypdfium2 as pdfium
import pytest

from printing.documents.lab import Fault, Headset, Heard, Lab, Station, ready
from printing.documents.labmap import lab_map
from printing.documents.marks import Mark
from printing.documents.readiness import readiness
from tests.unit.printing.documents.reading import DPI, dark, texts

MADE = dt.datetime(2027, 4, 15, 8, 5, tzinfo=dt.timezone(dt.timedelta(hours=3)))
HASH = "109985cf3e6a7e233935255294904f2abe38fdb5e960adce4ed313efb1e19f7d"
LETTERS = "АБВГДЕЖИКЛМН"
LONG = (
    "Некоторые программы не могут записывать в такую папку. Сделайте пробную запись; если не выйдет, войдите "
    "под учётной записью с латинским именем или укажите другую папку ответов в inventory.yaml. Затем "
    "позовите координатора."
)


def fault(number: int, remedy: str = "Включите микрофон.") -> Fault:
    return Fault("Звук микрофона", f"уровень {number} %", "не меньше 40 %", remedy)


def station(number: int, mark: Mark = Mark.READY, columns: int = 6, **changes: object) -> Station:
    row, column = number // columns + 1, number % columns + 1
    seat = f"{row}{LETTERS[column - 1]}"
    made = Station(seat, row, column, f"192.168.10.{number}", False, mark, MADE, "Windows 10, 8 ГБ")
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def lab(stations: list[Station], rows: int = 6, columns: int = 6, **changes: object) -> Lab:
    taken = {(s.row, s.column) for s in stations}
    places = tuple(
        (row, column, f"{row}{LETTERS[column - 1]}")
        for row, column in itertools.product(range(1, rows + 1), range(1, columns + 1))
        if (row, column) not in taken
    )
    demands = tuple((f"Проверка {n}", f"не меньше {n} ГБ") for n in range(26))
    made = Lab(
        "Школа № 12", "ВПР", "204", MADE, rows, columns, tuple(stations), places, demands, "", 1234, HASH
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [0, 1, 2, 6, 7, 8, 9, 10, 11, 12, 30])
@pytest.mark.parametrize("faulty", [False, True])
def test_every_workstation_stands_there_once_and_signatures_are_not_alone(count: int, faulty: bool) -> None:
    mark = Mark.NOT_READY if faulty else Mark.READY
    faults = [(fault(n, f"Совет {n}."),) if faulty else () for n in range(count)]
    pages = texts(readiness(lab([station(n, mark, faults=faults[n]) for n in range(count)]), str))
    whole = " ".join(pages)
    for number in range(count):
        assert whole.count(f"192.168.10.{number} ") == 1
        assert not faulty or whole.count(f"Совет {number}.") == 1
    assert "Technical specialist" in pages[-1]
    if count:
        assert (f"192.168.10.{count - 1} " in pages[-1]) or (faulty and f"Совет {count - 1}." in pages[-1])
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert HASH in text


def test_what_was_checked_is_there_with_its_limits() -> None:
    whole = " ".join(texts(readiness(lab([]), str)))
    for number in range(26):
        assert f"Проверка {number} не меньше {number} ГБ" in whole
    assert "There are no workstations in this room." in whole
    assert "put right" not in whole


def test_long_remedies_are_not_cut() -> None:
    stations = [station(n, Mark.NOT_READY, faults=(fault(n, f"{n}. {LONG}"),)) for n in range(30)]
    whole = " ".join(texts(readiness(lab(stations), str)))
    for number in range(30):
        assert f"{number}. {LONG}" in whole
    assert "…" not in whole


def test_one_remedy_for_many_seats_is_told_once() -> None:
    one = [station(n, Mark.NOT_READY, faults=(fault(1),)) for n in range(30)]
    whole = " ".join(texts(readiness(lab(one), str)))
    assert whole.count("Включите микрофон.") == 1
    assert "all 30" in whole
    some = [
        station(n, Mark.NOT_READY if n < 3 else Mark.READY, faults=(fault(n),) * (n < 3)) for n in range(12)
    ]
    whole = " ".join(texts(readiness(lab(some), str)))
    assert "1А, 1Б, 1В уровень 0 %; уровень 1 %; уровень 2 % (demanded: не меньше 40 %)" in whole


def test_what_a_seat_says_of_many_checks_at_once_is_told_once() -> None:
    silent = tuple(
        Fault(title, "сервер звука не отвечает", limit, "Перезагрузите.")
        for title, limit in (("Гарнитура", "любая"), ("Звук микрофона", "включён"), ("USB-порт", ""))
    )
    whole = " ".join(texts(readiness(lab([station(0, Mark.NOT_READY, faults=silent)]), str)))
    assert whole.count("сервер звука не отвечает") == whole.count("Перезагрузите.") == 1
    assert "Гарнитура, звук микрофона, USB-порт 1А сервер" in whole


def test_reserves_are_counted_apart() -> None:
    stations = [station(0), station(1, Mark.NOT_READY), station(2, Mark.REMARKS, reserve=True)]
    for paper in (readiness, lab_map):
        whole = " ".join(texts(paper(lab(stations), str)))
        assert "Ready: 1 of 2 workstations · reserves: 1 of 1" in whole
        assert "reserve" in whole
    assert ready(stations) == 2


ROOMS = [(0, 4, 4), (6, 2, 3), (12, 3, 4), (30, 6, 6), (12, 40, 12)]


@pytest.mark.parametrize(("count", "rows", "columns"), ROOMS)
def test_the_map_is_one_page_with_every_seat(count: int, rows: int, columns: int) -> None:
    marks = list(Mark)
    stations = [station(n, marks[n % len(marks)], columns, faults=(fault(n),)) for n in range(count)]
    room = lab(stations, rows, columns)
    (text,) = texts(lab_map(room, str))
    for seat in [one.seat for one in stations] + [label for _r, _c, label in room.places]:
        assert f" {seat} " in f" {text} ", seat
    for mark in marks:
        assert f": {sum(one.mark is mark for one in stations)}" in text


@pytest.mark.parametrize("paper", [readiness, lab_map])
def test_nothing_touches_the_margins(paper: object) -> None:
    stations = [station(n, Mark.NOT_READY, faults=(fault(n, LONG),), reserve=n > 27) for n in range(30)]
    pdf = paper(lab(stations, school="Муниципальное бюджетное общеобразовательное учреждение " * 5), str)  # type: ignore[operator]
    for page in range(len(texts(pdf))):
        found = dark(pdf, page)
        edge = round(8 * DPI / 25.4)
        assert not found[:edge].any()
        assert not found[:, :edge].any()
        assert not found[:, -edge + 20 :].any()


def _cells(mark: Mark) -> np.ndarray:
    """The map's only cell without its words, in grey as a black-and-white printer has it."""
    made = lab_map(lab([station(0, mark, 1)], 1, 1, places=()), lambda _text: "")
    image = pdfium.PdfDocument(made)[0].render(scale=2, grayscale=True).to_numpy()
    return np.asarray(image)[: image.shape[0] // 2]


def test_the_signs_differ_without_colour_and_without_words() -> None:
    for one, other in itertools.combinations(Mark, 2):
        differing = (np.abs(_cells(one).astype(int) - _cells(other)) > 80).sum()
        assert differing > 40, (one, other)


def test_a_heavy_frame_says_that_somebody_must_act() -> None:
    black = {mark: int((_cells(mark) < 60).sum()) for mark in Mark}
    good = max(black[Mark.READY], black[Mark.REMARKS])
    assert all(black[mark] > good for mark in Mark if mark not in {Mark.READY, Mark.REMARKS}), black


def heard(count: int) -> Heard:
    """Each hears itself at -40 dB and the next at -60; from the second nothing came."""
    levels = tuple(
        None if row == 1 else tuple({0: -40.0, 1: -60.0}.get(column - row) for column in range(count))
        for row in range(count)
    )
    return Heard(MADE, tuple(f"{n // 6 + 1}{LETTERS[n % 6]}" for n in range(count)), levels)


@pytest.mark.parametrize("count", [2, 30])
def test_every_headset_has_its_line_and_who_hears_whom_is_drawn(count: int) -> None:
    stations = [station(n) for n in range(count)]
    lines = tuple(Headset(one.seat, Mark.READY, f"левый -{n} дБ", MADE) for n, one in enumerate(stations))
    document = readiness(lab(stations, headsets=lines, heard=(heard(count),)), str)
    pages = texts(document)
    whole = " ".join(pages)
    assert "3. Headsets" in whole
    for line in lines:
        assert whole.count(line.said + " ") + whole.count(line.said + "\n") >= 1
    assert "Who hears whom, 08:05" in whole
    assert "Technical specialist" in pages[-1]
    assert "Headsets" not in " ".join(texts(readiness(lab(stations), str)))
