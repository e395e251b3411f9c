"""The scripts, called as a person calls them on a machine that is set up already.

All in one file, which one process runs: two setups in one folder wait for each other, and say so.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from provision.cli.exits import Exit
from tests.e2e.site import example, inside
from tests.services.process import until

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def alarm(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """An environment in which asking for root or for packages rings: (environment, the file that tells)."""
    bell, folder = tmp_path / "rang", tmp_path / "bin"
    folder.mkdir()
    for name in ("sudo", "apt-get", "apt", "dpkg", "pip", "systemctl"):
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>"{bell}"\nexit 97\n')
        program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}, bell


def run(*command: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("what", ["demo", "test"])
def test_a_second_setup_only_looks(alarm: tuple[dict[str, str], Path], what: str) -> None:
    env, bell = alarm
    done = run(ROOT / "script/setup", what, env=env)
    assert done.returncode == 0, done.stderr
    assert not bell.exists(), bell.read_text()
    assert done.stdout == "", "something was installed: run script/setup test before the tests"


def test_setup_asks_what_for() -> None:
    done = run(ROOT / "script/setup")
    assert done.returncode == 1
    assert "script/setup demo" in done.stderr


@pytest.mark.parametrize("options", [(), ("--fresh",)])
def test_demo_leaves_a_folder_alone_that_it_did_not_build(tmp_path: Path, options: tuple[str, ...]) -> None:
    mine = tmp_path / "school"
    mine.mkdir()
    (mine / "inventory.yaml").write_text("mine")
    done = run(ROOT / "script/demo", *options, mine)
    assert done.returncode == 1
    assert "what to do: name another folder" in done.stderr
    assert [path.name for path in mine.iterdir()] == ["inventory.yaml"]
    assert (mine / "inventory.yaml").read_text() == "mine"


def test_demo_knows_its_options(tmp_path: Path) -> None:
    done = run(ROOT / "script/demo", "--frish", tmp_path / "school")
    assert done.returncode == 1
    assert "--frish" in done.stderr
    assert not (tmp_path / "school").exists()


def test_bench_lists_every_benchmark() -> None:
    done = run(ROOT / "script/bench")
    assert done.returncode == 0
    runnable = {path.stem for path in (ROOT / "bench").glob("*.py") if "def main" in path.read_text("utf-8")}
    listed = [line.split() for line in done.stdout.splitlines() if line.startswith("  ")]
    assert {words[0] for words in listed} == runnable - {"__main__"}
    assert all(len(words) > 1 for words in listed), (
        "a benchmark whose docstring does not say what it compares"
    )


def demo(*arguments: str | Path) -> str:
    """What it prints, in English; it must succeed."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""}
    done = subprocess.run(
        [ROOT / "script/demo", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def printed(school: Path) -> dict[str, int]:
    """The documents that were printed into the folder queues, with the times of their last change. Which of
    a pool's printers takes one is as it comes, so it is left out; a document has one place all the same."""
    queues = school / "out/print"
    files = [(path.relative_to(queues).parts[1:], path.stat().st_mtime_ns) for path in queues.rglob("*.pdf")]
    made = {"/".join(parts): changed for parts, changed in files}
    assert len(made) == len(files), "one document printed at two printers"
    return made


def test_the_demo_begins_where_there_is_nothing(tmp_path: Path) -> None:
    school = tmp_path / "new"
    with subprocess.Popen(
        [ROOT / "script/demo", school],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            until(lambda: process.poll() is not None or bool(printed(school)), "the first paper", seconds=300)
            assert process.poll() is None
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_the_demo_makes_every_room_ready_once(tmp_path: Path) -> None:
    """Of what it built before, nothing stays when it begins again; all stays when it does not."""
    school = example(tmp_path).rename(tmp_path / "школа с пробелом")
    for old in (school / ".example-school", school / "old"):
        old.touch()
    assert inside(school, "print", "Матем", "--what", "codes").code == Exit.INCOMPLETE
    before = printed(school)
    assert before

    first = demo("--fresh", school)
    assert "READY" in first
    assert "WAITS" not in first
    assert not (school / "old").exists()
    made = printed(school)
    assert made.keys() > before.keys()
    assert all(made[name] > before[name] for name in before)
    assert "READY 4 of 6, reserves 1 of 1" in first, "the virtual lab with its two faults"
    assert (school / "lab" / "protocol.pdf").read_bytes().startswith(b"%PDF-")

    second = demo(school)
    assert "Nothing to print" in second
    assert "READY 4 of 6, reserves 1 of 1" in second
    assert printed(school) == made
