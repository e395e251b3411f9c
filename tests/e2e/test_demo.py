"""``script/demo``, as somebody runs it who has just found this repository."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


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
    """The files that were printed into the folder queues, with the times of their last change."""
    out = school / "out"
    return {str(path.relative_to(out)): path.stat().st_mtime_ns for path in out.rglob("*.pdf")}


def test_the_demo_makes_every_room_ready_once(tmp_path: Path) -> None:
    school = tmp_path / "школа с пробелом"
    first = demo(school)
    assert "READY" in first
    assert "WAITS" not in first
    made = printed(school)
    assert made

    second = demo(school)
    assert "Nothing to print" in second
    assert printed(school) == made

    demo("--fresh", school)
    again = printed(school)
    assert again.keys() == made.keys()
    assert all(again[name] > made[name] for name in made)
