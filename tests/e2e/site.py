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
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import click
import openpyxl
from click.testing import CliRunner

from provision.cli.main import provision
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


def only(site: Path, *exams: str) -> Path:
    """Leave just these exams in the site's inventory: fewer papers, the same inbox."""
    inventory = site / "inventory.yaml"
    before, after = inventory.read_text(encoding="utf-8").split("\nexams:\n")
    blocks = re.split(r"(?m)^(?=  - id: )", after)
    kept = [block for block in blocks if (found := re.match(r"  - id: (\S+)", block)) and found[1] in exams]
    assert len(kept) == len(exams), exams
    inventory.write_text(f"{before}\nexams:\n{''.join(kept)}", encoding="utf-8")
    return site


def fewer(site: Path, pupils: int) -> Path:
    """Leave the first pupils of each class in the list of participants; returns the site."""
    path = site / "participants.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    sheet.delete_rows(2, len(rows))
    seen: Counter[object] = Counter()
    for row in rows:
        seen[row[0]] += 1
        if seen[row[0]] <= pupils:
            sheet.append(row)
    book.save(path)
    return site


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


def inside(site: Path, *words: str, group: click.Group = provision) -> Ran:
    """Run ``provision``, or another program's commands, within this process: a sixth of the work of a start.

    For what is asked or refused many times over, of commands that are started as a person does it elsewhere.
    """
    done = CliRunner(env=environment()).invoke(group, [*words, "--site", str(site)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


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
