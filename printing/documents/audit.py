"""The report of a confidentiality audit: what leaks on a computer, why it matters to a person who is no
specialist, what is to be done, with a box to tick for each, and what was not looked at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from printing.documents.layout import BOTTOM, LEFT, RIGHT, TOP, date_text
from printing.documents.marks import Mark, sign
from printing.documents.paged import Paged, in_two_passes, signatures
from printing.documents.paper import Area
from printing.documents.room import Translate
from printing.documents.rows import Columns
from printing.documents.type import Face, Style, fit


@dataclass(frozen=True, slots=True)
class Entry:
    """One finding; texts are in the paper's language. ``urgent`` says how soon."""

    mark: Mark
    place: str
    what: str
    cure: str
    urgent: str


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one kind, and why they matter."""

    title: str
    why: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class AuditPaper:
    """All of it. ``unchecked`` are titles and reasons, ``well`` titles, ``accesses`` (when, who, what)."""

    school: str
    computer: str
    made: dt.datetime
    leaks: int
    risks: int
    not_checked: int
    files: int
    groups: tuple[Group, ...]
    unchecked: tuple[tuple[str, str], ...]
    well: tuple[str, ...]
    accesses: tuple[tuple[str, str, str], ...]


_ENTRIES = Columns(
    (10.0, 54.0, 40.0, 42.0, 20.0, 14.0),
    (
        Style(8, 6),
        Style(8, 6, Face.MONO, lines=9, leading=1.15, breaks="/"),
        Style(8.5, 6.5, lines=9, leading=1.15),
        Style(8.5, 6.5, lines=12, leading=1.15),
        Style(8, 6.5, lines=3, leading=1.12),
        Style(8, 6),
    ),
    least=8.0,
)
_PAIRS = Columns((52.0, 128.0), (Style(8.5, 6.5, lines=3), Style(8.5, 6.5, lines=4, leading=1.15)), least=5.0)
_ACCESSES = Columns(
    (26.0, 40.0, 114.0), (Style(8, 6.5), Style(8, 6.5, lines=2), Style(8, 6.5, lines=2)), least=5.0
)
_WHY = Style(9, 8, Face.ITALIC, lines=6, leading=1.18)
_POINT = 25.4 / 72
_SECTION = 11.0
_BOX = 4.4
_SIGN = 4.6
_END = 48.0


def audit_paper(paper: AuditPaper, translate: Translate) -> bytes:
    """The report, as many pages as it takes, the last one with the signatures."""
    return in_two_passes(lambda pages: _Drawing(paper, translate, pages))


class _Drawing(Paged):
    def __init__(self, about: AuditPaper, translate: Translate, pages: int) -> None:
        title = translate("Confidentiality audit")
        super().__init__(title, (title, about.computer, about.school), translate, pages)
        self._about = about

    def _content(self) -> None:
        self._head()
        self._sum()
        for number, group in enumerate(self._about.groups, start=1):
            self._group(number, group)
        self._lists()
        self._end()

    def _foot(self) -> None:
        _ = self._translate
        secret = _("For the coordinator: shows where confidential files lie. Keep it locked away.")
        self._paper.text(LEFT, BOTTOM + 4, secret, 6.5)

    def _head(self) -> None:
        _ = self._translate
        about, paper = self._about, self._paper
        top = paper.fitted(LEFT, TOP + 3, RIGHT - LEFT, about.school, Style(9, 7, lines=2)) + 2
        paper.rule(LEFT, top, RIGHT, top, 0.5)
        y = paper.fitted(LEFT, top + 8, RIGHT - LEFT, _("Confidentiality audit"), Style(17, 12, Face.BOLD))
        made = _("as of {date}, {time:%H:%M}").format(date=date_text(about.made.date(), _), time=about.made)
        words = _("Computer {computer} · {made} · {files} files looked at")
        told = words.format(computer=about.computer, made=made, files=about.files)
        self._y = paper.fitted(LEFT, y + 6, RIGHT - LEFT, told, Style(10, 7, lines=2)) + 4

    def _sum(self) -> None:
        """What was found, in large."""
        _ = self._translate
        about, paper, y = self._about, self._paper, self._y
        if about.leaks or about.risks:
            words = _("Leaks: {leaks} · risks: {risks}").format(leaks=about.leaks, risks=about.risks)
        elif about.not_checked:
            words = _("Nothing leaks in what was looked at")
        else:
            words = _("Nothing leaks; everything was looked at")
        if about.not_checked:
            words += " · " + _("not checked: {count}").format(count=about.not_checked)
        mark = Mark.READY
        for found, sign_of in (
            (about.not_checked, Mark.NOT_CHECKED),
            (about.risks, Mark.TIMED_OUT),
            (about.leaks, Mark.NOT_READY),
        ):
            mark = sign_of if found else mark
        paper.box(Area(LEFT, y, RIGHT - LEFT, 10), 1.2 if mark is Mark.READY else 0.5)
        sign(paper, mark, LEFT + 6, y + 5, 6.4)
        paper.fitted(LEFT + 12, y + 6.6, RIGHT - LEFT - 16, words, Style(13, 8, Face.BOLD))
        self._y = y + 12

    def _group(self, number: int, group: Group) -> None:
        """A title, why it matters, and the findings."""
        _ = self._translate
        size, lines = fit(group.why, _WHY, RIGHT - LEFT)
        why = len(lines) * size * _WHY.leading * _POINT
        rows = [("", one.place or "—", one.what, one.cure, one.urgent, "") for one in group.entries]
        heights = [_ENTRIES.height(row) for row in rows]
        self._need(_SECTION + why + 2 + _ENTRIES.head + heights[0])
        self._paper.text(LEFT, self._y + _SECTION - 3, f"{number}. {group.title}", 11.5, Face.BOLD)
        self._y = self._paper.lines(LEFT, self._y + _SECTION + 1.5, lines, size, _WHY) + 2.5
        heads = ("", _("Where"), _("What was found"), _("What to do"), _("How soon"), _("Done"))
        self._y = _ENTRIES.draw_head(self._paper, self._y, heads)
        for entry, row, height in zip(group.entries, rows, heights, strict=True):
            if self._need(height):
                self._y = _ENTRIES.draw_head(self._paper, self._y, heads)
            middle = self._y + height / 2
            sign(self._paper, entry.mark, LEFT + _ENTRIES.widths[0] / 2, middle, _SIGN)
            self._paper.box(
                Area(RIGHT - (_ENTRIES.widths[-1] + _BOX) / 2, middle - _BOX / 2, _BOX, _BOX), 0.7
            )
            self._y = _ENTRIES.draw_row(self._paper, self._y, height, row)

    def _lists(self) -> None:
        """What was not looked at, what is well, and who opened what."""
        _ = self._translate
        about = self._about
        if about.unchecked:
            self._table(
                _("Not checked: look there yourself"), _PAIRS, (_("Check"), _("Why")), about.unchecked
            )
        if about.accesses:
            heads = (_("Time"), _("Who"), _("What was done"))
            self._table(_("Who opened the vault"), _ACCESSES, heads, about.accesses)
        if about.well:
            words = _("Looked at and well: {titles}.").format(titles=", ".join(about.well))
            style = Style(9, 7, lines=8, leading=1.18)
            size, lines = fit(words, style, RIGHT - LEFT)
            self._need(len(lines) * size * style.leading * _POINT + 8)
            self._y = self._paper.lines(LEFT, self._y + 8, lines, size, style) + 2

    def _table(
        self, title: str, columns: Columns, heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
    ) -> None:
        self._need(_SECTION + columns.head + columns.height(rows[0]))
        self._paper.text(LEFT, self._y + _SECTION - 2.5, title, 11.5, Face.BOLD)
        self._y = columns.draw_head(self._paper, self._y + _SECTION, heads)
        for row in rows:
            height = columns.height(row)
            if self._need(height):
                self._y = columns.draw_head(self._paper, self._y, heads)
            self._y = columns.draw_row(self._paper, self._y, height, row)

    def _end(self) -> None:
        """Who advised, and who has read it."""
        _ = self._translate
        self._need(_END)
        paper = self._paper
        words = _(
            "The risks of using login and password, and those above, were explained to me. Login and "
            "password are never sent through mail or messengers."
        )
        paper.fitted(LEFT, BOTTOM - 38, RIGHT - LEFT, words, Style(9.5, 8, lines=2))
        people = (_("Technical specialist"), _("Responsible organiser of the school"))
        signatures(paper, BOTTOM - 20, 14, people, _)
