"""The stamp's font lies in the package as script/font makes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("font")
    subprocess.run([sys.executable, ROOT / "script/lib/font.py", folder], check=True)
    return folder


@pytest.mark.parametrize("name", ["stamp.ttf", "stamp.json"])
def test_it_is_what_the_script_makes_of_the_whole_font(made: Path, name: str) -> None:
    assert (ROOT / "printing/fonts" / name).read_bytes() == (made / name).read_bytes()
