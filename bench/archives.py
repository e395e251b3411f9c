"""How fast an archive of tasks is opened: ours beside the standard library and pyzipper.

``python -m bench archives``. One archive of incompressible members (what PDFs with pictures are) per cipher,
read whole into memory; every way must give the same bytes. Speeds: MiB of content per second of wall clock.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import libarchive
import pyzipper

from provision.intake import archive
from provision.secret import Secret

MEMBERS = 4
MEMBER_BYTES = 8 * 1024 * 1024
STDLIB_BYTES = 2 * 1024 * 1024  # the standard library needs seconds for each megabyte
CIPHER = "Bench-4711"


def _write_aes(path: Path, files: dict[str, bytes]) -> None:
    with pyzipper.AESZipFile(path, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as out:
        out.setpassword(CIPHER.encode())
        for name, content in files.items():
            out.writestr(name, content)


def _write_zipcrypto(path: Path, files: dict[str, bytes]) -> None:
    with libarchive.file_writer(str(path), "zip", options="encryption=zipcrypt", passphrase=CIPHER) as out:
        for name, content in files.items():
            out.add_file_from_memory(name, len(content), content)


def _ours(path: Path) -> dict[str, bytes]:
    return archive.read(path, Secret(CIPHER))


def _stdlib(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as source:
        return {name: source.read(name, CIPHER.encode()) for name in source.namelist()}


def _pyzipper(path: Path) -> dict[str, bytes]:
    with pyzipper.AESZipFile(path) as source:
        source.setpassword(CIPHER.encode())
        return {name: source.read(name) for name in source.namelist()}


def _speed(way: Callable[[Path], dict[str, bytes]], path: Path, files: dict[str, bytes]) -> float:
    """MiB/s, the best of three runs (one when a run takes over two seconds)."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        contents = way(path)
        seconds = time.perf_counter() - start
        if contents != files:
            msg = f"{way.__name__} read something else"
            raise AssertionError(msg)
        best = max(best, sum(map(len, files.values())) / 1024 / 1024 / seconds)
        if seconds > 2:
            break
    return best


def main() -> None:
    """Print the table and, last, one line of JSON."""
    full = {f"variant-{n}.bin": os.urandom(MEMBER_BYTES) for n in range(MEMBERS)}
    small = {"variant-1.bin": os.urandom(STDLIB_BYTES)}
    plans: list[tuple[str, str, Callable[[Path], dict[str, bytes]], dict[str, bytes]]] = [
        ("zipcrypto", "ours", _ours, full),
        ("zipcrypto", "pyzipper", _pyzipper, small),
        ("zipcrypto", "stdlib", _stdlib, small),
        ("aes256", "ours", _ours, full),
        ("aes256", "pyzipper", _pyzipper, full),
    ]
    writers = {"zipcrypto": _write_zipcrypto, "aes256": _write_aes}
    figures: dict[str, float] = {}
    print(f"{'cipher':<12}{'way':<12}{'MiB/s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for cipher, label, way, files in plans:
            path = Path(folder) / f"{cipher}-{len(files)}.zip"
            if not path.exists():
                writers[cipher](path, files)
            speed = _speed(way, path, files)
            figures[f"{cipher}_{label}_mib_s"] = round(speed, 1)
            print(f"{cipher:<12}{label:<12}{speed:>8.1f}")
    print(f"{'aes256':<12}{'stdlib':<12}{'refuses':>8}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
