"""The simulator must not know how we measure, or it would prove nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
KNOWN = {"labcheck.headset.signals", "labcheck.headset.recording", "labcheck.headset.causes"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or ""


def test_simulator_knows_what_is_played_and_nothing_of_how_it_is_measured() -> None:
    files = sorted((ROOT / "bench/headsets").glob("**/*.py"))
    assert len(files) > 8
    ours = {name for path in files for name in imported(path) if name.partition(".")[0] == "labcheck"}
    assert ours <= KNOWN


def test_nothing_is_imported_by_name_behind_our_back() -> None:
    for path in (ROOT / "bench/headsets").glob("**/*.py"):
        text = path.read_text("utf-8")
        assert "importlib" not in text
        assert "__import__" not in text
