"""Papers of as many pages as it takes: where one ends, the running head of the next, and "Page 1 of 3"."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from printing.documents.layout import BOTTOM, FURTHER_TOP, LEFT, RIGHT, TOP
from printing.documents.paper import Paper
from printing.documents.room import Translate
from printing.documents.type import Face, Style, text_width


class Paged(ABC):
    """One pass over a paper, from top to bottom; ``pages`` is what the pass before it found."""

    def __init__(
        self, title: str, running: Sequence[str], translate: Translate, pages: int, *, room: str = ""
    ) -> None:
        """``title`` is the file's; the heads of further pages say ``running``, and the ``room`` in bold."""
        self._translate = translate
        self._paper = Paper(title)
        self._running, self._room = " · ".join(running), room
        self._page, self._pages = 1, pages
        self._y = 0.0

    def draw(self) -> tuple[bytes, int]:
        """The document and its number of pages."""
        self._content()
        self._end_page()
        return self._paper.finish(), self._page

    @abstractmethod
    def _content(self) -> None:
        """Everything from the head to the signatures."""

    @abstractmethod
    def _foot(self) -> None:
        """What stands beside the page's number."""

    def _end_page(self) -> None:
        _ = self._translate
        self._foot()
        number = _("Page {page} of {pages}").format(page=self._page, pages=self._pages)
        self._paper.text(RIGHT, BOTTOM + 4, number, 8, align="right")

    def _need(self, height: float) -> bool:
        """Go to another page when less than ``height`` is left; returns whether it did."""
        if self._y + height <= BOTTOM:
            return False
        self._end_page()
        self._paper.next_page()
        self._page += 1
        beside = text_width(self._room, Face.BOLD, 11) + 4 if self._room else 0.0
        self._paper.fitted(LEFT, TOP + 4, RIGHT - LEFT - beside, self._running, Style(9, 7))
        self._paper.text(RIGHT, TOP + 4, self._room, 11, Face.BOLD, align="right")
        self._paper.rule(LEFT, TOP + 6, RIGHT, TOP + 6, 0.5)
        self._y = FURTHER_TOP
        return True


def in_two_passes(drawing: Callable[[int], Paged]) -> bytes:
    """The document; the first pass only counts its pages."""
    return drawing(drawing(0).draw()[1]).draw()[0]


def record_proof(paper: Paper, events: int, last_hash: str, translate: Translate) -> None:
    """At the foot: what the ledger was when this was printed."""
    _ = translate
    paper.text(LEFT, BOTTOM + 4, _("Record: {count} events, the last one:").format(count=events), 6.5)
    paper.text(RIGHT - 24, BOTTOM + 4, last_hash, 6, Face.MONO, align="right")


def signatures(paper: Paper, first: float, step: float, people: Sequence[str], translate: Translate) -> None:
    """A line for each to sign, the first at ``first``, the next ``step`` below."""
    _ = translate
    for row, who in enumerate(people):
        line = first + step * row
        paper.fitted(LEFT, line - 1, 50, who, Style(10, 7))
        paper.signature(72, line, 60, _("full name"))
        paper.signature(136, line, 34, _("signature"))
        paper.signature(174, line, 26, _("date"))
