"""Archives of every kind, written by other programs than those that read them, where there are any."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import libarchive
import py7zr
import pyzipper

CIPHER = "Шифр-48151623"
FILES = {
    "Вариант 1.pdf": b"%PDF-1.4\n" + b"first variant " * 40,
    "Вариант 2.pdf": b"%PDF-1.4\n" + b"second variant " * 50,
}


class _Raw:
    """Writes its name without the UTF-8 flag: in cp866 as Windows programs in Russia do."""

    filename: str
    encoding = "cp866"

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode(self.encoding), self.flag_bits & ~0x800  # type: ignore[attr-defined]


class RawInfo(_Raw, zipfile.ZipInfo):
    pass


class MacInfo(RawInfo):
    encoding = "utf-8"


class _AesRawInfo(_Raw, pyzipper.zipfile_aes.AESZipInfo):  # type: ignore[misc]
    pass


def zip_plain(files: Mapping[str, bytes] = FILES) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def zip_info(info: zipfile.ZipInfo, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, content)
    return out.getvalue()


def zip_aes(
    files: Mapping[str, bytes] = FILES, cipher: bytes = CIPHER.encode(), bits: int = 256, cp866: bool = False
) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED) as archive:
        archive.setpassword(cipher)
        archive.setencryption(pyzipper.WZ_AES, nbits=bits)
        for name, content in files.items():
            info: Any = name
            if cp866:
                info = _AesRawInfo(name)
                info.compress_type = pyzipper.ZIP_DEFLATED
                info.create_system = 0
            archive.writestr(info, content)
    return out.getvalue()


def zip_crypto(files: Mapping[str, bytes] = FILES, cipher: bytes = CIPHER.encode()) -> bytes:
    out = io.BytesIO()

    def collect(block: bytes) -> int:
        out.write(block)
        return len(block)

    with libarchive.custom_writer(
        collect, "zip", options="encryption=zipcrypt", passphrase=cipher, block_size=512
    ) as archive:
        for name, content in files.items():
            archive.add_file_from_memory(name, len(content), content)
    return out.getvalue()


def zip_cp866(files: Mapping[str, bytes] = FILES) -> bytes:
    """Not encrypted, cp866 names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = RawInfo(name)
            info.create_system = 0
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def seven(
    files: Mapping[str, bytes] = FILES, cipher: str | None = CIPHER, hidden: bool = False, copy: bool = False
) -> bytes:
    out = io.BytesIO()
    filters = [{"id": py7zr.FILTER_COPY}] if copy else None
    if copy and cipher:
        filters = [{"id": py7zr.FILTER_COPY}, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}]
    with py7zr.SevenZipFile(out, "w", password=cipher, header_encryption=hidden, filters=filters) as archive:
        for name, content in files.items():
            archive.writestr(content, name)
    return out.getvalue()


def _vint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes((number,))


def _block5(body: bytes) -> bytes:
    sized = _vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def rar5(files: Mapping[str, bytes] = FILES, encrypted: str = "") -> bytes:
    """A stored RAR 5 archive by the published format; ``encrypted`` marks "files" or "headers" as such."""
    out = bytearray(b"Rar!\x1a\x07\x01\x00")
    if encrypted == "headers":
        return bytes(out + _block5(b"\x04\x00\x00\x00\x0f" + bytes(16)) + bytes(64))
    out += _block5(b"\x01\x00\x00")
    for name, content in files.items():
        raw = name.encode()
        extra = _vint(34) + b"\x01" + bytes(33) if encrypted else b""
        head = _vint(2) + (b"\x03" + _vint(len(extra)) if extra else b"\x02") + _vint(len(content))
        head += b"\x04" + _vint(len(content)) + b"\x20" + struct.pack("<I", zlib.crc32(content)) + b"\x00\x00"
        out += _block5(head + _vint(len(raw)) + raw + extra) + content
    return bytes(out + _block5(b"\x05\x00\x00"))


def rar4(files: Mapping[str, bytes], encrypted: str = "") -> bytes:
    """A stored RAR 4 archive with ASCII names."""

    def block(kind: int, flags: int, body: bytes) -> bytes:
        rest = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(rest) & 0xFFFF) + rest

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0x80 if encrypted == "headers" else 0, bytes(6))
    for name, content in files.items():
        body = struct.pack(
            "<IIBIIBBHI",
            len(content),
            len(content),
            3,
            zlib.crc32(content),
            0x5A21_0000,
            20,
            0x30,
            len(name),
            0o100644,
        )
        out += block(0x74, 0x8000 | (4 if encrypted else 0), body + name.encode()) + content
    return out + block(0x7B, 0x4000, b"")
