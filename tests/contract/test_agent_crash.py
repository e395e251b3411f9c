"""The power fails at every single step of an installation, a rollback and a removal: nothing is ever half."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services import crashing
from tests.services.crashing import NEW, OLD

ROOT = Path(__file__).parents[2]
WAYS = ("links", "folders")
"""How Linux switches, and how Windows does."""


def crashes(home: Path, scenario: str, way: str) -> list[dict[str, Any]]:
    """For every step what was found after it failed, and after the next run."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    ran = subprocess.run(
        [sys.executable, crashing.__file__, home, scenario, way],
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) > 10, "it is killed often"
    assert all(one["status"] == -signal.SIGKILL for one in found[:-1])
    assert found[-1]["status"] == 0, "and at last it comes through"
    return found


@pytest.fixture
def home() -> Iterator[Path]:
    """In memory: it is the order of steps that counts, and every one is made to last."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder, "home")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("scenario", "before", "ends"),
    [
        ("first", None, NEW),
        ("replace", OLD, NEW),
        ("fails", OLD, OLD),
        ("rollback", NEW, OLD),
        ("uninstall", NEW, None),
    ],
)
def test_crash_at_every_step(
    home: Path, scenario: str, before: str | None, ends: str | None, way: str
) -> None:
    found = crashes(home, scenario, way)
    for one in found:
        crashed, after = one["crashed"], one["after"]
        if way == "links" and scenario != "uninstall":
            assert crashed["whole"] in {before, ends, NEW}, one
            assert crashed["there"] is (crashed["whole"] is not None), "whole or not there at all"
        elif not crashed["there"] and scenario in {"replace", "fails", "rollback"}:
            assert crashed["journal"], "between two renames the journal says what to do"
        assert one["repaired"] == 0, one
        assert after["whole"] == NEW, one
        assert not after["journal"], one
        assert after["leavings"] == [], one
        assert after["versions"] <= 2, "no version is kept for ever"
        assert crashed["answer"] == after["answer"] == "the only recording"
        assert one["trace"][-2:] == [f"install-{NEW}", f"check-{NEW}"], (
            "what is in use was installed and checked"
        )
    last = found[-1]["crashed"]
    assert last["whole"] == ends
    assert last["linked"] is (way == "links" and ends is not None)
    assert last["leavings"] == []
    assert not last["journal"]
