"""Forms filled in place: what was meant is there, and nothing else of the file is another."""

from __future__ import annotations

import io
import random
import re
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Callable

import pytest
import xlwt
from python_calamine import CalamineWorkbook

from printing.documents import office
from provision.example import forms
from provision.forms import xls_write, xlsx, xlsx_write
from provision.forms.biff import EXTSST, Stream, counted, shared_strings
from provision.forms.book import Ask, Place, Sheet, Value
from provision.forms.compound import Compound
from provision.forms.desk import recomputed
from provision.forms.errors import FormError, FormRefused, ProofFailed
from provision.forms.proof import differing, prove, read
from provision.forms.structure import _index_holds
from tests.unit.provision.forms.makers import FORM_SHEET, MACROS, compound, excel, indexed, packed

S = "Сведения"
EDITS: dict[Place, str | float] = {
    Place(S, 2, 2): "  sch770012 & <Ё>\nвторая",
    Place(S, 3, 2): "Гимназия",
    Place(S, 5, 2): 46492.0,
    Place(S, 8, 1): "00123",
    Place(S, 8, 2): 3.0,
    Place(S, 9, 1): "54321",
    Place(S, 9, 2): 4.0,
}


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture(scope="module")
def xls(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The same form as LibreOffice writes it as .xls, with macros and a small stream put beside it."""
    folder = tmp_path_factory.mktemp("xls")
    source = folder / "form.xlsx"
    source.write_bytes(excel(macros=False, link=False))
    command = [
        "soffice",
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        "--headless",
        "--convert-to",
    ]
    subprocess.run(
        [*command, "xls", "--outdir", str(folder), str(source)], check=True, capture_output=True, timeout=120
    )
    workbook = Compound((folder / "form.xls").read_bytes()).stream("Workbook")
    shutil.rmtree(folder)
    assert workbook
    return compound({"Workbook": workbook, "_VBA_PROJECT": MACROS, "\5SummaryInformation": b"small" * 9})


def test_form_as_excel_writes_it_is_read_with_its_rules() -> None:
    book = read(excel())
    assert [(sheet.name, sheet.visible, sheet.protected) for sheet in book.sheets] == [
        ("Инструкция", True, False),
        (S, True, True),
        ("Списки", False, False),
    ]
    form = book.sheets[1]
    assert form.rule_of(3, 2) is not None
    assert form.rule_of(3, 2).choices == ("Школа", "Гимназия", "Лицей")  # type: ignore[union-attr]
    assert form.rule_of(9, 2).ask is Ask.WHOLE  # type: ignore[union-attr]
    assert book.names == {"ЛОГИН": Place(S, 2, 2)}
    assert book.macros
    assert book.links == ("прошлый.xlsx",)
    assert form.cell(8, 3).formula
    assert form.cell(9, 3).formula
    assert form.cell(7, 1).locked
    assert not form.cell(8, 1).locked


def test_of_an_xlsm_only_the_cells_of_one_sheet_change() -> None:
    source = excel()
    filled = xlsx_write.write(source, EDITS)
    before, after = parts(source), parts(filled)
    assert [name for name in before if before[name] != after[name]] == ["xl/worksheets/sheet2.xml"]
    assert after["xl/vbaProject.bin"] == MACROS
    assert list(before) == list(after)
    text = after["xl/worksheets/sheet2.xml"].decode()
    kinds = "sheetProtection|mergeCell |cfRule|dataValidation |x14:dataValidation |pane|pageSetup"
    for kept in re.findall(rf"<(?:{kinds})[^>]*>", FORM_SHEET):
        assert kept in text
    assert len(prove(source, filled, EDITS, {}).changes) == len(EDITS)


def test_of_an_xls_every_other_stream_and_record_stays(xls: bytes) -> None:
    filled = xls_write.write(xls, EDITS)
    new = Compound(filled)
    assert new.stream("_VBA_PROJECT") == MACROS
    assert new.stream("\5SummaryInformation") == b"small" * 9
    assert len(prove(xls, filled, EDITS, {}).changes) == len(EDITS)
    seen = CalamineWorkbook.from_filelike(io.BytesIO(filled)).get_sheet_by_name(S).to_python()
    assert seen[1][1] == EDITS[Place(S, 2, 2)]
    assert seen[7][:2] == ["00123", 3.0]


def test_xls_keeps_its_rules_and_reads_like_the_xlsx(xls: bytes) -> None:
    ours, theirs = read(xls).sheets[1], read(excel()).sheets[1]
    assert ours.protected
    assert ours.rule_of(3, 2).choices == theirs.rule_of(3, 2).choices  # type: ignore[union-attr]
    whole, same = ours.rule_of(9, 2), theirs.rule_of(9, 2)
    assert (whole.low, whole.high) == (same.low, same.high) == (0.0, 9.0)  # type: ignore[union-attr]
    assert set(ours.merged) == set(theirs.merged)
    assert {at for at, cell in ours.cells.items() if cell.formula} == {
        at for at, cell in theirs.cells.items() if cell.formula
    }


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_filled_form_opens_in_libreoffice_and_its_sums_are_those_of_its_cells(kind: str, xls: bytes) -> None:
    source = xls if kind == "xls" else excel()
    write: Callable[..., bytes] = xls_write.write if kind == "xls" else xlsx_write.write
    book = read(source)
    results, notes = recomputed(book, write(source, EDITS))
    assert results == {Place(S, 8, 3): 6.0, Place(S, 9, 3): 8.0, Place(S, 13, 3): 7.0}
    assert not notes
    filled = write(source, EDITS, results)
    proof = prove(source, filled, EDITS, results)
    assert sum(change.computed for change in proof.changes) == 3
    opened = xlsx.read(office.recomputed(filled, f".{kind}"))
    for sheet in read(filled).sheets:
        other = opened.sheet(sheet.name)
        assert other is not None
        for at, cell in sheet.cells.items():
            assert (other.cell(*at).value or None) == (cell.value or None), (sheet.name, at)


def many(rows: int) -> bytes:
    """An .xls by another writer: runs of blanks in one record, texts over many records."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Таблица")
    for row in range(rows):
        sheet.write(row, 0, f"строка {row} " + "ж" * (row % 200))
        sheet.write(row, 1, row)
        sheet.write(row, 2, row / 100)
        for column in range(3, 9):
            sheet.write(row, column, None, xlwt.easyxf("borders: left thin"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_xls_of_another_writer_grows_by_hundreds_of_texts() -> None:
    source = many(400)
    text = {Place("Таблица", row, 5): f"новый текст {row} " + "ы" * 90 for row in range(1, 400)}
    edits: dict[Place, str | float] = {
        **text,
        **{Place("Таблица", row, 2): row + 0.5 for row in range(1, 200)},
    }
    filled = xls_write.write(source, edits)
    assert len(filled) > len(source) + 60_000
    assert len(prove(source, filled, edits, {}).changes) == len(edits)


def test_small_xls_leaves_the_mini_stream() -> None:
    """Streams below 4 KiB lie among the small ones; a workbook that is written does not stay there."""
    workbook = (Compound(many(1)).stream("Workbook") or b"").rstrip(b"\0") + b"\0" * 3
    workbook = workbook[: workbook.rindex(b"\x0a\0\0\0") + 4]
    assert len(workbook) < 4096
    source = compound({"Workbook": workbook, "Ctls": b"other" * 30})
    edits: dict[Place, str | float] = {Place("Таблица", 1, 4): "новое"}
    prove(source, xls_write.write(source, edits), edits, {})


def test_cell_that_the_form_does_not_have_is_made_in_its_row(xls: bytes) -> None:
    made: dict[Place, str | float] = {Place(S, 3, 4): "новое", Place(S, 8, 5): 1.5}
    for source, write in ((xls, xls_write.write), (excel(), xlsx_write.write)):
        filled = write(source, made)
        prove(source, filled, made, {})
        sheet = read(filled).sheet(S)
        assert sheet is not None
        assert sheet.cell(8, 5).value == 1.5
    assert read(xlsx_write.write(excel(), made)).sheets[1].cell(8, 5).style == 1  # its column's


def test_formula_is_never_written_over(xls: bytes) -> None:
    for source, write in ((xls, xls_write.write), (excel(), xlsx_write.write)):
        with pytest.raises(FormRefused):
            write(source, {Place(S, 9, 3): 1.0})


def altered(name: str, old: str, new: str) -> Callable[[bytes], bytes]:
    def alter(content: bytes) -> bytes:
        files = parts(content)
        assert old.encode() in files[name]
        files[name] = files[name].replace(old.encode(), new.encode())
        return packed(files)

    return alter


SHEET2 = "xl/worksheets/sheet2.xml"
ALTERED = {
    "a validation rule": altered(SHEET2, "<formula2>9<", "<formula2>99<"),
    "a merged area": altered(SHEET2, '<mergeCell ref="B2:C2"/>', ""),
    "the protection": altered(SHEET2, 'sheet="1" objects', 'sheet="0" objects'),
    "a formula": altered(SHEET2, "SUM(B8:B12)", "SUM(B8:B11)"),
    "a style": altered(SHEET2, '<c r="B10" s="1"', '<c r="B10" s="2"'),
    "a column's width": altered(SHEET2, 'width="20"', 'width="21"'),
    "a list of a hidden sheet": altered("xl/worksheets/sheet3.xml", "<v>9</v>", "<v>10</v>"),
    "a sheet shown": altered("xl/workbook.xml", "veryHidden", "visible"),
    "a sheet renamed": altered("xl/workbook.xml", 'name="Инструкция"', 'name="Инструкции"'),
    "the macros": lambda content: packed({**parts(content), "xl/vbaProject.bin": MACROS[:-1] + b"!"}),
    "a part lost": lambda content: packed({k: v for k, v in parts(content).items() if "printer" not in k}),
    "another cell": lambda content: xlsx_write.write(content, {Place(S, 12, 1): "1"}),
    "a text shared by cells": altered("xl/sharedStrings.xml", "Учебный год", "Учебный  год"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_proof_of_an_xlsx_notices(what: str) -> None:
    source = excel()
    filled = packed(parts(xlsx_write.write(source, EDITS)))
    prove(packed(parts(source)), filled, EDITS, {})
    with pytest.raises(ProofFailed):
        prove(packed(parts(source)), ALTERED[what](filled), EDITS, {})


def test_proof_of_an_xls_notices_every_changed_byte(xls: bytes) -> None:
    filled = xls_write.write(xls, EDITS)
    before = {entry.name: data for entry, data in Compound(xls).streams().values() if entry.kind == 2}
    streams = {entry.name: data for entry, data in Compound(filled).streams().values() if entry.kind == 2}
    source = compound(before)
    prove(source, compound(streams), EDITS, {})
    draw = random.Random(7)
    unseen = []
    for _time in range(250):
        name = draw.choice(["Workbook", "Workbook", *streams])
        data = bytearray(streams[name])
        at = draw.randrange(len(data))
        data[at] ^= 1 << draw.randrange(8)
        try:
            prove(source, compound({**streams, name: bytes(data)}), EDITS, {})
        except FormError:
            continue
        unseen.append((name, at))
    assert not unseen


def test_what_was_filled_elsewhere_is_told_apart(xls: bytes) -> None:
    filled = xls_write.write(xls, EDITS)
    edits, results, faults = differing(xls, filled)
    assert set(edits) == set(EDITS)
    assert not results
    assert not faults
    _edits, _results, faults = differing(
        excel(), ALTERED["a validation rule"](xlsx_write.write(excel(), EDITS))
    )
    assert faults


BOMB = "0" * (40 << 20)
ENTITIES = FORM_SHEET.replace("<worksheet", '<!DOCTYPE w [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><worksheet', 1)
STRICT = (
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a bomb": lambda: excel(xl__drawings__drawing1_xml=BOMB),
    "entities": lambda: excel(xl__worksheets__sheet2_xml=ENTITIES),
    "a signature": lambda: packed({**parts(excel()), "_xmlsignatures/sig1.xml": b"1"}),
    "a binary workbook": lambda: packed({**parts(excel()), "xl/workbook.bin": b"1"}),
    "a log of changes": lambda: packed({**parts(excel()), "xl/revisions/revisionLog1.xml": b"1"}),
    "strict": lambda: packed({n: d.replace(*STRICT) for n, d in parts(excel()).items()}),
    "no workbook": lambda: packed({"a.txt": b"1"}),
    "a text": lambda: b"<html>",
    "encrypted xlsx": lambda: compound({"EncryptedPackage": bytes(5000), "EncryptionInfo": b"1"}),
    "excel 95": lambda: compound({"Book": bytes(5000)}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_refused_with_words(what: str) -> None:
    with pytest.raises(FormError):
        read(HOSTILE[what]())


def test_encrypted_xls_is_refused_with_words(xls: bytes) -> None:
    workbook = Compound(xls).stream("Workbook") or b""
    first = 4 + struct.unpack_from("<H", workbook, 2)[0]
    locked = workbook[:first] + struct.pack("<HHH", 0x2F, 2, 0) + workbook[first:]
    with pytest.raises(FormRefused, match="encrypted"):
        read(compound({"Workbook": locked}))


def test_damaged_files_are_refused_and_nothing_else_happens(xls: bytes) -> None:
    draw = random.Random(11)
    for source in (xls, excel()):
        for _time in range(150):
            data = bytearray(source[: draw.randrange(len(source))] if draw.random() < 0.3 else source)
            for _hit in range(draw.randrange(1, 8)):
                if data:
                    data[draw.randrange(len(data))] = draw.randrange(256)
            try:
                read(bytes(data))
            except FormError:
                continue


def test_forms_of_the_example_are_whole() -> None:
    shipped = read(forms.forms()[forms.APPLICATION])
    made = read(forms.application_workbook())
    for one, other in zip(shipped.sheets, made.sheets, strict=True):
        assert (one.name, one.visible, one.protected) == (other.name, other.visible, other.protected)
        assert stated(one) == stated(other)
        assert {at for at, c in one.cells.items() if not c.locked} == {
            at for at, c in other.cells.items() if not c.locked
        }


def stated(sheet: Sheet) -> dict[tuple[int, int], Value]:
    cells = sheet.cells.items()
    return {at: cell.value for at, cell in cells if cell.value is not None and not cell.formula}


def test_indexes_that_excel_writes_still_lead_where_they_say(xls: bytes) -> None:
    """INDEX, DBCELL and EXTSST hold positions in the stream; every one of them moves."""
    workbook = indexed(Compound(xls).stream("Workbook") or b"")
    source = compound({"Workbook": workbook})
    tabs = Stream(workbook).tabs
    assert all(_index_holds(Stream(workbook), tab) for tab in tabs)
    assert workbook.count(struct.pack("<H", 0xD7)) >= 3
    many = {Place(S, row, column): f"новый {row} {column}" for row in range(8, 13) for column in (1, 4, 5)}
    edits: dict[Place, str | float] = {**EDITS, **many}
    filled = xls_write.write(source, edits)
    prove(source, filled, edits, {})
    stream = Compound(filled).stream("Workbook") or b""
    texts = shared_strings(Stream(stream))
    entries = next(record.data for record in Stream(stream).globals() if record.type == EXTSST)
    assert texts
    assert len(entries) == 2 + 8 * -(-len(texts.texts) // 8)
    for number in range(0, len(texts.texts), 8):
        at, _offset = struct.unpack_from("<IH", entries, 2 + number)
        assert counted(stream, at)[0] == texts.texts[number]
