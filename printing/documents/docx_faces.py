"""Which face a run of a .docx has: bold and italic, said of it directly or by styles."""

from __future__ import annotations

from typing import Any, Literal

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from printing.documents.spans import Face

_FACES = {
    (False, False): Face.SANS,
    (True, False): Face.BOLD,
    (False, True): Face.ITALIC,
    (True, True): Face.BOLD_ITALIC,
}
_Property = Literal["bold", "italic"]
_TAGS: dict[_Property, str] = {"bold": "w:b", "italic": "w:i"}


class Faces:
    """The faces of one document's runs."""

    def __init__(self, document: Any) -> None:
        self._styles = document.styles
        self._known: dict[tuple[WD_STYLE_TYPE, str | None], Any] = {}

    def face(self, run: Run, paragraph: Paragraph, table: Any = None) -> Face:
        """The run's face; ``table`` is the w:tbl element that the paragraph stands in.

        Of a table's style its own bold and italic count, not those of its first row or column.
        """
        # from the lowest level of ECMA-376-1, 17.7.2, to the highest
        styles = [
            self._of_table(table),
            self._style(paragraph._element.style, WD_STYLE_TYPE.PARAGRAPH),
            self._style(run._element.style, WD_STYLE_TYPE.CHARACTER),
        ]
        return _FACES[self._has("bold", run, styles), self._has("italic", run, styles)]

    def _has(self, name: _Property, run: Run, styles: list[Any]) -> bool:
        """ECMA-376-1, 17.7.3: direct formatting sets, a style that says yes turns what is below it over.

        So "strong" words in a bold paragraph are not bold. Where a style says no, it is no: the standard
        would leave what is below, word processors do not.
        """
        direct: bool | None = getattr(run, name)
        if direct is not None:
            return direct
        path = f"w:docDefaults/w:rPrDefault/w:rPr/{_TAGS[name]}"
        has = default = any(element.val for element in self._styles.element.xpath(path))
        for style in styles:
            said = _said(name, style)
            if said is not None:
                has = said and (default or not has)
        return has

    def _of_table(self, table: Any) -> Any:
        properties = None if table is None else table.tblPr
        named = None if properties is None else properties.find(qn("w:tblStyle"))
        return self._style(None if named is None else named.val, WD_STYLE_TYPE.TABLE)

    def _style(self, name: str | None, kind: WD_STYLE_TYPE) -> Any:
        """A style by its id, the default of its kind without one: looked for once, through all there are."""
        if (kind, name) not in self._known:
            self._known[kind, name] = self._styles.get_by_id(name, kind)
        return self._known[kind, name]


def _said(name: _Property, style: Any) -> bool | None:
    """What the style, or else the nearest that it is based on, says."""
    passed: list[Any] = []
    while style is not None and style not in passed:
        said: bool | None = getattr(style.font, name)
        if said is not None:
            return said
        passed.append(style)
        style = style.base_style
    return None
