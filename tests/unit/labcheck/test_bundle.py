"""Bundles: what is in them, for whom, and that nothing unlisted gets in."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from labcheck import bundle
from labcheck.bundle import PLATFORMS, Bundles, NoBundle, WheelMissing, build, current, fetch, listed
from labcheck.transport.base import Platform
from tests.services.bundles import WHEELS

ROOT = Path(__file__).parents[3]
PYTHONS = ("39", "310", "311", "312", "313", "314")


@pytest.fixture(scope="module", autouse=True)
def _wheels() -> None:
    fetch(WHEELS)


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("platform", PLATFORMS)
def test_same_wheels_give_the_same_bytes(platform: str, tmp_path: Path) -> None:
    one, two = (build(tmp_path / folder, platform, WHEELS) for folder in ("one", "two"))
    assert one.path.read_bytes() == two.path.read_bytes()
    assert one.sha256 == two.sha256
    assert one.folder == f"agent-{one.sha256[:16]}"


@pytest.mark.parametrize(
    ("platform", "backend", "psutil"),
    [
        ("linux-x86_64", "_cffi_backend.cpython-{}-x86_64-linux-gnu.so", "_psutil_linux.abi3.so"),
        ("linux-aarch64", "_cffi_backend.cpython-{}-aarch64-linux-gnu.so", "_psutil_linux.abi3.so"),
        ("windows-amd64", "_cffi_backend.cp{}-win_amd64.pyd", "_psutil_windows.pyd"),
    ],
)
def test_bundle_serves_every_python_from_39(platform: str, backend: str, psutil: str, tmp_path: Path) -> None:
    held = names(build(tmp_path, platform, WHEELS).path)
    assert {f"lib/{backend.format(python)}" for python in PYTHONS} <= held
    assert {"__main__.py", "agent/__main__.py", "lib/sounddevice.py", f"lib/psutil/{psutil}"} <= held
    assert {f"agent/{path.name}" for path in (ROOT / "labcheck/agent").glob("*.py")} <= held


@pytest.mark.parametrize("platform", PLATFORMS)
def test_bundle_holds_no_more_than_is_needed(platform: str, tmp_path: Path) -> None:
    held = names(build(tmp_path, platform, WHEELS).path)
    foreign = re.compile(r"ps(aix|bsd|osx|sunos)|/tests?/|32bit|arm64\.dll|dylib|pycparser|lib/cffi/")
    assert not [name for name in held if foreign.search(name)]
    assert sum("libportaudio64bit.dll" in name for name in held) == (platform == "windows-amd64")
    for package in ("psutil", "sounddevice", "cffi"):
        assert any(re.match(rf"lib/{package}-.*LICENSE", name) for name in held)


def test_wheels_are_those_of_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text("ascii")
    for platform in PLATFORMS:
        for name, digest in listed(platform).items():
            package, version, python = name.split("-")[:3]
            if python == "cp39" and package == "cffi":
                assert version == "2.0.0"  # the last for Python 3.9
                continue
            assert f"{package}=={version} " in lock
            assert digest in lock


def test_a_wheel_that_is_not_the_listed_one_is_refused(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    shutil.copytree(WHEELS, wheels)
    wheel = next(wheels.glob("psutil-*x86_64*.whl"))
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("psutil/extra.py", "import os")
    with pytest.raises(WheelMissing):
        build(tmp_path / "out", "linux-x86_64", wheels)
    wheel.unlink()
    with pytest.raises(WheelMissing):
        build(tmp_path / "out", "linux-x86_64", wheels)
    assert not list((tmp_path / "out").glob("*.zip"))


def test_a_bundle_is_built_again_only_when_something_in_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles = Bundles(tmp_path / "out", WHEELS)
    first = bundles.of(Platform("linux", "x86_64", None))
    bundles_without_wheels = Bundles(tmp_path / "out", tmp_path / "none")
    assert bundles_without_wheels.of(Platform("linux", "x86_64", None)) == first
    monkeypatch.setattr(bundle, "ENTRY", bundle.ENTRY + b"# changed\n")
    assert current(tmp_path / "out", "linux-x86_64") is None
    assert bundles.of(Platform("linux", "x86_64", None)).sha256 != first.sha256


def test_no_bundle_for_an_unknown_machine(tmp_path: Path) -> None:
    with pytest.raises(NoBundle):
        Bundles(tmp_path, WHEELS).of(Platform("linux", "mips", None))
