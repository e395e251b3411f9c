"""Files in the formats that programs leave behind, made here without the programs."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zipfile
import zlib
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import quote

import pikepdf
import xlwt
from docx import Document


def pages(pdf: bytes, first: int, last: int) -> bytes:
    """Some pages, saved anew by another program: not a byte is where it was."""
    with pikepdf.open(io.BytesIO(pdf)) as source, pikepdf.new() as target:
        target.pages.extend(source.pages[first:last])
        out = io.BytesIO()
        target.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True)
        return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip without a password."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return out.getvalue()


def docx(*paragraphs: tuple[str, ...]) -> bytes:
    """Paragraphs, each of its runs: a word processor cuts words where it likes."""
    document = Document()
    for runs in paragraphs:
        paragraph = document.add_paragraph()
        for run in runs:
            paragraph.add_run(run).bold = len(run) % 2 == 0
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def odt(lines: list[str]) -> bytes:
    """A text document with a table of one column."""
    cells = "".join(f"<table:table-cell><text:p>{line}</text:p></table:table-cell>" for line in lines)
    body = f"<office:document-content><office:body>{cells}</office:body></office:document-content>"
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": body.encode()})


def xls(values: list[str]) -> bytes:
    """An old workbook whose codes are numbers."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("1")
    for row, value in enumerate(values):
        sheet.write(row, 1, int(value))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mbox(*messages: EmailMessage) -> bytes:
    """A mail folder as Thunderbird keeps it."""
    return b"".join(
        b"From - Thu Apr 15 06:41:00 2027\n" + one.as_bytes(policy=SMTP) + b"\n\n" for one in messages
    )


def mail(subject: str, text: str, attachment: bytes = b"", name: str = "") -> EmailMessage:
    """A message, with an attachment if there is one."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@school.example", "b@school.example", subject
    message.set_content(text, charset="koi8-r", cte="quoted-printable")
    if attachment:
        message.add_attachment(attachment, maintype="application", subtype="zip", filename=name)
    return message


def chrome(rows: list[tuple[str, int, float]], work: Path) -> bytes:
    """Chromium's History: path, size and time of every download."""
    file = work / "History"
    with sqlite3.connect(file) as database:
        database.execute(
            "CREATE TABLE downloads (id INTEGER PRIMARY KEY, guid TEXT, current_path TEXT, target_path TEXT,"
            " start_time INTEGER, received_bytes INTEGER, total_bytes INTEGER, state INTEGER)"
        )
        database.executemany(
            "INSERT INTO downloads (guid, current_path, target_path, start_time, received_bytes, total_bytes,"
            " state) VALUES ('', ?, ?, ?, ?, ?, 1)",
            [(path, path, int((at + 11644473600) * 1e6), size, size) for path, size, at in rows],
        )
    database.close()
    data = file.read_bytes()
    file.unlink()
    return data


def firefox(rows: list[tuple[str, int, float]], work: Path) -> tuple[bytes, bytes]:
    """places.sqlite and its write-ahead log, in which the rows still stand."""
    file = work / "places.sqlite"
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA wal_autocheckpoint=0")
    database.execute("CREATE TABLE moz_anno_attributes (id INTEGER PRIMARY KEY, name TEXT)")
    database.execute(
        "CREATE TABLE moz_annos (id INTEGER PRIMARY KEY, place_id INTEGER, anno_attribute_id INTEGER,"
        " content TEXT, dateAdded INTEGER)"
    )
    database.execute(
        "INSERT INTO moz_anno_attributes VALUES (1,'downloads/destinationFileURI'),(2,'downloads/metaData')"
    )
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number, (path, size, at) in enumerate(rows, start=1):
        told = json.dumps({"state": 1, "endTime": 1, "fileSize": size})
        for attribute, content in ((1, "file://" + quote(path)), (2, told)):
            database.execute(
                "INSERT INTO moz_annos (place_id, anno_attribute_id, content, dateAdded) VALUES (?,?,?,?)",
                (number, attribute, content, int(at * 1e6)),
            )
    database.commit()
    data, log = file.read_bytes(), Path(f"{file}-wal").read_bytes()
    database.close()
    for path_ in work.glob("places.sqlite*"):
        path_.unlink()
    return data, log


def xbel(path: str, at: str) -> str:
    """GNOME's list of recent files."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<xbel version="1.0">\n'
        f'  <bookmark href="file://{quote(path)}" added="{at}" modified="{at}" visited="{at}">\n'
        '    <info><metadata owner="http://freedesktop.org"/></info>\n  </bookmark>\n</xbel>\n'
    )


def registry(path: str) -> str:
    """LibreOffice's settings with a list of recent files."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<oor:items>'
        '<item oor:path="/org.openoffice.Office.Histories/Histories/org.openoffice.Office.Histories:'
        f'HistoryInfo[\'PickList\']/OrderList"><node oor:name="0"><prop oor:name="HistoryItemRef"><value>file://'
        f"{quote(path)}</value></prop></node></item></oor:items>\n"
    )


def trashinfo(path: str) -> str:
    """What the trash notes of a file."""
    return f"[Trash Info]\nPath={quote(path)}\nDeletionDate=2027-04-15T06:50:12\n"


def png(uri: str, mtime: int) -> bytes:
    """A thumbnail of one grey pixel."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    texts = chunk(b"tEXt", b"Thumb::URI\0" + uri.encode()) + chunk(b"tEXt", b"Thumb::MTime\0%d" % mtime)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + head + texts + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )


def lnk(path: str, size: int, at: float) -> bytes:
    """A Windows shortcut with LinkInfo, ANSI and Unicode base path ([MS-SHLLINK] 2.1, 2.3)."""
    filetime = int((at + 11644473600) * 1e7)
    head = struct.pack("<I", 0x4C) + bytes.fromhex("0114020000000000c000000000000046")
    head += struct.pack("<IIqqqIiIHHII", 0x82, 0x20, filetime, filetime, filetime, size, 0, 1, 0, 0, 0, 0)
    volume = struct.pack("<IIII", 17, 3, 0x1234, 16) + b"\0"
    ansi, wide = path.encode("cp1251", "replace") + b"\0", path.encode("utf-16-le") + b"\0\0"
    base = 36 + len(volume)
    common = base + len(ansi)
    wide_at = common + 1
    body = volume + ansi + b"\0" + wide + b"\0\0"
    info = (
        struct.pack("<IIIIIIIII", 36 + len(body), 36, 1, 36, base, 0, common, wide_at, wide_at + len(wide))
        + body
    )
    return head + info + b"\0\0\0\0"
