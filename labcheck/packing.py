"""A bundle on its way to a workstation: what that one's Python can use of it, in one piece that is unpacked
(labcheck.boot.UNPACK) with next to nothing imported: zipfile alone costs each of them 8 ms."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import marshal
import re
import sys
import threading
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache

from labcheck.bundle import Bundle
from labcheck.transport.base import Platform


@dataclass(frozen=True, slots=True)
class Packed:
    """``data`` is zlib of a line of JSON, ``[[name, bytes], …]``, and then the files. ``sha256`` is that of
    ``data``, ``bundle`` that of the bundle which it is of; 64 hexadecimal digits. ``size``: unpacked."""

    data: bytes
    sha256: str
    size: int
    bundle: str

    def told(self) -> tuple[str, str, str]:
        """What labcheck.boot.UNPACK is told of it."""
        return self.sha256, str(self.size), self.bundle


def packed(bundle: Bundle, platform: Platform) -> Packed:
    """What of a bundle goes to a workstation; made once for all that are alike. Raises OSError."""
    version = platform.python.version if platform.python else ""
    with _one_packer:
        return _packed(bundle, "".join(version.split(".")[:2]))


_one_packer = threading.Lock()
"""A room asks for all its workstations at once."""


@lru_cache(maxsize=8)
def _packed(bundle: Bundle, python: str) -> Packed:
    """Without what was compiled for other Pythons, most of the bytes; with the agent compiled when theirs is
    as ours, which saves a workstation 20 ms once."""
    with zipfile.ZipFile(bundle.path) as archive:
        found = {name: archive.read(name) for name in archive.namelist() if _fits(name, python)}
    if sys.implementation.cache_tag == f"cpython-{python}":
        for name in [name for name in found if re.fullmatch(r"agent/\w+\.py", name)]:
            found[f"agent/__pycache__/{name[6:-3]}.cpython-{python}.pyc"] = _compiled(name, found[name])
    names = json.dumps([(name, len(content)) for name, content in found.items()]).encode("ascii")
    unpacked = b"\n".join((names, b"".join(found.values())))
    data = zlib.compress(unpacked)
    return Packed(data, hashlib.sha256(data).hexdigest(), len(unpacked), bundle.sha256)


def _fits(name: str, python: str) -> bool:
    return "/_cffi_backend." not in name or f".cpython-{python}-" in name or f".cp{python}-" in name


def _compiled(name: str, source: bytes) -> bytes:
    """As PEP 552 has it, with the source's hash, and not to be compared with it: folders are of one hash."""
    code = marshal.dumps(compile(source, name, "exec", dont_inherit=True))
    return importlib.util.MAGIC_NUMBER + b"\1\0\0\0" + importlib.util.source_hash(source) + code
