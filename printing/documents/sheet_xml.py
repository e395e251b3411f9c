"""One sheet of an .xlsx as XML: its part found, its cells written, everything else left as it is.

The XML is changed directly: a workbook that openpyxl saves loses its pictures, shapes and printer settings.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from typing import Any, Final

from lxml import etree

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
NS: Final = {"m": MAIN, "r": REL, "p": PACKAGE}
BOOK: Final = "xl/workbook.xml"
BOOK_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LETTERS = re.compile(r"[A-Z]+")


def parsed(part: bytes) -> Any:
    """The root of a part; entities stay unresolved and nothing is fetched. Raises etree.XMLSyntaxError."""
    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))


def serialised(root: Any) -> bytes:
    """The part again."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def part_of(package: zipfile.ZipFile, workbook: Any, title: str) -> str:
    """The part of the package that holds the sheet called ``title``. Raises KeyError."""
    sheets = {
        node.get("name"): node.get(f"{{{REL}}}id") for node in workbook.iterfind("m:sheets/m:sheet", NS)
    }
    relations = parsed(package.read(BOOK_RELATIONS))
    targets = {node.get("Id"): node.get("Target") for node in relations.iterfind("p:Relationship", NS)}
    return posixpath.normpath(posixpath.join("/xl", targets[sheets[title]])).lstrip("/")


def row_at(root: Any, number: int) -> Any:
    """The row's element, made where the sheet has none."""
    data = root.find("m:sheetData", NS)
    after = 0
    for at, row in enumerate(data.iterfind("m:row", NS), start=1):
        found = int(row.get("r"))
        if found == number:
            return row
        if found < number:
            after = at
    made = etree.Element(f"{{{MAIN}}}row", r=str(number))
    data.insert(after, made)
    return made


def cell_at(root: Any, number: int, letters: str) -> Any:
    """The cell's element, made where the sheet has none."""
    row = row_at(root, number)
    after = 0
    for at, cell in enumerate(row.iterfind("m:c", NS), start=1):
        own = _LETTERS.match(cell.get("r"))
        if own is not None and own[0] == letters:
            return cell
        if own is not None and (len(own[0]), own[0]) < (len(letters), letters):
            after = at
    made = etree.Element(f"{{{MAIN}}}c", r=f"{letters}{number}")
    row.insert(after, made)
    return made


def empty(cell: Any) -> None:
    """Take the value out of a cell; its style stays."""
    cell.attrib.pop("t", None)
    for child in list(cell):
        cell.remove(child)


def write_number(cell: Any, text: str) -> None:
    """Put a number into a cell, as it is written in XML; the cell's style stays."""
    empty(cell)
    etree.SubElement(cell, f"{{{MAIN}}}v").text = text


def write_text(cell: Any, text: str) -> None:
    """Put a text into a cell; its style stays. No text leaves it empty."""
    empty(cell)
    if text:
        cell.set("t", "inlineStr")
        inline = etree.SubElement(cell, f"{{{MAIN}}}is")
        held = etree.SubElement(inline, f"{{{MAIN}}}t")
        held.text = text
        if text != text.strip() or "\n" in text:
            held.set(_SPACE, "preserve")
