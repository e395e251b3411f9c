"""What a downloaded file is technically, and the text it holds, read with bounds.

Nothing here writes a file, starts a program or follows a link. Office files are zip archives: they pass the
same limits as any archive before a library opens them.
"""

from __future__ import annotations

import codecs
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineWorkbook

from provision.errors import N_, Phrase, ProvisionError
from provision.intake import archive
from provision.intake.errors import IntakeError
from provision.intake.members import Limits, Member, check_members

FILE_BYTES = 32 * 1024 * 1024
"""The biggest document that is read; task archives are not read here."""
TEXT_CHARS = 20_000
PDF_PAGES = 40
_OFFICE_LIMITS = Limits(members=5_000, member_bytes=64 << 20, total_bytes=128 << 20)
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet or page: its name and all its cells, row by row from the first."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    paged: bool = False
    """A page of a PDF: columns go on from page to page, and cells have no letters."""

    def place(self, row: int, column: int) -> str | Phrase:
        """Where a cell stands, as a person finds it: "Лист1!B7", "B7", or "page 1, row 7, column 2"."""
        if self.paged:
            where = {"page": self.name, "row": row + 1, "column": column + 1}
            return Phrase(N_("page {page}, row {row}, column {column}"), where)
        letters, number = "", column + 1
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(ord("A") + rest) + letters
        return (f"{self.name}!" if self.name else "") + f"{letters}{row + 1}"


def kind_of(path: Path) -> str:
    """What the content is: "zip", "7z", "rar", "docx", "xlsx", "doc", "xls", "pdf", "html", "text", ..."""
    with path.open("rb") as file:
        head = file.read(4096)
    form = archive.container(path)
    if form is not None:
        return (_office(path) if form == "zip" else "") or form
    if head.startswith(_OLE2):
        return _ole2(path)
    start = head.lstrip()[:15].lower()
    found = (
        ("empty", not head),
        ("pdf", b"%PDF-" in head[:1024]),
        ("program", head.startswith(b"MZ")),
        ("html", start.startswith((b"<!doctype html", b"<html"))),
        ("rtf", head.startswith(b"{\\rtf")),
        ("text", _is_text(head)),
    )
    return next((kind for kind, is_it in found if is_it), "binary")


def text_of(path: Path, kind: str) -> str:
    """The text of a document, at most ``TEXT_CHARS``; "" for a kind that has none. Raises IntakeError."""
    if kind not in _READERS:
        return ""
    content = content_of(path)
    try:
        return _READERS[kind](path.name, content)[:TEXT_CHARS]
    except ProvisionError:
        raise
    except Exception:  # noqa: BLE001 - five parsers of foreign files, each with errors of its own
        raise IntakeError(
            N_("{file} begins like {kind} but cannot be read; it is damaged"), file=path.name, kind=kind
        ) from None


def content_of(path: Path) -> bytes:
    """The bytes of a document that is not too big. Raises IntakeError."""
    if path.stat().st_size > FILE_BYTES:
        raise IntakeError(
            N_("{file} is bigger than {limit} MB; it is not read"), file=path.name, limit=FILE_BYTES >> 20
        )
    return path.read_bytes()


def decoded(content: bytes) -> str:
    """Text of unknown encoding: UTF-8, UTF-16 by its mark or zeros, else cp1251; line ends are ``\\n``."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    elif content[1:2] == b"\0" or content[:1] == b"\0":
        text = content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1251", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def workbook(file: str, content: bytes) -> tuple[Table, ...]:
    """The visible sheets of an .xlsx or .xls workbook."""
    if content.startswith(b"PK"):
        _check_zip(file, content)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    visible = [sheet.name for sheet in book.sheets_metadata if "visible" in str(sheet.visible).lower()]
    tables = []
    for name in visible:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        tables.append(Table(name, tuple(tuple(_cell(cell) for cell in row) for row in rows)))
    return tuple(tables)


def _cell(cell: object) -> Cell:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None if cell is None else str(cell)
    return cell


def _office(path: Path) -> str:
    """Kind of an office document in a zip, "" when it is an archive of something else."""
    try:
        with zipfile.ZipFile(path) as listing:
            names = set(listing.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    if "[Content_Types].xml" not in names:
        return "odt" if "mimetype" in names and "content.xml" in names else ""
    return next((kind for part, kind in _PARTS.items() if part in names), "office")


_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsx"}


def _ole2(path: Path) -> str:
    """.doc and .xls by the names of their streams, which stand in UTF-16 in the directory."""
    content = content_of(path) if path.stat().st_size <= FILE_BYTES else b""
    for stream, kind in (("WordDocument", "doc"), ("Workbook", "xls"), ("Book", "xls")):
        if stream.encode("utf-16-le") in content:
            return kind
    return "binary"


def _is_text(head: bytes) -> bool:
    """Whether the beginning of a file reads as text; it may end within a character."""
    if b"\0" in head[:2] or head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = decoded(head[: len(head) // 2 * 2])
    else:
        try:
            text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
        except UnicodeDecodeError:
            text = head.decode("cp1251", "replace")
    return all(char.isprintable() or char in "\r\n\t\f\N{REPLACEMENT CHARACTER}" for char in text)


def _check_zip(file: str, content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as listing:
        members = [
            Member(i.filename, i.file_size, i.compress_size, encrypted=False) for i in listing.infolist()
        ]
    check_members(file, [m for m in members if not m.name.endswith("/")], len(content), _OFFICE_LIMITS)


def _docx(file: str, content: bytes) -> str:
    from docx import Document  # noqa: PLC0415 - takes long to import, and printers would wait for it

    _check_zip(file, content)
    document = Document(io.BytesIO(content))
    lines = [paragraph.text for paragraph in document.paragraphs]
    for table in document.tables:
        lines += ["\t".join(cell.text for cell in row.cells) for row in table.rows[:200]]
    return "\n".join(lines)


def _sheets(file: str, content: bytes) -> str:
    lines = []
    for table in workbook(file, content):
        lines.append(table.name)
        lines += ["\t".join("" if c is None else str(c) for c in row) for row in table.rows[:200]]
    return "\n".join(lines)


def _pdf(_file: str, content: bytes) -> str:
    import pypdfium2  # noqa: PLC0415 - only where there is a PDF

    document = pypdfium2.PdfDocument(content)
    try:
        pages = (document[index].get_textpage().get_text_bounded() for index in range(min(len(document), 5)))
        return "\n".join(pages)
    finally:
        document.close()


def _doc(_file: str, content: bytes) -> str:
    """The runs of Russian text in an old Word file: enough to tell what it is, not to print it."""
    runs = [content.decode("utf-16-le", "ignore"), content.decode("cp1251", "ignore")]
    return max(("".join(c for c in run if c.isprintable() or c == "\n") for run in runs), key=_russian)


def _russian(text: str) -> int:
    return sum(text.lower().count(word) for word in ("ние", "ого", "ать", "ство", " на ", " и "))


_READERS = {
    "text": lambda _file, content: decoded(content),
    "docx": _docx,
    "xlsx": _sheets,
    "xls": _sheets,
    "pdf": _pdf,
    "doc": _doc,
}
