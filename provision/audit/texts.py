"""The text of any file, as well as it can be had in memory: for finding, not for reading."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

import pypdfium2 as pdfium

from provision.intake.texts import decoded

CHARACTERS = 8_000_000
_PAGES = 120
_PART = 32 << 20
_PARTS = frozenset({"word/document.xml", "content.xml", "xl/sharedStrings.xml"})
_INLINE = {
    "r", "t", "rpr", "b", "i", "u", "s", "sz", "szcs", "color", "rfonts", "lang", "span", "prooferr", "a",
    "bookmarkstart", "bookmarkend", "vertalign", "caps", "highlight", "strike", "font", "em", "strong", "bdo",
}  # fmt: skip
"""Elements within a word: a program may cut a word in two runs, but not in two cells."""
_TAG = re.compile(r"<[/!?]?([^\s<>/]{0,60})[^<>]*>")
_ENTITY = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&nbsp;": " "}


def text_of(content: bytes) -> str:
    """What a person could read in it; "" for pictures, sound and programs."""
    if b"%PDF-" in content[:1024]:
        return pdf_text(content)
    if _mute(content):
        return ""
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    if b"\0" in content[:4096] and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return _binary(content)
    text = decoded(content[: CHARACTERS * 2])
    return markup_text(text) if text.lstrip()[:1] == "<" else text


def markup_text(text: str) -> str:
    """XML or HTML without its tags; words that runs cut in two are whole, cells are apart."""

    def apart(tag: re.Match[str]) -> str:
        return "" if tag[1].rpartition(":")[2].lower() in _INLINE else "\n"

    bare = _TAG.sub(apart, text)
    return re.sub(r"&\w+;", lambda entity: _ENTITY.get(entity[0], " "), bare)


def _office(content: bytes) -> str:
    """The text of a .docx, .xlsx or .odt; "" for any other archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as listing:
            parts = [one for one in listing.infolist() if one.filename in _PARTS and one.file_size <= _PART]
            return "\n".join(markup_text(listing.read(part).decode("utf-8", "replace")) for part in parts)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, zlib.error):
        return ""


def pdf_text(content: bytes) -> str:
    """The text of its first pages; "" when it cannot be opened."""
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError:
        return ""
    try:
        pages = []
        for index in range(min(len(document), _PAGES)):
            page = document[index]
            text = page.get_textpage()
            pages.append(text.get_text_bounded())
            text.close()
            page.close()
        return "\n".join(pages)
    except pdfium.PdfiumError:
        return ""
    finally:
        document.close()


def _binary(content: bytes) -> str:
    """Old office files and databases: both of the encodings that their text may stand in."""
    piece = content[: CHARACTERS // 2]
    wide = piece[: len(piece) // 2 * 2]
    both = (wide.decode("utf-16-le", "replace"), piece.decode("utf-8", "replace"))
    return "\n".join(re.sub(r"[^\w\s.,:;@/+*()№-]+", "\n", text) for text in both)


_MUTE = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ", b"OggS", b"ID3", b"\xff\xfb", b"fLaC", b"\0asm",
    b"RIFF", b"\x1aE\xdf\xa3", b"wOFF", b"wOF2", b"\0\1\0\0\0", b"OTTO", b"ttcf", b"\xca\xfe\xba\xbe",
)  # fmt: skip


def _mute(content: bytes) -> bool:
    return content.startswith(_MUTE) or content[4:8] == b"ftyp"
