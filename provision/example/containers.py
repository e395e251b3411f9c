"""Archives and office files that come out the same at each build."""

from __future__ import annotations

import hashlib
import io
import random
import re
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import pyzipper
from Cryptodome.Cipher import AES
from Cryptodome.Hash import HMAC, SHA1
from Cryptodome.Util import Counter
from pyzipper.zipfile_aes import AESZipEncrypter, AESZipInfo

STAMP: Final = (2027, 4, 14, 15, 30, 0)
"""When every member of every archive was last changed: the day before the tests."""
_CORE_TIME: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class _Cp866Info(AESZipInfo):  # type: ignore[misc]  # pyzipper has no types
    """A member whose name is written in cp866 without the UTF-8 flag, as Russian archivers do."""

    __slots__ = ()

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - overrides zipfile's
        return self.filename.encode("cp866"), self.flag_bits


class _Encrypter(AESZipEncrypter):  # type: ignore[misc]
    """AES-256 with a given salt: a seeded one is good enough for invented tasks, and for nothing else.

    Key, check and counter are those of https://www.winzip.com/en/support/aes-encryption/.
    """

    def __init__(self, cipher: bytes, salt: bytes) -> None:
        super().__init__(cipher, nbits=256)
        self.salt = salt
        material = hashlib.pbkdf2_hmac("sha1", cipher, salt, 1000, 2 * 32 + 2)
        self.encpwdverify = material[64:]
        self.encrypter = AES.new(
            material[:32], AES.MODE_CTR, counter=Counter.new(nbits=128, little_endian=True)
        )
        self.hmac = HMAC.new(material[32:64], digestmod=SHA1)


class _Archive(pyzipper.AESZipFile):  # type: ignore[misc]
    def __init__(self, file: io.BytesIO, cipher: str) -> None:
        super().__init__(file, "w", pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES)
        self.setpassword(cipher.encode())
        self._random = random.Random(cipher)  # noqa: S311 - see _Encrypter

    def get_encrypter(self) -> Any:
        return _Encrypter(self.pwd, self._random.randbytes(16))


def encrypted_archive(members: Mapping[str, bytes], cipher: str) -> bytes:
    """Return a zip of ``members`` encrypted with AES-256, their names in cp866."""
    out = io.BytesIO()
    with _Archive(out, cipher) as archive:
        for name, data in members.items():
            entry = _Cp866Info(name, STAMP)
            entry.compress_type = pyzipper.ZIP_DEFLATED
            archive.writestr(entry, data)
    return out.getvalue()


def without_times(office_file: bytes) -> bytes:
    """Return a .docx or .xlsx with all times in it set to :data:`STAMP`."""
    year, month, day, *clock = STAMP
    instant = "{}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(year, month, day, *clock).encode()
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(office_file)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _CORE_TIME.sub(instant, data)
            new.writestr(zipfile.ZipInfo(name, STAMP), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
