"""The agent as it travels: one zip per kind of workstation, with all that it needs there.

A bundle is our agent, psutil, sounddevice and the backend of cffi that sounddevice calls, for every Python
from 3.9 on. It is built from wheels whose hashes are listed in ``agent/wheels.sha256``; the same wheels give
the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labcheck.errors import N_, LabcheckError
from labcheck.transport.base import Platform

HERE = Path(__file__).parent
ENTRY = b"""\
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from agent.__main__ import main

main()
"""
PLATFORMS = {
    "linux-x86_64": "manylinux2014_x86_64",
    "linux-aarch64": "manylinux2014_aarch64",
    "windows-amd64": "win_amd64",
}
"""What a workstation is, and what pip calls wheels for it."""
WANTED = {
    "psutil": r"psutil/[a-z_]+\.(py|so|pyd)|psutil/_psutil_\w+\.abi3\.so",
    "sounddevice": r"_?sounddevice\.py|_sounddevice_data/__init__\.py|.*/libportaudio64bit\.dll",
    "cffi": r"_cffi_backend\.[\w.-]+",
}
"""What of each wheel is taken. sounddevice needs of cffi the compiled backend alone, and one PortAudio on
Windows; Linux has its own, libportaudio2."""
LICENCE = re.compile(r"[^/]+\.dist-info/(licenses/)?LICENSE[\w.]*")
FOREIGN = re.compile(r"psutil/_ps(aix|bsd|osx|sunos)\.py")
LONG_AGO = (1980, 1, 1, 0, 0, 0)


class BundleError(LabcheckError):
    """Root of what can go wrong with a bundle."""

    code = "bundle"
    remedy = N_("Build it again with 'labcheck bundle'.")


class WheelMissing(BundleError):
    """A wheel that the bundle needs is not in the folder, or is not the one listed."""

    code = "wheel-missing"
    remedy = N_("On a computer with access to the package index, run 'labcheck bundle' without '--wheels'.")


class WheelsNotFetched(BundleError):
    """pip could not fetch the wheels."""

    code = "wheels-not-fetched"
    remedy = N_("Check the network and pip's settings, or give a folder of wheels with '--wheels'.")


class NoBundle(BundleError):
    """The workstation is of a kind that no bundle is made for."""

    code = "no-bundle"
    remedy = N_("Use a workstation with 64-bit Windows, or with Linux on x86-64 or 64-bit ARM.")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A built bundle. ``sha256`` is that of the file, 64 hexadecimal digits."""

    platform: str
    path: Path
    sha256: str

    @property
    def folder(self) -> str:
        """What its folder on a workstation is called."""
        return f"agent-{self.sha256[:16]}"


@dataclass(frozen=True, slots=True)
class Bundles:
    """A folder of bundles; those that are not there are built from wheels when they are first asked for."""

    folder: Path
    wheels: Path

    def of(self, platform: Platform) -> Bundle:
        """The bundle for a workstation. Raises NoBundle, WheelMissing, WheelsNotFetched, OSError."""
        name = f"{platform.system}-{platform.machine}"
        if name not in PLATFORMS:
            raise NoBundle(N_("there is no agent for {platform}"), platform=name)
        with _one_builder:
            ready = current(self.folder, name)
            if ready is None:
                fetch(self.wheels, [name])
                ready = build(self.folder, name, self.wheels)
        return ready


_one_builder = threading.Lock()
"""A room asks for all its workstations at once."""


def listed(platform: str) -> dict[str, str]:
    """The wheels of a platform: file name -> SHA-256."""
    tag = {"linux-x86_64": "x86_64", "linux-aarch64": "aarch64", "windows-amd64": "win_amd64"}[platform]
    rows = (line.split() for line in (HERE / "agent/wheels.sha256").read_text("ascii").splitlines())
    found = {name: digest for digest, name in rows if tag in name or name.endswith("py3-none-any.whl")}
    # One for any platform is taken where there is none for this one: sounddevice has one with PortAudio.
    own = {name.split("-")[0] for name in found if tag in name}
    return {n: d for n, d in found.items() if tag in n or n.split("-")[0] not in own}


def build(out: Path, platform: str, wheels_dir: Path) -> Bundle:
    """Write ``out/agent-PLATFORM.zip`` from the wheels in a folder. Raises WheelMissing, OSError."""
    contents = {"__main__.py": ENTRY, **_agent()}
    for name, digest in listed(platform).items():
        contents |= {f"lib/{inside}": data for inside, data in _of_wheel(wheels_dir / name, digest)}
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"agent-{platform}.zip"
    beside = path.with_suffix(".new")
    beside.write_bytes(_zip(contents, comment=_made_of(platform)))
    beside.replace(path)
    return Bundle(platform, path, _sha256(path))


def current(out: Path, platform: str) -> Bundle | None:
    """The bundle that is there already, when it was built from what we have now."""
    path = out / f"agent-{platform}.zip"
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.comment != _made_of(platform):
                return None
    except (OSError, zipfile.BadZipFile):
        return None
    return Bundle(platform, path, _sha256(path))


def _made_of(platform: str) -> bytes:
    """A hash of all that goes into a bundle."""
    digests = [hashlib.sha256(data).hexdigest() + name for name, data in sorted(_agent().items())]
    rules = repr((ENTRY, WANTED, LICENCE, FOREIGN, sorted(listed(platform).items()), digests))
    return hashlib.sha256(rules.encode()).hexdigest().encode("ascii")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(wheels_dir: Path, platforms: Sequence[str] = tuple(PLATFORMS)) -> None:
    """Download the listed wheels with pip, from the index that it is set up with. Raises WheelsNotFetched."""
    wheels_dir.mkdir(parents=True, exist_ok=True)
    for platform in platforms:
        missing: dict[str, list[str]] = {}
        for wheel in listed(platform):
            if not (wheels_dir / wheel).is_file():
                name, version, python = wheel.split("-")[:3]
                for_python = python[3:] if name == "cffi" else "11"  # the others are for any Python
                missing.setdefault(for_python, []).append(f"{name}=={version}")
        for minor, wanted in missing.items():
            _download(wheels_dir, wanted, minor, PLATFORMS[platform])


def _download(wheels_dir: Path, wanted: list[str], minor: str, tag: str) -> None:
    words = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
    for_what = ["--implementation", "cp", "--python-version", f"3.{minor}", "--platform", tag]
    where = ["--dest", str(wheels_dir)]
    command = [sys.executable, "-m", "pip", "download", *words, *for_what, *where, *wanted]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if ran.returncode != 0:
        said = ran.stderr.strip().splitlines()[-1:] or ["—"]
        wheels = ", ".join(wanted)
        raise WheelsNotFetched(N_("pip could not fetch {wheels}: {said}"), wheels=wheels, said=said[0])


def agent_source() -> bytes:
    """Our agent alone as a zip, for a question that must leave nothing on the workstation."""
    return _zip(_agent())


def _agent() -> dict[str, bytes]:
    return {f"agent/{path.name}": path.read_bytes() for path in (HERE / "agent").glob("*.py")}


def _of_wheel(path: Path, digest: str) -> Iterator[tuple[str, bytes]]:
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise WheelMissing(N_("{wheel} is missing, or is not the one that is listed"), wheel=path.name)
    wanted = re.compile(WANTED[path.name.split("-")[0]])
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        for name in wheel.namelist():
            fits = wanted.fullmatch(name) or LICENCE.fullmatch(name)
            if fits and not FOREIGN.fullmatch(name):
                yield name, wheel.read(name)


def _zip(contents: dict[str, bytes], comment: bytes = b"") -> bytes:
    """The same contents always give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, contents[name])
        archive.comment = comment
    return target.getvalue()
