"""One whole day of the example school, made small and put on today: what a person does, step by step."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pexpect

from provision.rehearsal import prepare
from tests.e2e.site import Ran, environment, on_cups
from tests.services.bundles import BUNDLES
from tests.services.canary import Watcher

PUPILS = ("Канарейкина Ульяна Петровна", "Щеглова-Райская Мария", "Снегирёв Лев Ильич")
CODES_FILE = "Канарейкина коды 7А.xlsx"
"""As somebody called the list of codes when saving it."""
EXAMS = ("ma-7a", "en-7a", "en-7a-2")
LAB = "204"
ASKS = r": $"
"""How every prompt ends."""


def zone() -> str:
    """Where it is neither late in the evening nor night: the day must not end while it is played."""
    return "Europe/Moscow" if dt.datetime.now(dt.UTC).hour < 20 else "Asia/Kamchatka"


@dataclass
class School:
    """The site and all that is around it; ``said`` is what each command showed."""

    folder: Path
    watcher: Watcher
    said: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The folders that a person has; the commands are in a folder where a dump would be found."""
        for name in ("home", "tmp", "cwd", "downloads", "cache/vpr-morning"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "cache/vpr-morning/bundles").symlink_to(BUNDLES.folder)
        (self.folder / "cache/vpr-morning/wheels").symlink_to(BUNDLES.wheels)
        self.date = dt.datetime.now(ZoneInfo(zone())).date()

    @property
    def site(self) -> Path:
        """The site's folder."""
        return self.folder / "school"

    @property
    def downloads(self) -> Path:
        """Where the browser writes to."""
        return self.folder / "downloads"

    @property
    def environment(self) -> dict[str, str]:
        """A person's, with places of its own for everything."""
        return environment(
            HOME=str(self.folder / "home"),
            TMPDIR=str(self.folder / "tmp"),
            XDG_CACHE_HOME=str(self.folder / "cache"),
            PYTHONFAULTHANDLER="1",
            **self.watcher.environment,
        )

    def _note(self, words: Sequence[str], shown: str) -> None:
        self.said.append((" ".join(words), shown))

    def command(self, *words: str) -> list[str]:
        """``provision`` or ``labcheck`` on the site."""
        program, *rest = words if words[0] == "labcheck" else ("provision", *words)
        options = [] if words[0] == "init" else ["--site", str(self.site)]
        return [str(Path(sys.executable).with_name(program)), *rest, *options]

    def run(self, *words: str, code: int = 0) -> Ran:
        """Run it and wait for its end."""
        done = subprocess.run(
            self.command(*words),
            cwd=self.folder / "cwd",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        self._note(words, done.stdout + done.stderr)
        assert done.returncode == code, (words, done.stdout, done.stderr)
        return Ran(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def terminal(self, *words: str) -> Iterator[pexpect.spawn[str]]:
        """Run it on a terminal."""
        program, *rest = self.command(*words)
        child = pexpect.spawn(
            program, rest, cwd=str(self.folder / "cwd"), env=self.environment, encoding="utf-8", timeout=120
        )
        shown = io.StringIO()
        child.logfile_read = shown
        try:
            yield child
        finally:
            child.close(force=True)
            self._note(words, shown.getvalue())

    def types(self, *words: str, lines: Sequence[str], code: int = 0) -> str:
        """Run it, and answer each prompt."""
        with self.terminal(*words) as child:
            for line in lines:
                child.expect(ASKS)
                child.sendline(line)
            child.expect(pexpect.EOF)
            child.close()
            assert child.exitstatus == code, (words, child.before)
        return self.said[-1][1]

    def take_in(self) -> list[dict[str, Any]]:
        """What ``intake --watch`` makes of the downloads."""
        words = ("--watch", "--once", "--existing", "--downloads", str(self.downloads), "--json")
        found: list[dict[str, Any]] = self.run("intake", *words).json["files"]
        return found

    def board(self, *words: str) -> dict[str, dict[str, Any]]:
        """The rows of ``provision day`` by their names; nothing is asked of how late they are."""
        done = subprocess.run(
            self.command("day", "--json", *words),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self._note(["day"], done.stdout + done.stderr)
        assert done.returncode in {0, 7}, done.stderr
        return {row["step"]: row for row in json.loads(done.stdout)["steps"]}

    @contextmanager
    def lab(self) -> Iterator[subprocess.Popen[str]]:
        """The computers of the language lab, switched on."""
        with subprocess.Popen(
            self.command("labcheck", "rehearse", "--trusted"),
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                assert any("Ctrl-C ends" in line for line in process.stdout), "it did not start"
                yield process
            finally:
                process.terminate()
                process.communicate(timeout=60)


def fill(school: School, queues: dict[str, str]) -> None:
    """Fill the empty site as README says: the inventory, the list, the lab's program; downloads beside it."""
    made = school.folder / "made"
    prepare(made, 2, 0, fresh=False)
    text = (made / "inventory.yaml").read_text("utf-8")
    text = re.sub(r"(?m)^( +time_zone: )\S+", rf"\g<1>{zone()}", text).replace("2027-04-15", str(school.date))
    text = re.sub(r"(?ms)^  - id: (?:ma|en)-7b\n.*?\n\n", "", text)
    text = text.replace("rows: 6", "rows: 2").replace("[6Г]", "[2Г]")
    (school.site / "inventory.yaml").write_text(text, "utf-8")
    keep = "keep: {materials: 0, prints: 0, marks: 0, answers: 0}\n"  # wiped on the day itself
    (school.site / "procedure.yaml").write_text(keep, "utf-8")
    on_cups(school.site, queues)
    book = openpyxl.Workbook()
    for row in (("Класс", "ФИО"), *(("7А", name) for name in PUPILS)):
        book.active.append(row)
    book.save(school.site / "participants.xlsx")
    for name in ("software", "forms", ".rehearsal"):
        shutil.move(made / name, school.site / name)
    mapping = school.site / "forms/results-ma-7.yaml"
    mapping.write_text(mapping.read_text("utf-8").replace("[ma-7a, ma-7b]", "[ma-7a]"), "utf-8")
    for path in (made / "inbox").iterdir():
        named = CODES_FILE if path.suffix == ".xlsx" else path.name
        path.rename(school.downloads / named)
    shutil.rmtree(made)


def answer(process: subprocess.Popen[str], line: str) -> str:
    """What the running lab says to a line."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline()
