"""Headings, paragraphs and lists recognised in lines of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from printing.documents.spans import Face, Span, Spans, cut, plain, tidy

_HARD_WRAP = 60
"""A longer line that ends in no full stop was broken by an editor, not by its author."""
_HEADING = 90
_ITEM = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,2}[.)]|[-–—•*·])\s+(\S.*)")
_STOPS = tuple('.!?:;,…»"')
_SPEAKS_OF_BOLD = re.compile(
    r"жирн\w+ (?:шрифт|начертани)|(?:выделен|набран|напечатан)\w* (?:полу)?жирн", re.IGNORECASE
)


class Kind(Enum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text; ``label`` is an item's number or a dash.

    The kind says nothing of faces: they are what the text came with.
    """

    kind: Kind
    spans: Spans
    label: Spans = ()


def blocks(text: str) -> list[Block]:
    """Recognise the blocks of a plain text. An empty line ends a block."""
    parts = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n").strip("\n\f "))
    return [block for part in parts for block in recognise([(Span(line),) for line in part.split("\n")])]


def recognise(lines: Sequence[Spans]) -> list[Block]:
    """The blocks of lines that nothing divides.

    A line goes on with the line before when it begins in lower case or when that one was broken for its
    length. A short line that stands alone, or is all capitals, and ends in no stop is a heading.
    """
    joined = _join([tidied for line in lines if (tidied := tidy(line))])
    return [_block(line, alone=len(joined) == 1) for line in joined]


def lost_its_bold(text: Sequence[Block]) -> bool:
    """Whether a text speaks of bold type and has none: it came on a way that keeps no faces."""
    spans = [span for block in text for span in (*block.label, *block.spans)]
    bold = any(span.face in {Face.BOLD, Face.BOLD_ITALIC} for span in spans if span.text.strip())
    return not bold and any(_SPEAKS_OF_BOLD.search(" ".join(plain(block.spans).split())) for block in text)


def _join(lines: list[Spans]) -> list[Spans]:
    joined: list[Spans] = []
    before = ""
    for line in lines:
        text = plain(line)
        broken = len(before) > _HARD_WRAP and not before.endswith(_STOPS)
        if before and not _ITEM.fullmatch(text) and (text[0].islower() or broken):
            joined[-1] = tidy([*joined[-1], Span(" "), *line])
        else:
            joined.append(line)
        before = text
    return joined


def _block(line: Spans, *, alone: bool) -> Block:
    text = plain(line)
    if item := _ITEM.fullmatch(text):
        label = item[1] if item[1][0].isdigit() else "—"
        return Block(Kind.ITEM, cut(line, item.start(2), len(text)), (Span(label, line[0].face),))
    short = len(text) <= _HEADING and not text.endswith(_STOPS)
    if short and (text.isupper() or (alone and len(text) <= _HARD_WRAP and not text[0].islower())):
        return Block(Kind.HEADING, line)
    return Block(Kind.PARAGRAPH, line)
