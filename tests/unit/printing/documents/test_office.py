"""LibreOffice: conversion to PDF that leaves nothing behind, however it ends."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import psutil
import pytest

from printing.documents import office
from tests.unit.printing.documents.reading import texts


def _document() -> bytes:
    document = docx.Document()
    document.add_paragraph("Привет, код 60894")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def ram_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A directory of this test's own in the RAM disk, so that others' conversions do not count."""
    own = office.RAM_DISK / f"test-office-{os.getpid()}"
    own.mkdir(mode=0o700)
    monkeypatch.setattr(office, "RAM_DISK", own)
    yield own
    left = [str(path) for path in own.rglob("*")]
    shutil.rmtree(own)
    assert left == []


def test_docx_becomes_pdf_and_nothing_stays() -> None:
    assert office.available()
    assert texts(office.to_pdf(_document(), ".DOCX")) == ["Привет, код 60894"]


def test_directory_is_private_while_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    slow = tmp_path / "soffice"
    slow.write_text(f'#!/bin/sh\nstat -c "%a" "$PWD" > {seen}\nls "$PWD" >> {seen}\n', encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(office.OfficeFailed, match="cannot convert"):
        office.to_pdf(_document(), ".docx")
    assert seen.read_text(encoding="utf-8").split() == ["700", "document.docx", "profile"]


def test_garbage_is_refused() -> None:
    with pytest.raises(office.OfficeFailed):
        office.to_pdf(b"\x00\x01 no document", ".docx")
    with pytest.raises(office.OfficeFailed):
        office.to_pdf(b"", ".exe")


def test_deadline_ends_it_and_its_children(ram_disk: Path) -> None:
    began = time.monotonic()
    with pytest.raises(office.OfficeFailed) as failed:
        office.to_pdf(_document(), ".docx", deadline=0.3)
    assert time.monotonic() - began < 10
    assert failed.value.code == "office-failed"
    assert _offices(ram_disk) == []


def test_missing_office_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not office.available()
    with pytest.raises(office.OfficeMissing):
        office.to_pdf(_document(), ".docx")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_killed_program_leaves_nothing(ram_disk: Path, how: signal.Signals, tmp_path: Path) -> None:
    source = tmp_path / "big.docx"
    source.write_bytes(_document())
    program = (
        "import sys; from pathlib import Path; from printing.documents import office\n"
        "office.RAM_DISK = Path(sys.argv[1])\n"
        "while True: office.to_pdf(Path(sys.argv[2]).read_bytes(), '.docx')"
    )
    root = Path(__file__).parents[4]
    victim = subprocess.Popen(
        [sys.executable, "-c", program, str(ram_disk), str(source)], cwd=root, stderr=subprocess.DEVNULL
    )
    _until(lambda: bool(_offices(ram_disk)))
    victim.send_signal(how)
    victim.wait(timeout=20)
    _until(lambda: not any(ram_disk.iterdir()))
    _until(lambda: not _offices(ram_disk))


def _offices(folder: Path) -> list[int]:
    """Processes whose command names a file below ``folder``."""
    found = []
    for process in psutil.process_iter(["cmdline", "name"]):
        words = process.info["cmdline"] or []
        if "soffice" in (process.info["name"] or "") and any(str(folder) in word for word in words):
            found.append(process.pid)
    return found


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not come to pass within 20 s"
        time.sleep(0.02)
