"""Forms as Excel writes them: raw OOXML parts, and compound files with streams beside the workbook."""

# ruff: noqa: E501 - the parts stand here as Excel writes them

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from itertools import pairwise

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
MACROS = bytes(range(256)) * 20
"""Stands for a VBA project: nobody reads it, and it must come through."""

TEXTS = (
    "Инструкция по заполнению",
    "Заполните жёлтые ячейки",
    "Сведения об ОО",
    "Логин ОО*",
    "Вид ОО",
    "Учебный год",
    "Код",
    "Баллы",
    "Сумма",
    "Школа",
    "Гимназия",
    "Лицей",
    "Дата",
    "Комментарий",
)


def _relations(*lines: tuple[str, str, str]) -> str:
    nodes = "".join(
        f'<Relationship Id="rId{n}" Type="{REL}/{kind}" Target="{target}"{mode}/>'
        for n, (kind, target, mode) in enumerate(lines, 1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{nodes}</Relationships>'


def _s(text: str) -> str:
    return f"<v>{TEXTS.index(text)}</v>"


FORM_SHEET = (
    f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{REL}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    f' mc:Ignorable="x14ac" xmlns:x14ac="{X14}/ac">'
    '<sheetPr codeName="Sheet2"/><dimension ref="A1:D12"/>'
    '<sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="7" topLeftCell="A8" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.25"/>'
    '<cols><col min="1" max="1" width="20" customWidth="1"/><col min="5" max="5" width="9" style="1"/></cols>'
    "<sheetData>"
    f'<row r="1" spans="1:4" x14ac:dyDescent="0.25"><c r="A1" s="2" t="s">{_s("Сведения об ОО")}</c><c r="B1" s="2"/><c r="C1" s="2"/></row>'
    f'<row r="2" spans="1:4"><c r="A2" t="s">{_s("Логин ОО*")}</c><c r="B2" s="1"/><c r="C2" s="1"/></row>'
    f'<row r="3" spans="1:4"><c r="A3" t="s">{_s("Вид ОО")}</c><c r="B3" s="1"/></row>'
    f'<row r="4" spans="1:4"><c r="A4" t="s">{_s("Учебный год")}</c><c r="B4" s="1"><v>2026</v></c></row>'
    f'<row r="5" spans="1:4"><c r="A5" t="s">{_s("Дата")}</c><c r="B5" s="3"/></row>'
    f'<row r="7" spans="1:4"><c r="A7" s="2" t="s">{_s("Код")}</c><c r="B7" s="2" t="s">{_s("Баллы")}</c><c r="C7" s="2" t="s">{_s("Сумма")}</c></row>'
    + "".join(
        f'<row r="{row}" spans="1:4"><c r="A{row}" s="1"/><c r="B{row}" s="1"/>'
        + (
            '<c r="C8" s="2" t="str"><f t="shared" ref="C8:C12" si="0">IF(B8="","",B8*2)</f><v></v></c>'
            if row == 8
            else f'<c r="C{row}" s="2" t="str"><f t="shared" si="0"/><v></v></c>'
        )
        + "</row>"
        for row in range(8, 13)
    )
    + f'<row r="13"><c r="A13" t="s">{_s("Комментарий")}</c><c r="C13" s="2"><f>SUM(B8:B12)</f><v>0</v></c></row>'
    "</sheetData>"
    '<sheetProtection algorithmName="SHA-512" hashValue="q83v" saltValue="AQID" spinCount="100000" sheet="1" objects="1"/>'
    '<mergeCells count="2"><mergeCell ref="A1:C1"/><mergeCell ref="B2:C2"/></mergeCells>'
    '<conditionalFormatting sqref="B8:B12"><cfRule type="cellIs" dxfId="0" priority="1" operator="greaterThan"><formula>5</formula></cfRule></conditionalFormatting>'
    '<dataValidations count="2"><dataValidation type="whole" allowBlank="1" showErrorMessage="1" sqref="B8:B12"><formula1>0</formula1><formula2>9</formula2></dataValidation>'
    '<dataValidation type="date" operator="greaterThan" allowBlank="1" sqref="B5"><formula1>40000</formula1></dataValidation></dataValidations>'
    '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
    '<pageSetup paperSize="9" orientation="landscape" r:id="rId1"/><drawing r:id="rId2"/>'
    f'<extLst><ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{X14}"><x14:dataValidations count="1" xmlns:xm="{XM}">'
    '<x14:dataValidation type="list" allowBlank="1" showErrorMessage="1"><x14:formula1><xm:f>Списки!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>B3</xm:sqref></x14:dataValidation>'
    "</x14:dataValidations></ext></extLst></worksheet>"
)
"""Protected, merged, validated (a list of another sheet, as Excel 2010 writes it), with formulas."""


def _sheet(rows: list[str]) -> str:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s">{_s(text)}</c></row>' for n, text in enumerate(rows, 1))
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'


STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFFFFCC"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf/><xf fillId="2" applyFill="1" applyProtection="1"><protection locked="0"/></xf><xf fillId="2" applyFill="1"/>'
    '<xf numFmtId="14" fillId="2" applyNumberFormat="1" applyProtection="1"><protection locked="0"/></xf></cellXfs>'
    '<dxfs count="1"><dxf><font><color rgb="FFFF0000"/></font></dxf></dxfs></styleSheet>'
)
BOOK = (
    f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{REL}"><workbookPr codeName="ThisWorkbook"/><bookViews><workbookView activeTab="1"/></bookViews>'
    '<sheets><sheet name="Инструкция" sheetId="1" r:id="rId1"/><sheet name="Сведения" sheetId="2" r:id="rId2"/>'
    '<sheet name="Списки" sheetId="3" state="veryHidden" r:id="rId3"/></sheets>'
    '<definedNames><definedName name="ЛОГИН">Сведения!$B$2</definedName></definedNames><calcPr calcId="191029"/></workbook>'
)
DRAWING = f'{HEAD}<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>'


def excel(*, macros: bool = True, link: bool = True, **parts: str | bytes) -> bytes:
    """An .xlsm as Excel writes it; ``parts`` replace or add some, "__" in their names for "/"."""
    kind = (
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        if macros
        else f"application/{_X}.sheet.main+xml"
    )
    types = "".join(
        f'<Override PartName="/xl/{name}" ContentType="{content}"/>'
        for name, content in (
            ("workbook.xml", kind),
            *((f"worksheets/sheet{n}.xml", f"application/{_X}.worksheet+xml") for n in (1, 2, 3)),
            ("styles.xml", f"application/{_X}.styles+xml"),
            ("sharedStrings.xml", f"application/{_X}.sharedStrings+xml"),
            ("drawings/drawing1.xml", "application/vnd.openxmlformats-officedocument.drawing+xml"),
            *((("externalLinks/externalLink1.xml", f"application/{_X}.externalLink+xml"),) if link else ()),
        )
    )
    strings = "".join(f"<si><t>{text}</t></si>" for text in TEXTS)
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        f"{types}</Types>",
        "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml", "")),
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": _relations(
            ("worksheet", "worksheets/sheet1.xml", ""),
            ("worksheet", "worksheets/sheet2.xml", ""),
            ("worksheet", "worksheets/sheet3.xml", ""),
            ("styles", "styles.xml", ""),
            ("sharedStrings", "sharedStrings.xml", ""),
            *((("externalLink", "externalLinks/externalLink1.xml", ""),) if link else ()),
        ),
        "xl/worksheets/sheet1.xml": _sheet(["Инструкция по заполнению", "Заполните жёлтые ячейки"]),
        "xl/worksheets/sheet2.xml": FORM_SHEET,
        "xl/worksheets/sheet3.xml": _sheet(["Школа", "Гимназия", "Лицей"]),
        "xl/worksheets/_rels/sheet2.xml.rels": _relations(
            ("printerSettings", "../printerSettings/printerSettings1.bin", ""),
            ("drawing", "../drawings/drawing1.xml", ""),
        ),
        "xl/printerSettings/printerSettings1.bin": b"\1\2\3printer",
        "xl/drawings/drawing1.xml": DRAWING,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}" count="14" uniqueCount="14">{strings}</sst>',
    }
    if macros:
        files["xl/vbaProject.bin"] = MACROS
    if link:
        files["xl/externalLinks/externalLink1.xml"] = (
            f'{HEAD}<externalLink xmlns="{MAIN}"><externalBook xmlns:r="{REL}" r:id="rId1"/></externalLink>'
        )
        files["xl/externalLinks/_rels/externalLink1.xml.rels"] = _relations(
            ("externalLinkPath", "file:///C:/Отчёты/прошлый.xlsx", ' TargetMode="External"')
        )
    for name, content in parts.items():
        files[name.replace("__", "/").replace("_xml", ".xml")] = content
    return packed(files)


_X = "vnd.openxmlformats-officedocument.spreadsheetml"


def packed(files: Mapping[str, str | bytes]) -> bytes:
    """A zip of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def compound(streams: Mapping[str, bytes], sector: int = 512) -> bytes:
    """A compound file with these streams in its root, some of them in the mini stream, as [MS-CFB] has it.

    The directory is a chain to the right, which readers accept; nothing of the product is used.
    """
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    body, mini = bytearray(), bytearray()
    fat: list[int] = []
    minifat: list[int] = []
    places: dict[str, tuple[int, int]] = {}

    def chain(data: bytes, size: int, table: list[int], out: bytearray) -> int:
        first, count = len(table), -(-len(data) // size)
        table.extend([*range(first + 1, first + count), end] if count else [])
        out += data + bytes(-len(data) % size)
        return first if count else end

    for name, data in streams.items():
        small = len(data) < 4096
        places[name] = (
            chain(data, 64, minifat, mini) if small else chain(data, sector, fat, body),
            len(data),
        )
    root = chain(bytes(mini), sector, fat, body)
    table = struct.pack(f"<{len(minifat)}I", *minifat)
    table += b"\xff" * (-len(table) % sector)
    mini_at = chain(table, sector, fat, body)
    entries = [_entry("Root Entry", 5, root, len(mini), free, 1 if streams else free)]
    for number, (name, (start, size)) in enumerate(places.items(), 1):
        entries.append(_entry(name, 2, start, size, number + 1 if number < len(places) else free, free))
    listed = b"".join(entries)
    listed += b"".join(_entry("", 0, 0, 0, free, free) for _ in range(-len(entries) % (sector // 128)))
    directory = chain(listed, sector, fat, body)
    fats = 1
    while fats * (sector // 4) < len(fat) + fats:
        fats += 1
    at = list(range(len(fat), len(fat) + fats))
    fat += [fat_mark] * fats
    raw = struct.pack(f"<{len(fat)}I", *fat)
    raw += b"\xff" * (fats * sector - len(raw))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        bytes(16),
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        bytes(6),
        0,
        fats,
        directory,
        0,
        4096,
        mini_at,
        len(table) // sector,
        end,
        0,
    )
    header += struct.pack("<109I", *(at + [free] * (109 - fats)))
    return header + bytes(body) + raw


def _entry(name: str, kind: int, start: int, size: int, right: int, child: int) -> bytes:
    raw = name.encode("utf-16-le")
    line = (
        raw
        + bytes(64 - len(raw))
        + struct.pack("<HBBIII", len(raw) + 2 if name else 0, kind, 1, 0xFFFFFFFF, right, child)
    )
    return line + b"ClassId-of-16-by" + bytes(20) + struct.pack("<III", start, size, 0)


def indexed(workbook: bytes) -> bytes:
    """A Workbook stream with the indexes that Excel writes and LibreOffice leaves out: INDEX and DBCELL of every
    sheet's rows, EXTSST of the shared texts (one entry for eight of them)."""
    records: list[tuple[int, bytes]] = []
    at = 0
    while at + 4 <= len(workbook) and workbook[at : at + 4] != bytes(4):
        kind, length = struct.unpack_from("<HH", workbook, at)
        records.append((kind, workbook[at + 4 : at + 4 + length]))
        at += 4 + length
    cells = {0x201, 0xBE, 0x203, 0x27E, 0xBD, 0xFD, 0x204, 0x205, 0x06, 0x207, 0x4BC, 0x221}
    made: list[tuple[int, bytes]] = []
    inside = False  # among rows and cells
    blocks: list[list[int]] = []  # of each sheet: where its DBCELLs stand
    for kind, data in records:
        if inside and (kind == 0x208 or kind not in cells) and made[-1][0] in cells:
            blocks[-1].append(len(made))
            made.append((0xD7, b""))
            inside = kind == 0x208
        inside = inside or kind == 0x208
        if kind == 0xFF:
            continue
        made.append((kind, data))
        if kind == 0x809 and len(made) > 1:
            blocks.append([])
            made.append((0x20B, b""))
        if kind == 0xFC:
            made.append((0xFF, b""))
    return _positioned(made, blocks)


def _positioned(made: list[tuple[int, bytes]], blocks: list[list[int]]) -> bytes:
    """The stream, its indexes and its list of sheets filled in with positions."""
    cells = {0x201, 0xBE, 0x203, 0x27E, 0xBD, 0xFD, 0x204, 0x205, 0x06}
    sheets = [n for n, (kind, _data) in enumerate(made) if kind == 0x20B]
    texts = next(data for kind, data in made if kind == 0xFC)
    for n, block in zip(sheets, blocks, strict=True):
        made[n] = (0x20B, bytes(16 + 4 * len(block)))
        for at in block:
            made[at] = (0xD7, bytes(4 + 2 * len(_rows_of(made, at, cells))))
    made[[kind for kind, _d in made].index(0xFF)] = (
        0xFF,
        bytes(2 + 8 * -(-struct.unpack_from("<I", texts, 4)[0] // 8)),
    )
    where, at = [], 0
    for _kind, data in made:
        where.append(at)
        at += 4 + len(data)
    listed = iter(sheets)
    for n, (kind, data) in enumerate(made):
        if kind == 0x85:
            made[n] = (kind, struct.pack("<I", where[next(listed) - 1]) + data[4:])
        elif kind == 0xD7:
            firsts = _rows_of(made, n, cells)
            start = next(i for i in range(n, 0, -1) if made[i][0] == 0x208 and made[i - 1][0] != 0x208)
            spots = [where[start] + 20, *(where[i] for i in firsts)]
            steps = [b - a for a, b in pairwise(spots)]
            made[n] = (kind, struct.pack(f"<I{len(steps)}H", where[n] - where[start], *steps))
        elif kind == 0xFF:
            made[n] = (kind, _text_index(texts, where[[k for k, _d in made].index(0xFC)]))
    for n, block in zip(sheets, blocks, strict=True):
        made[n] = (0x20B, struct.pack(f"<IIII{len(block)}I", 0, 0, 99, where[n], *(where[i] for i in block)))
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in made)


def _rows_of(made: list[tuple[int, bytes]], at: int, cells: set[int]) -> list[int]:
    """The first cell of each row of the block that ends before ``at``."""
    found: dict[int, int] = {}
    while made[at - 1][0] != 0x208:
        at -= 1
        if made[at][0] in cells:
            found[struct.unpack_from("<H", made[at][1])[0]] = at
    return [found[row] for row in sorted(found)]


def _text_index(texts: bytes, place: int) -> bytes:
    """EXTSST: where every eighth text stands in the stream, and in its record."""
    offset, entries = 12, b""
    for number in range(struct.unpack_from("<I", texts, 4)[0]):
        if number % 8 == 0:
            entries += struct.pack("<IHH", place + offset, offset, 0)
        length, flags = struct.unpack_from("<HB", texts, offset - 4)
        offset += 3 + length * (2 if flags & 1 else 1)
    return struct.pack("<H", 8) + entries
