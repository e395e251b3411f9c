"""Looks for what is known in one file's content; archives, mails and office files are opened in memory."""

from __future__ import annotations

import bz2
import email
import email.policy
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

from provision.audit.known import Hit, Known, Sort
from provision.audit.texts import text_of
from provision.intake import archive
from provision.intake.errors import IntakeError
from provision.secret import Secret

_DEPTH = 4
_MEMBERS = 3_000
_UNPACKED = 192 << 20
"""Bytes of everything that is unpacked out of one file."""
_MAIL = re.compile(
    rb"\A(?:From |Return-Path:|Received:|From:|Date:|X-|Message-ID:|MIME-Version:|Delivered-To:|Subject:)",
    re.I,
)
_MESSAGE = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Unseen(Exception):
    """A part of the content could not be looked at; ``reason`` is a code of words.UNSEEN."""

    def __init__(self, reason: str) -> None:
        """Say why."""
        self.reason = reason
        super().__init__(reason)


class Look:
    """One file's look; ``unseen`` collects what stayed closed."""

    def __init__(self, known: Known, ciphers: tuple[Secret, ...] = ()) -> None:
        """Look for ``known``; archives are tried with ``ciphers``."""
        self._known, self._ciphers = known, ciphers
        self._left = _UNPACKED
        self.unseen: dict[str, int] = {}

    def hits(self, name: str, content: bytes, path: Path | None = None) -> Iterator[Hit]:
        """What is recognised in a file; ``path`` where it lies on the disk, for archives of other kinds."""
        yield from self._known.secrets_in(name.encode("utf-8", "replace"))
        yield from self._content(content, _DEPTH, path)

    def _content(self, content: bytes, depth: int, path: Path | None = None) -> Iterator[Hit]:
        if hit := self._known.exact(content):
            yield hit
            return
        yield from self._known.secrets_in(content)
        yield from self._known.inside(content)
        if depth <= 0:
            self._miss("nested")
            return
        if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            yield from self._zip(content, depth, path)
        elif path is not None and content.startswith((b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")):
            yield from self._other_archive(path, depth)
        elif (unpacked := self._uncompressed(content)) is not None:
            yield from self._content(unpacked, depth - 1)
        elif content[257:262] == b"ustar":
            yield from self._tar(content, depth)
        elif _MAIL.match(content) and b"\n" in content[:2000]:
            yield from self._mails(content, depth)
        else:
            yield from self._text(content)

    def _text(self, content: bytes) -> Iterator[Hit]:
        if content.startswith(_OLD_WORKBOOK):
            yield from self._known.in_text(_sheets(content))
        text = text_of(content)
        if (
            content[:1] == b"<" or b"%PDF-" in content[:1024]
        ):  # what runs or streams cut in pieces is whole now
            yield from self._known.secrets_in(text.encode())
        yield from self._known.in_text(text)

    def _uncompressed(self, content: bytes) -> bytes | None:
        """What gzip, bzip2 or xz packed, within the bound; None when it is none of them."""
        for magic, opened in ((b"\x1f\x8b\x08", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open)):
            if content.startswith(magic):
                try:
                    with opened(io.BytesIO(content)) as stream:
                        found = stream.read(self._left + 1)
                except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError):
                    self._miss("damaged")
                    return None
                return self._within(found)
        return None

    def _within(self, found: bytes) -> bytes:
        if len(found) > self._left:
            self._miss("big")
            found = found[: self._left]
        self._left -= len(found)
        return found

    def _tar(self, content: bytes, depth: int) -> Iterator[Hit]:
        try:
            with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
                for number, member in enumerate(tar):
                    if number >= _MEMBERS:
                        self._miss("nested")
                        return
                    stream = tar.extractfile(member) if member.isreg() else None
                    if stream is not None:
                        yield from self._content(self._within(stream.read(self._left + 1)), depth - 1)
        except (tarfile.TarError, OSError, ValueError):
            self._miss("damaged")

    def _zip(self, content: bytes, depth: int, path: Path | None) -> Iterator[Hit]:
        """Office files are such archives too."""
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as listing:
                members = listing.infolist()
                if any(member.flag_bits & 1 for member in members):
                    yield from self._encrypted(path)
                    return
                for member in members[:_MEMBERS]:
                    with listing.open(member) as stream:
                        inside = self._within(stream.read(self._left + 1))
                    yield from self._content(inside, depth - 1)
                if len(members) > _MEMBERS:
                    self._miss("nested")
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            NotImplementedError,
            EOFError,
            zlib.error,
            RuntimeError,
        ):
            self._miss("damaged")

    def _encrypted(self, path: Path | None) -> Iterator[Hit]:
        """Packed anew with the site's own cipher: then it is a copy; else nobody can tell."""
        if path is not None:
            for cipher in self._ciphers:
                try:
                    if archive.opens(path, cipher):
                        yield Hit(Sort.ARCHIVE)
                        return
                except IntakeError:
                    break
        self._miss("encrypted")

    def _other_archive(self, path: Path, depth: int) -> Iterator[Hit]:
        try:
            if archive.inspect(path).encryption:
                yield from self._encrypted(path)
                return
            for inside in archive.read(path, None).values():
                yield from self._content(self._within(inside), depth - 1)
        except IntakeError:
            self._miss("damaged")

    def _mails(self, content: bytes, depth: int) -> Iterator[Hit]:
        """One message or a whole folder of them, with their attachments."""
        starts = [match.start() for match in _MESSAGE.finditer(content)] or [0]
        for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
            raw = content[start:end]
            raw = raw[raw.find(b"\n") + 1 :] if raw.startswith(b"From ") else raw
            message = email.message_from_bytes(raw, policy=email.policy.compat32)
            for part in message.walk():
                payload = part.get_payload(decode=True)
                if isinstance(payload, bytes) and payload:
                    yield from self._content(_in_utf8(part, payload), depth - 1)
            yield from self._content(_decoded_words(str(message.get("Subject", ""))).encode(), 1)

    def _miss(self, reason: str) -> None:
        self.unseen[reason] = self.unseen.get(reason, 0) + 1


def _in_utf8(part: Message, payload: bytes) -> bytes:
    """A text in the charset that its message names, as UTF-8; anything else as it is."""
    if part.get_content_maintype() != "text":
        return payload
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace").encode()
    except LookupError:
        return payload


def _decoded_words(text: str) -> str:
    from email.header import decode_header, make_header  # noqa: PLC0415 - seldom needed

    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError):
        return text


def _sheets(content: bytes) -> str:
    """The cells of an old workbook, whose numbers stand in no text."""
    from provision.intake.texts import workbook  # noqa: PLC0415 - seldom needed

    try:
        tables = workbook("", content)
    except BaseException as error:
        # calamine is Rust: a damaged file may end in a PanicException, which is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return ""
    cells = (cell for table in tables for row in table.rows for cell in row if cell is not None)
    return "\n".join(
        str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in cells
    )
