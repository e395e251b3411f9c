"""Office documents to PDF, and workbooks computed anew, through LibreOffice, where it is installed.

The document lies decrypted in a directory of mode 0700 on a RAM disk while it is converted. A guard, a
process of its own, waits on a pipe from this one: when the pipe closes, however this process ended, it kills
what is left of LibreOffice and removes the directory.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from printing.errors import N_, PrintingError

PROGRAM = "soffice"
RAM_DISK = Path("/dev/shm")  # noqa: S108 - a directory of mode 0700 is made in it
SUFFIXES = frozenset({".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".xlsm", ".ods"})
DEADLINE = 120.0
"""Seconds for one document; the first start of LibreOffice on an old machine takes 20 to 40."""

_ONE_AT_A_TIME = threading.Lock()
_PREFIX = "printing-office-"
_GUARD = """
read -r group
read -r ended
[ -n "$group" ] && [ -z "$ended" ] && kill -s KILL -- "-$group" 2>/dev/null
until rm -rf -- "$1"; do sleep 0.1; done
"""
_WHEN_TOLD = 'read -r go && exec "$0" "$@" </dev/null'
"""Starts nothing when this process dies before the guard knows the group."""
# no macros, nothing fetched from the addresses that a document names, formulas always computed anew
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


class OfficeMissing(PrintingError):
    """No LibreOffice on this machine."""

    code = "office-missing"
    remedy = N_(
        "Install LibreOffice (libreoffice-writer-nogui and libreoffice-calc-nogui), or save the file as PDF."
    )


class OfficeFailed(PrintingError):
    """LibreOffice gave no PDF, or not in time."""

    code = "office-failed"
    remedy = N_("Open the document in an office program, save it as PDF, and put that into the inbox.")


def available() -> bool:
    """Whether LibreOffice can be started."""
    return shutil.which(PROGRAM) is not None


def to_pdf(document: bytes, suffix: str, *, deadline: float = DEADLINE) -> bytes:
    """Convert ``document``, whose kind ``suffix`` names (".docx"), to PDF; waits for a conversion under way.

    Raises :class:`OfficeMissing`, or :class:`OfficeFailed` when there is no PDF after ``deadline`` seconds.
    """
    return _converted(document, suffix, "pdf", b"%PDF-", deadline)


def recomputed(workbook: bytes, suffix: str, *, deadline: float = DEADLINE) -> bytes:
    """The workbook as LibreOffice opens it, its formulas computed anew, as .xlsx: to be read, not kept.

    Raises :class:`OfficeMissing` and :class:`OfficeFailed`.
    """
    return _converted(workbook, suffix, "xlsx", b"PK", deadline)


def _converted(document: bytes, suffix: str, target: str, begins: bytes, deadline: float) -> bytes:
    if suffix.lower() not in SUFFIXES:
        raise OfficeFailed(N_("Files of the kind {suffix} are not converted."), suffix=suffix)
    if not available():
        raise OfficeMissing(
            N_("LibreOffice is not installed: {suffix} files cannot be printed."), suffix=suffix
        )
    with _ONE_AT_A_TIME, _workspace() as (folder, guard):
        source = folder / f"document{suffix.lower()}"
        source.write_bytes(document)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        _convert(source, target, profile, guard, deadline)
        made = folder / "made" / f"document.{target}"
        found = made.read_bytes() if made.exists() else b""
    if not found.startswith(begins):
        raise OfficeFailed(N_("LibreOffice cannot convert this {suffix} file."), suffix=suffix)
    return found


@contextlib.contextmanager
def _workspace() -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """A private directory in memory, and the guard that removes it."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=RAM_DISK))
    except OSError as error:
        raise OfficeFailed(
            N_("No private place in memory for the conversion ({path})."), path=str(RAM_DISK)
        ) from error
    guard = subprocess.Popen(
        ["sh", "-c", _GUARD, "guard", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C in the terminal must not reach it
    )
    try:
        yield folder, guard
    finally:
        guard.communicate(b"ended\n")


def _convert(
    source: Path, target: str, profile: Path, guard: subprocess.Popen[bytes], deadline: float
) -> None:
    """Run LibreOffice in a process group of its own, which the guard knows before it starts."""
    folder = source.parent
    options = [f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
    command = ["sh", "-c", _WHEN_TOLD, PROGRAM, *options]
    office = subprocess.Popen(
        [*command, "--convert-to", target, "--outdir", str(folder / "made"), str(source)],
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
        },
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _tell(guard, str(office.pid))
        _tell(office, "go")
        office.wait(timeout=deadline)
    except subprocess.TimeoutExpired as error:
        seconds = round(deadline)
        raise OfficeFailed(
            N_("LibreOffice gave no PDF within {seconds} seconds."), seconds=seconds
        ) from error
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(office.pid, signal.SIGKILL)
        office.communicate()


def _tell(process: subprocess.Popen[bytes], line: str) -> None:
    assert process.stdin is not None  # noqa: S101 - it was made a pipe
    process.stdin.write(f"{line}\n".encode())
    process.stdin.flush()
