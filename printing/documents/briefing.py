"""The briefing that an invigilator reads out before the work, in type to read standing, at arm's length.

Bold tells the invigilator which words are read aloud, and italics often which are not. So the text has on the
paper the faces that it came with and no others: a heading is larger, not bold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from printing.documents.layout import (
    BOTTOM,
    FURTHER_TOP,
    LEFT,
    RIGHT,
    footer,
    heading,
    revision_notice,
    running_head,
)
from printing.documents.paper import Paper
from printing.documents.plaintext import Block, Kind, blocks
from printing.documents.room import RoomSheet, Translate
from printing.documents.spans import Spans
from printing.documents.type import text_width, wrap_spans

_SIZE, _HEADING_SIZE, _LEADING = 15.0, 17.0, 7.4
_GAP, _GAP_ABOVE_HEADING = 2.8, 5.6
_INDENT = 11.0
_WHOLE = 3
"""Paragraphs of so many lines are never divided between pages."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A typeset line; ``gap`` is white above it, in mm, dropped at the top of a page."""

    spans: Spans
    size: float = _SIZE
    indent: float = 0.0
    label: Spans = ()
    gap: float = 0.0


def briefing(sheet: RoomSheet, text: Sequence[Block] | None, translate: Translate) -> bytes:
    """Typeset ``text``; None, when none was downloaded, gives a short general text that says so."""
    _ = translate
    title = _("Briefing for participants")
    paper = Paper(_("Briefing, room {room}").format(room=sheet.room))
    y = heading(paper, sheet, title, _)
    if text is None:
        y = revision_notice(paper, y, _("General text: no briefing was downloaded for this subject")) + 3
        text = blocks(_general_text(_))
    pages = _paginate(text, BOTTOM - y, BOTTOM - FURTHER_TOP)
    for page, lines in enumerate(pages, start=1):
        if page > 1:
            paper.next_page()
            y = running_head(paper, sheet, title, _)
        for number, line in enumerate(lines):
            y += _LEADING + (line.gap if number else 0)
            _draw(paper, LEFT, y, line.label, line.size)
            _draw(paper, LEFT + line.indent, y, line.spans, line.size)
        footer(paper, sheet, page, len(pages), _)
    return paper.finish()


def _draw(paper: Paper, x: float, y: float, spans: Spans, size: float) -> None:
    for text, face in spans:
        paper.text(x, y, text, size, face)
        x += text_width(text, face, size)


def _general_text(translate: Translate) -> str:
    """What holds for every work; nothing in it depends on the subject."""
    _ = translate
    return "\n\n".join(
        (
            _("Today you write a national test. Listen carefully to how it is done."),
            _("1. You were given a slip with your participant code. Check that it shows your seat."),
            _("2. Check that no page of your kit is missing and that every page is printed well."),
            _(
                "3. Using mobile phones and other means of communication, photo and video equipment, "
                "portable and pocket computers is forbidden in the room."
            ),
            _("4. If a page is missing or badly printed, raise your hand: you will be given a spare kit."),
            _("Are there any questions? You may begin."),
        )
    )


def _paginate(found: Sequence[Block], first: float, further: float) -> list[list[_Line]]:
    """Fill page after page with pieces that stay together."""
    pages: list[list[_Line]] = [[]]
    room = first
    for piece in _pieces(found):
        height = sum(_LEADING + line.gap for line in piece)
        if pages[-1] and height > room:
            pages.append([])
            room = further
        room -= height
        pages[-1] += piece
    return pages


def _pieces(found: Sequence[Block]) -> Iterator[list[_Line]]:
    """Lines that stay together: no first or last line of a paragraph stands alone, no heading ends a page."""
    held: list[_Line] = []
    for number, block in enumerate(found):
        lines = _set(block)
        followed = number + 1 < len(found) and found[number + 1].kind is not Kind.HEADING
        if block.kind is Kind.HEADING and followed:
            held = lines
            continue
        if len(lines) <= _WHOLE:
            yield held + lines
        else:
            yield held + lines[:2]
            yield from ([line] for line in lines[2:-2])
            yield lines[-2:]
        held = []


def _set(block: Block) -> list[_Line]:
    """A block's lines."""
    size = _HEADING_SIZE if block.kind is Kind.HEADING else _SIZE
    indent = _INDENT if block.kind is Kind.ITEM else 0.0
    first, *rest = [
        _Line(spans, size, indent) for spans in wrap_spans(block.spans, size, RIGHT - LEFT - indent)
    ]
    gap = _GAP_ABOVE_HEADING if block.kind is Kind.HEADING else _GAP
    return [replace(first, label=block.label, gap=gap), *rest]
