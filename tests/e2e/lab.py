"""The example school with a lab of real SSH servers, and ``labcheck`` run on it as a person would."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from labcheck.transport.base import Endpoint
from tests.e2e.site import Ran, environment, example
from tests.services.bundles import VENV

SEATS = tuple(f"{row}{letter}" for row in range(1, 11) for letter in "АБВГ")
"""Seats of the room, in the order in which workstations are put there."""
EASY = """
    memory_gb: 0
    free_disk_gb: 0
    screen: ""
    processors: []
    clock_seconds: 5
    mains: false
    battery_percent: 0
    sleep_allowed: true
    updates_allowed: true
    forbidden_programs: []
    remote_control_allowed: true
    virtual_allowed: true
    headset: false
    exam_session: false
"""
"""Demands that this machine fulfils whatever it is."""
SETUP = """\
#!/bin/sh
case "$1" in
install) mkdir -p "$HOME/answers" ;;
check) test -d "$HOME/answers" && test -f payload.bin ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Lab:
    """A site with a lab in room 204; ``seats`` are those of its workstations, in order."""

    site: Path
    seats: tuple[str, ...]
    cache: Path

    def run(self, *words: str, stdin: str | None = None, **changes: str) -> Ran:
        """Run ``labcheck`` and wait for its end."""
        done = subprocess.run(
            self.command(*words),
            capture_output=True,
            text=True,
            env=self.environment(**changes),
            input=stdin or "",
            timeout=300,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def command(self, *words: str) -> list[str]:
        """The command line; ``words`` may begin with a subcommand."""
        return [str(Path(sys.executable).with_name("labcheck")), *words, "--site", str(self.site)]

    def environment(self, **changes: str) -> dict[str, str]:
        """A person's environment, with the bundles that are built already."""
        return environment(XDG_CACHE_HOME=str(self.cache), **changes)

    @property
    def inventory(self) -> str:
        """The inventory's text."""
        return (self.site / "inventory.yaml").read_text("utf-8")

    def change(self, old: str, new: str) -> None:
        """Replace something that is there once in the inventory."""
        text = self.inventory
        assert text.count(old) == 1, old
        (self.site / "inventory.yaml").write_text(text.replace(old, new), "utf-8")


def lab(
    folder: Path,
    endpoints: Sequence[Endpoint],
    key: Path | None,
    *,
    rules: str = EASY,
    program: Mapping[str, bytes] | None = None,
) -> Lab:
    """Build it in a new folder; ``program`` is the exam program's files, which SETUP installs."""
    site = example(folder)
    cache = folder / "cache" / "vpr-morning"
    cache.mkdir(parents=True)
    for name, where in (("bundles", "agent-bundles"), ("wheels", "agent-wheels")):
        (VENV / where).mkdir(exist_ok=True)
        (cache / name).symlink_to(VENV / where)
    path = site / "inventory.yaml"
    text = path.read_text("utf-8")
    seats = SEATS[: len(endpoints)]
    stations = "".join(_station(seat, endpoint) for seat, endpoint in zip(seats, endpoints, strict=True))
    access = f"    access: {{key: {key}}}\n" if key else ""
    text, count = re.subn(
        r"(- number: 204[^\n]*\n    rows: )6(.*?    workstations:[^\n]*\n).*?(?=\n# Работы)",
        rf"\g<1>10\g<2>{stations}{access}",
        text,
        flags=re.DOTALL,
    )
    assert count == 1
    text, count = re.subn(
        r"\n  lab: .*?(?=\n# Принтеры)",
        lambda _: "\n  lab:" + rules.rstrip() + _software(site, program) + "\n",
        text,
        flags=re.DOTALL,
    )
    assert count == 1
    path.write_text(text, "utf-8")
    return Lab(site, seats, cache.parent)


def _station(seat: str, to: Endpoint) -> str:
    pin = f", host_key: {to.host_key}" if to.host_key else ""
    return f"      - {{seat: {seat}, host: {to.host}, port: {to.port}, user: {to.user}{pin}}}   # у окна\n"


def _software(site: Path, program: Mapping[str, bytes] | None) -> str:
    if program is None:
        return ""
    files = {"setup.sh": SETUP.encode(), **program}
    (site / "software").mkdir()
    lines = ["", "    software:", "      name: Станция", "      version: 2.1", "      folder: software"]
    lines += ["      files:"]
    for name, content in files.items():
        (site / "software" / name).write_bytes(content)
        lines.append(f"        - {{path: {name}, sha256: {hashlib.sha256(content).hexdigest()}}}")
    lines += ["      linux:", "        install: [sh, setup.sh, install]"]
    lines += ["        check: [sh, setup.sh, check]", "        answers: ~/answers"]
    return "\n".join(lines)


def payload(size: int) -> bytes:
    """Bytes that do not compress."""
    return os.urandom(size)
