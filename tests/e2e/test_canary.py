"""Canaries: pupils' names, codes and ciphers never reach argv, output, logs, tracebacks or plain files."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.e2e.site import ALL_DAYS, Ran, command_line, environment, example, fewer, run
from tests.e2e.test_morning import canaries, listed_codes


class Watch:
    """Collects the argument lists and environments of a process and all its children, while it lives."""

    def __init__(self, process: psutil.Popen) -> None:
        self.seen: set[str] = set()
        self._process = process
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        strangers: set[int] = set()
        family = [self._process]
        while self._process.poll() is None:
            for pid in {*psutil.pids()} - strangers - {one.pid for one in family}:
                try:
                    new = psutil.Process(pid)
                    if self._process.pid in {one.pid for one in new.parents()}:
                        family.append(new)
                    else:
                        strangers.add(pid)
                except psutil.Error:
                    continue
            for one in family:
                try:
                    self.seen.update(one.cmdline())
                    self.seen.update(one.environ().values())
                except psutil.Error:
                    continue
            time.sleep(0.005)

    def end(self) -> set[str]:
        self._thread.join()
        return self.seen


def watched(site: Path, tmp: Path, *words: str) -> tuple[Ran, set[str]]:
    """Run a command with a temporary folder of its own, and watch what others can see of it."""
    process = psutil.Popen(
        command_line(site, *words),
        env=environment(TMPDIR=str(tmp), PYTHONFAULTHANDLER="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    watch = Watch(process)
    out, err = process.communicate(timeout=300)
    return Ran(process.returncode, out, err), watch.end()


def test_a_morning_shows_no_name_code_or_cipher(tmp_path: Path) -> None:
    site, tmp = example(tmp_path), tmp_path / "tmp"
    tmp.mkdir()
    secrets = canaries(site) | listed_codes(site)
    assert len(secrets) > 80
    fewer(site, 8)
    seen: set[str] = set()
    for words in (
        ("check",),
        ("intake", "--json"),
        ("rooms", *ALL_DAYS, "--dry-run"),
        ("rooms", *ALL_DAYS),
        ("status", *ALL_DAYS, "--json"),
    ):
        ran, told = watched(site, tmp, *words)
        assert ran.code == 0, ran.err
        seen |= told | {ran.out, ran.err}
    everything = "\n".join(seen)
    assert [secret for secret in secrets if re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", everything)] == []
    assert list(tmp.iterdir()) == []


def edited(site: Path, name: str, old: str, new: str) -> None:
    path = site / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda site: edited(site, "inventory.yaml", "rows: 6", "rows: 2"), 3),
        (lambda site: edited(site, "inventory.yaml", r"\d{5}", r"\d{6}"), 4),
        (lambda site: edited(site, "inventory.yaml", "variants: 2", "variants: 3"), 5),
        (lambda site: edited(site, "inventory.yaml", "folder:out", "folder:participants.xlsx"), 6),
    ],
    ids=["too few seats", "no codes", "wrong variants", "no folder"],
)
def test_errors_show_none_either(tmp_path: Path, break_it: object, code: int) -> None:
    site = example(tmp_path)
    secrets = canaries(site) | listed_codes(site)
    break_it(site)  # type: ignore[operator]
    ran = run(site, "rooms", *ALL_DAYS)
    assert ran.code == code, ran.err
    assert [secret for secret in secrets if secret in ran.out + ran.err] == []


def test_a_crash_shows_where_and_no_values(tmp_path: Path) -> None:
    site = example(tmp_path)
    (site / ".provision").mkdir(mode=0o700)
    (site / ".provision" / "ledger.sqlite3").write_bytes(b"not a database" * 1000)
    ran = run(site, "rooms", *ALL_DAYS)
    assert ran.code != 0
    assert [secret for secret in canaries(site) | listed_codes(site) if secret in ran.out + ran.err] == []
