"""``--help`` loads next to nothing, for every command, in both languages."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from provision.cli import main

COMMANDS = ("", *main._COMMANDS)
HEAVY = (
    "pydantic",
    "sqlalchemy",
    "rich",
    "pikepdf",
    "pypdf",
    "reportlab",
    "numpy",
    "ruamel",
    "openpyxl",
    "cups",
)
_PROBE = """
import sys
sys.argv = ["provision", *sys.argv[1:], "--help"]
from provision.cli.main import main
try:
    main()
finally:
    print(sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("locale", "word"), [("C.UTF-8", "Options"), ("ru_RU.UTF-8", "Параметры")])
def test_help_is_light_and_in_the_persons_language(command: str, locale: str, word: str) -> None:
    words = [command] if command else []
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": locale},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert word in done.stdout
    assert [name for name in HEAVY if f"'{name}'" in done.stderr] == []


def test_a_check_of_a_lab_loads_nothing_that_only_some_labs_need() -> None:
    """numpy and scipy are for tests of headsets, paper for who asks for it; each costs a second."""
    probe = "import sys, provision.cli.lab_check; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    heavy = ("numpy", "scipy", "matplotlib", "reportlab", "pikepdf", "openpyxl")
    assert [name for name in heavy if f"'{name}'" in done.stdout] == []
