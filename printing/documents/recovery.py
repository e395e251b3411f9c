"""The sheet with the recovery key of the vault: printed once, kept in a safe, and what to do with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import segno

from printing.documents.layout import date_text
from printing.documents.paper import Area, Paper
from printing.documents.room import Translate
from printing.documents.type import Face, Style, wrap

_X, _WIDTH = 25.0, 160.0
_COLUMNS = 4
_ROW, _CELL = 11.5, 40.0
_SYMBOL = 52.0
_GROUP = 4


def recovery_sheet(
    school: str, words: Sequence[str], key: str, translate: Translate, *, when: dt.datetime
) -> bytes:
    """One page. ``words`` and ``key`` are the same secret twice: 24 words, and the text of the symbol."""
    _ = translate
    paper = Paper(_("Recovery sheet"))
    paper.text(_X, 30, _("Recovery sheet of the vault"), 22, Face.BOLD)
    paper.fitted(_X, 38, _WIDTH, school, Style(12, 8))
    made = _("Made on {date}, {time}. Every earlier sheet is void.")
    paper.text(_X, 45, made.format(date=date_text(when.date(), _), time=f"{when:%H:%M}"), 10)
    _warning(paper, _)
    _words(paper, words, _)
    _symbol(paper, key, _)
    _steps(paper, _)
    paper.signature(_X, 280, 72, _("sealed by: name, signature"))
    paper.signature(_X + 88, 280, 72, _("place of keeping, date"))
    return paper.finish()


def _warning(paper: Paper, translate: Translate) -> None:
    _ = translate
    area = Area(_X, 50, _WIDTH, 27)
    paper.box(area, 1.2)
    paper.text(_X + 5, 58, _("Whoever has this sheet can read the whole vault."), 12, Face.BOLD)
    text = _(
        "Put it into an envelope, seal and sign the envelope, and keep it in the school's safe: apart from "
        "the computer. Do not copy, photograph or scan it, and do not send it to anybody."
    )
    paper.lines(_X + 5, 64, wrap(text, Face.SANS, 10, _WIDTH - 10), 10, Style(10, 10))


def _words(paper: Paper, words: Sequence[str], translate: Translate) -> None:
    """In columns, read downwards."""
    _ = translate
    paper.text(_X, 86, _("The key in words"), 12, Face.BOLD)
    rows = -(-len(words) // _COLUMNS)
    top = 90.0
    for number, word in enumerate(words):
        column, row = divmod(number, rows)
        x, y = _X + column * _CELL, top + row * _ROW
        paper.box(Area(x, y, _CELL, _ROW))
        paper.text(x + 7.5, y + 7.4, str(number + 1), 8, grey=0.35, align="right")
        paper.text(x + 9.5, y + 7.6, word, 13, Face.MONO_BOLD)
    note = _("Four letters of each word are enough when it is typed. A checksum notices a wrong word.")
    paper.text(_X, top + rows * _ROW + 5.5, note, 9)


def _symbol(paper: Paper, key: str, translate: Translate) -> None:
    """The same key as a QR symbol, and in letters beside it."""
    _ = translate
    top = 173.0
    paper.text(_X, top, _("The same key for a scanner"), 12, Face.BOLD)
    dots = [[bool(dot) for dot in row] for row in segno.make_qr(key, error="q").matrix]
    dot = _SYMBOL / len(dots)
    for row, line in enumerate(dots):
        for column, dark in enumerate(line):
            if dark:
                paper.fill(Area(_X + column * dot, top + 4 + row * dot, dot, dot))
    x = _X + _SYMBOL + 8
    prefix, _one, rest = key.rpartition("1")
    groups = [rest[at : at + _GROUP] for at in range(0, len(rest), _GROUP)]
    lines = [f"{prefix}1", *(" ".join(groups[at : at + 5]) for at in range(0, len(groups), 5))]
    paper.lines(x, top + 8, lines, 12, Style(12, 12, Face.MONO, leading=1.4))
    note = _(
        "This is a key of the age format (age-encryption.org): without this program it opens the vault by "
        "age -d -i KEY identity.age, and what comes out opens each item."
    )
    width = _WIDTH - _SYMBOL - 8
    paper.lines(x, top + 38, wrap(note, Face.SANS, 9, width), 9, Style(9, 9))


def _steps(paper: Paper, translate: Translate) -> None:
    _ = translate
    paper.text(_X, 238, _("When the passphrase is forgotten"), 12, Face.BOLD)
    steps = (
        _("1. Open the envelope with a witness. On the computer, run: provision vault recover"),
        _("2. Type the 24 words, or scan the symbol. Set a new passphrase."),
        _("3. Print a new sheet: provision vault recovery. This one is void from then on: destroy it."),
    )
    lines = [line for step in steps for line in wrap(step, Face.SANS, 10.5, _WIDTH)]
    paper.lines(_X, 245, lines, 10.5, Style(10.5, 10.5, leading=1.4))
