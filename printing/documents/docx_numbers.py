"""The automatic numbers of a .docx, which its text does not hold."""

from __future__ import annotations

import re
from typing import Any

from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph


class Numbers:
    """The automatic numbers of a document, counted as a word processor does."""

    def __init__(self, document: Any) -> None:
        self._counts: dict[tuple[str, int], int] = {}
        try:
            self._root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            self._root = None

    def label(self, paragraph: Paragraph) -> str:
        """ "3. " or "— ", and "" for a paragraph that is no item. Counts it: to be asked once, in order."""
        properties: Any = paragraph._p.pPr
        if (properties is None or properties.numPr is None) and paragraph.style is not None:
            properties = paragraph.style.element.pPr
        numbering = None if properties is None else properties.numPr
        if numbering is None or numbering.numId is None:
            return ""
        number = str(numbering.numId.val)
        level = 0 if numbering.ilvl is None else int(numbering.ilvl.val)
        definition = self._level(number, level)
        if definition is None:
            return ""
        kind, pattern = definition
        if kind == "none":
            return ""
        if kind == "bullet":
            return "— "
        self._counts[number, level] = self._counts.get((number, level), 0) + 1
        for key in [key for key in self._counts if key[0] == number and key[1] > level]:
            del self._counts[key]
        return re.sub(r"%(\d)", lambda at: str(self._counts.get((number, int(at[1]) - 1), 1)), pattern) + " "

    def _level(self, number: str, level: int) -> tuple[str, str] | None:
        """Format and pattern ("%1.") of a level of a list."""
        if self._root is None:
            return None
        abstract = self._root.xpath(f'w:num[@w:numId="{number}"]/w:abstractNumId/@w:val')
        if not abstract:
            return None
        found = self._root.xpath(f'w:abstractNum[@w:abstractNumId="{abstract[0]}"]/w:lvl[@w:ilvl="{level}"]')
        if not found:
            return None
        kind = found[0].find(qn("w:numFmt"))
        pattern = found[0].find(qn("w:lvlText"))
        return (
            "decimal" if kind is None else kind.get(qn("w:val")),
            f"%{level + 1}." if pattern is None else pattern.get(qn("w:val")),
        )
