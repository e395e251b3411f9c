"""An .xlsx or .xlsm form as a :class:`Book`. Everything that is read is bounded, and nothing is fetched."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from lxml import etree

from printing.documents.sheet_xml import BOOK, MAIN, NS, REL, parsed, part_of
from provision.errors import N_
from provision.forms.book import (
    MAX_CELLS,
    Area,
    Ask,
    Book,
    Cell,
    Place,
    Rule,
    Sheet,
    Value,
    area_at,
    cell_at,
    range_values,
)
from provision.forms.errors import FormDamaged, FormRefused
from provision.intake.errors import IntakeError
from provision.intake.members import Limits, Member, check_members

_LIMITS: Final = Limits(members=2_000, member_bytes=32 << 20, total_bytes=96 << 20)
_BROKEN = (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, etree.XMLSyntaxError)
_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_XM = "http://schemas.microsoft.com/office/excel/2006/main"
_ALL = {**NS, "x14": _X14, "xm": _XM}
_STRICT = b"http://purl.oclc.org/ooxml"
_REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!\[\]]+))!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)")
_PLAIN = re.compile(r"\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?")


def package(content: bytes) -> zipfile.ZipFile:
    """The file as the zip that it is, within bounds; never unpacked to a disk. Raises FormDamaged and
    FormRefused."""
    try:
        found = zipfile.ZipFile(io.BytesIO(content))
        members = [
            Member(i.filename, i.file_size, i.compress_size, encrypted=False) for i in found.infolist()
        ]
        check_members("", [m for m in members if not m.name.endswith("/")], len(content), _LIMITS)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _damaged() from error
    except IntakeError as error:
        raise FormRefused(N_("the form unpacks to far more than a form holds, or its parts lie")) from error
    names = set(found.namelist())
    if any(name.startswith("_xmlsignatures/") for name in names):
        raise FormRefused(N_("the form carries a digital signature, which filling it would break"))
    if any(name.startswith("xl/revisions/") for name in names):
        raise FormRefused(N_("the form is shared between several people and keeps a log of their changes"))
    if "xl/workbook.bin" in names:
        raise FormRefused(N_("the form is an .xlsb file; these are not filled"))
    if BOOK not in names:
        raise _damaged()
    return found


def part(found: zipfile.ZipFile, name: str) -> Any:
    """A part of the package as XML. Raises FormDamaged, and FormRefused for one that declares entities."""
    try:
        raw = found.read(name)
        root = parsed(raw)
    except _BROKEN as error:
        raise _damaged() from error
    if root.getroottree().docinfo.doctype:
        raise FormRefused(N_("the form declares a document type, which no office program writes"))
    if _STRICT in raw[:4096]:
        raise FormRefused(N_("the form is a “Strict Open XML” workbook; these are not filled"))
    return root


def read(content: bytes) -> Book:
    """The form. Raises FormDamaged and FormRefused."""
    with package(content) as found:
        try:
            return _read(found)
        except (*_BROKEN, ValueError, TypeError, AttributeError) as error:
            raise _damaged() from error


def _read(found: zipfile.ZipFile) -> Book:
    book = part(found, BOOK)
    texts = _shared(found)
    locked = _locked(found)
    names = set(found.namelist())
    listed = [node for node in book.iterfind("m:sheets/m:sheet", NS) if node.get(f"{{{REL}}}id")]
    sheets, roots = [], []
    for node in listed:
        root = part(found, part_of(found, book, node.get("name")))
        if root.tag != f"{{{MAIN}}}worksheet":
            continue
        sheets.append(_sheet(node, root, texts, locked))
        roots.append(root)
    targets = dict(_names(book, [node.get("name") for node in listed]))
    single = {
        name: Place(sheet, area.top, area.left)
        for (name, _scope), (sheet, area) in targets.items()
        if (area.top, area.left) == (area.bottom, area.right)
    }
    by_name = {sheet.name: sheet for sheet in sheets}
    ruled = tuple(
        replace(sheet, rules=tuple(_rules(sheet, root, by_name, targets)))
        for sheet, root in zip(sheets, roots, strict=True)
    )
    settings = book.find("m:workbookPr", NS)
    date1904 = settings is not None and settings.get("date1904") in ("1", "true")
    return Book("xlsx", ruled, single, "xl/vbaProject.bin" in names, tuple(_links(found)), date1904)


def _sheet(node: Any, root: Any, texts: tuple[str, ...], locked: tuple[bool, ...]) -> Sheet:
    cells: dict[tuple[int, int], Cell] = {}
    for element in root.iterfind("m:sheetData/m:row/m:c", NS):
        at = cell_at(element.get("r") or "")
        if at is None:
            raise _damaged()
        style = int(element.get("s") or 0)
        value = _value(element, texts)
        formula = element.find("m:f", NS) is not None
        cells[at] = Cell(value, formula, locked[style] if style < len(locked) else True, style)
        if len(cells) > MAX_CELLS:
            raise FormRefused(N_("the form is too big to be read"))
    for area in _computed_areas(root):
        for at in [at for at in cells if area.holds(*at)]:
            cells[at] = replace(cells[at], formula=True)
    merges = (area_at(merge.get("ref")) for merge in root.iterfind("m:mergeCells/m:mergeCell", NS))
    protection = root.find("m:sheetProtection", NS)
    protected = protection is not None and protection.get("sheet") in ("1", "true")
    visible = node.get("state", "visible") == "visible"
    return Sheet(node.get("name"), visible, protected, cells, tuple(area for area in merges if area))


def _computed_areas(root: Any) -> Iterator[Area]:
    """What one formula fills as a whole: only its first cell says so."""
    for formula in root.iterfind("m:sheetData/m:row/m:c/m:f", NS):
        if formula.get("t") in ("array", "dataTable") and (area := area_at(formula.get("ref") or "")):
            yield area


def _value(cell: Any, texts: tuple[str, ...]) -> Value:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell.find("m:is", NS))
    held = cell.find("m:v", NS)
    if held is None or held.text is None:
        return None
    if kind == "s":
        index = int(held.text)
        if not 0 <= index < len(texts):
            raise _damaged()
        return texts[index]
    if kind == "n":
        return float(held.text)
    return held.text == "1" if kind == "b" else str(held.text)


def _text(holder: Any) -> str:
    """A text with its runs of fonts joined; readings left out."""
    if holder is None:
        return ""
    return "".join(
        node.text or "" for node in holder.iterfind(".//m:t", NS) if node.getparent().tag != f"{{{MAIN}}}rPh"
    )


def _shared(found: zipfile.ZipFile) -> tuple[str, ...]:
    if "xl/sharedStrings.xml" not in found.namelist():
        return ()
    return tuple(_text(node) for node in part(found, "xl/sharedStrings.xml").iterfind("m:si", NS))


def _locked(found: zipfile.ZipFile) -> tuple[bool, ...]:
    if "xl/styles.xml" not in found.namelist():
        return ()
    styles = part(found, "xl/styles.xml").iterfind("m:cellXfs/m:xf", NS)
    said = (style.find("m:protection", NS) for style in styles)
    return tuple(one is None or one.get("locked", "1") not in ("0", "false") for one in said)


_Targets = Mapping[tuple[str, str | None], tuple[str, Area]]


def _names(book: Any, order: list[str]) -> Iterator[tuple[tuple[str, str | None], tuple[str, Area]]]:
    """Names of one range each, with the sheet that alone knows them (None: all)."""
    for node in book.iterfind("m:definedNames/m:definedName", NS):
        target = _reference(node.text or "")
        if target is not None and not node.get("name", "").startswith("_xlnm."):
            scope = node.get("localSheetId")
            yield (node.get("name"), order[int(scope)] if scope is not None else None), target


def _reference(text: str) -> tuple[str, Area] | None:
    found = _REFERENCE.fullmatch(text.strip().lstrip("="))
    area = area_at(found[3].replace("$", "")) if found else None
    if found is None or area is None:
        return None
    return (found[1] or found[2]).replace("''", "'"), area


def _rules(sheet: Sheet, root: Any, sheets: Mapping[str, Sheet], targets: _Targets) -> Iterator[Rule]:
    for node in root.iterfind("m:dataValidations/m:dataValidation", NS):
        formulas = [node.findtext(f"m:formula{number}", None, NS) for number in (1, 2)]
        yield _rule(node, node.get("sqref"), formulas, sheet, sheets, targets)
    for node in root.iterfind(".//x14:dataValidation", _ALL):
        formulas = [node.findtext(f"x14:formula{number}/xm:f", None, _ALL) for number in (1, 2)]
        yield _rule(node, node.findtext("xm:sqref", None, _ALL), formulas, sheet, sheets, targets)


def _rule(
    node: Any,
    where: str | None,
    formulas: list[str | None],
    sheet: Sheet,
    sheets: Mapping[str, Sheet],
    targets: _Targets,
) -> Rule:
    areas = tuple(area for text in (where or "").split() if (area := area_at(text)))
    ask = Ask(node.get("type", "none"))
    if ask is Ask.LIST:
        return Rule(areas, ask, choices=_choices(formulas[0] or "", sheet, sheets, targets))
    low, high = (_constant(formula) for formula in formulas)
    return Rule(areas, ask, node.get("operator", "between"), None, low, high)


def _choices(
    formula: str, sheet: Sheet, sheets: Mapping[str, Sheet], targets: _Targets
) -> tuple[str, ...] | None:
    """What a list offers; None where only the office program can tell."""
    text = formula.strip().lstrip("=")
    if text.startswith('"') and text.endswith('"'):
        return tuple(word.strip() for word in text[1:-1].split(",") if word.strip())
    if _PLAIN.fullmatch(text):
        area = area_at(text.replace("$", ""))
        return range_values(sheet, area) if area and text.count("$") >= 2 else None
    target = _reference(text) or targets.get((text, sheet.name)) or targets.get((text, None))
    if target is None or target[0] not in sheets:
        return None
    return range_values(sheets[target[0]], target[1])


def _constant(formula: str | None) -> float | None:
    try:
        return float(formula or "")
    except ValueError:
        return None


def _links(found: zipfile.ZipFile) -> Iterator[str]:
    """Files that formulas refer to; the links are neither followed nor changed."""
    for name in found.namelist():
        if re.fullmatch(r"xl/externalLinks/_rels/[^/]+\.rels", name):
            for node in part(found, name).iterfind("p:Relationship", NS):
                yield node.get("Target", "").replace("\\", "/").rpartition("/")[2]


def _damaged() -> FormDamaged:
    return FormDamaged(N_("the form is not a whole .xlsx file"))
