"""Bundles on their way: what is in them for whom, and that it arrives as it was."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from labcheck.boot import UNPACK
from labcheck.packing import packed
from labcheck.push import UNPACK_FILE
from labcheck.transport.base import Interpreter, Platform
from tests.services.bundles import BUNDLES

OURS = ".".join(map(str, sys.version_info[:3]))
OTHER = "3.9.2" if sys.version_info[:2] != (3, 9) else "3.10.1"


def platform(version: str) -> Platform:
    return Platform("linux", "x86_64", Interpreter("/usr/bin/python3", version))


def unpacked(version: str, into: Path) -> Path:
    bundle = BUNDLES.of(platform(version))
    brought = packed(bundle, platform(version))
    space: dict[str, object] = {}
    exec(UNPACK, space)
    given = brought.data, *brought.told(), str(into / bundle.folder)
    assert space["unpack"](*given) is None  # type: ignore[operator]
    assert [path.name for path in into.iterdir()] == [bundle.folder]
    return into / bundle.folder


@pytest.mark.parametrize("version", [OURS, OTHER])
def test_what_a_python_can_use_arrives_as_it_was(version: str, tmp_path: Path) -> None:
    folder, bundle = unpacked(version, tmp_path), BUNDLES.of(platform(version))
    backends = [path.name for path in (folder / "lib").glob("_cffi_backend.*")]
    minor = "".join(version.split(".")[:2])
    assert [name.split("-")[1] for name in backends] == [minor]
    with zipfile.ZipFile(bundle.path) as archive:
        for name in archive.namelist():
            if "_cffi_backend." not in name or name.rpartition("/")[2] in backends:
                assert (folder / name).read_bytes() == archive.read(name)
    assert (folder / "bundle.sha256").read_text("ascii") == bundle.sha256
    assert (folder / "agent/__pycache__").exists() == (version == OURS)


def test_what_was_compiled_here_is_used_there(tmp_path: Path) -> None:
    folder = unpacked(OURS, tmp_path)
    before = {path: path.read_bytes() for path in (folder / "agent/__pycache__").iterdir()}
    assert len(before) == len(list((folder / "agent").glob("*.py")))
    probe = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); from agent import facts; print(facts.__cached__)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe], capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()) in before
    assert {path: path.read_bytes() for path in (folder / "agent/__pycache__").iterdir()} == before


def test_it_takes_the_place_of_one_that_is_there(tmp_path: Path) -> None:
    folder = unpacked(OURS, tmp_path)
    (folder / "stale").touch()
    assert not (unpacked(OURS, tmp_path) / "stale").exists()


def test_what_did_not_arrive_whole_becomes_nothing(tmp_path: Path) -> None:
    brought = packed(BUNDLES.of(platform(OURS)), platform(OURS))
    space: dict[str, object] = {}
    exec(UNPACK, space)
    cut = brought.data[:-1]
    assert space["unpack"](cut, *brought.told(), str(tmp_path / "a"))  # type: ignore[operator]
    assert brought.sha256 == hashlib.sha256(brought.data).hexdigest()
    assert list(tmp_path.iterdir()) == []


def test_unpacked_from_a_file_as_on_windows(tmp_path: Path) -> None:
    bundle = BUNDLES.of(platform(OURS))
    brought, archive = packed(bundle, platform(OURS)), tmp_path / "it.packed"
    archive.write_bytes(brought.data)
    command = [sys.executable, "-I", "-S", "-c", UNPACK + UNPACK_FILE, str(archive), *brought.told()]
    subprocess.run([*command, str(tmp_path / bundle.folder)], check=True)
    assert [path.name for path in tmp_path.iterdir()] == [bundle.folder]
    archive.write_bytes(brought.data[1:])
    done = subprocess.run([*command, str(tmp_path / "other")], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "did not arrive whole" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [bundle.folder]
