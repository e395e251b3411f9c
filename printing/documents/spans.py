"""A text in one face or several: what is written, before anything is drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple


class Face(StrEnum):
    """The fonts; the value is the name under which they are drawn."""

    SANS = "PTSans"
    BOLD = "PTSans-Bold"
    ITALIC = "PTSans-Italic"
    BOLD_ITALIC = "PTSans-BoldItalic"
    MONO = "PTMono"
    MONO_BOLD = "PTMono-Bold"


class Span(NamedTuple):
    """A piece of text in one face."""

    text: str
    face: Face = Face.SANS


Spans = tuple[Span, ...]
"""A text in one face or several."""


def plain(spans: Iterable[Span]) -> str:
    """The text without its faces."""
    return "".join(span.text for span in spans)


def cut(spans: Iterable[Span], start: int, end: int) -> Spans:
    """What ``plain(spans)[start:end]`` is, in its faces. Neither index may be negative."""
    found: list[Span] = []
    at = 0
    for text, face in spans:
        if piece := text[max(0, start - at) : max(0, end - at)]:
            found.append(Span(piece, face))
        at += len(text)
    return tuple(found)


def tidy(spans: Iterable[Span]) -> Spans:
    """Single spaces, none at the ends, and no two spans of one face side by side."""
    letters: list[tuple[str, Face]] = []
    for text, face in spans:
        for letter in text:
            if not letter.isspace():
                letters.append((letter, face))
            elif letters and letters[-1][0] != " ":
                letters.append((" ", letters[-1][1]))
    if letters and letters[-1][0] == " ":
        letters.pop()
    groups = groupby(letters, key=lambda letter: letter[1])
    return tuple(Span("".join(letter for letter, _ in group), face) for face, group in groups)
