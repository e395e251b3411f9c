"""Tables on narrow screens: words stay whole while they can, and nothing is cut off."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from rich.console import Console
from rich.text import Text

from provision.cli import screen

ROWS = [
    ("Математика 7А", "201", "23/23", "[bold]СОСЧИТАЙТЕ ЛИСТЫ[/]"),
    ("Английский язык 7А, часть 2, устная", "204", "—", "[yellow]не напечатано[/]"),
]
WORDS = {"Английский", "устная", "СОСЧИТАЙТЕ", "напечатано", "23/23", "состояние"}


def shown(monkeypatch: pytest.MonkeyPatch, width: int) -> list[str]:
    paper = Console(file=io.StringIO(), width=width)
    monkeypatch.setattr(screen, "console", lambda: paper)
    paper.print(screen.table("15.04", ["работа", "ауд.", screen.right("ИК"), "состояние"], ROWS))
    assert isinstance(paper.file, io.StringIO)
    return paper.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [35, 40, 52, 80])
def test_words_stay_whole(monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    lines = shown(monkeypatch, width)
    assert set(" ".join(lines).split()) >= WORDS
    assert max(len(line.rstrip()) for line in lines) <= width


def test_where_words_must_be_broken_no_letter_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 30)
    assert max(len(line.rstrip()) for line in lines) <= 30
    wanted = "".join(Text.from_markup(cell).plain for row in ROWS for cell in row)
    assert not Counter(wanted.replace(" ", "")) - Counter("".join(lines))


def test_where_there_is_room_a_row_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 120)
    assert sum("201" in line and "СОСЧИТАЙТЕ ЛИСТЫ" in line for line in lines) == 1
