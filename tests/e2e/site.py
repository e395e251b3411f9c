"""The example school in a folder, and the console commands run on it as a person would."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from provision.example.build import build

ALL_DAYS = ("--date", "all")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output as the one JSON object that it must be."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@cache
def _built() -> Path:
    """The example school, built once: every build gives the same bytes (test_build.py)."""
    folder = Path(tempfile.mkdtemp(prefix="example-school-"))
    atexit.register(shutil.rmtree, folder)
    build(folder / "school")
    return folder / "school"


def example(folder: Path) -> Path:
    """The example school in a new folder."""
    return shutil.copytree(_built(), folder / "school")


def command_line(site: Path, *words: str) -> list[str]:
    """The command as the console script runs it; ``words`` begin with the subcommand."""
    return [str(Path(sys.executable).with_name("provision")), *words, "--site", str(site)]


def environment(**changes: str) -> dict[str, str]:
    """A person's environment in English."""
    return {**os.environ, "LC_ALL": "C.UTF-8", **changes}


def run(site: Path, *words: str, **changes: str) -> Ran:
    """Run ``provision`` on a site and wait for its end."""
    done = subprocess.run(
        command_line(site, *words),
        capture_output=True,
        text=True,
        env=environment(**changes),
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def on_cups(site: Path, queues: dict[str, str]) -> None:
    """Point the printers of the site's inventory, by name, at other queues."""
    inventory = site / "inventory.yaml"
    text = inventory.read_text(encoding="utf-8")
    for name, queue in queues.items():
        text, count = re.subn(rf"(- name: {name}\n\s+queue: )\S+", rf"\g<1>{queue}", text)
        assert count == 1, name
    inventory.write_text(text, encoding="utf-8")


def pdfs(site: Path) -> list[Path]:
    """Everything that lies in the folder queues, in the order of the paths."""
    return sorted((site / "out").rglob("*.pdf"))
