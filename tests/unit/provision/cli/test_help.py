"""``--help`` loads next to nothing, for every command, in both languages."""

from __future__ import annotations

import json
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
import contextlib, io, json, sys
from provision.cli.main import main
found = {}
for command in json.loads(sys.argv.pop(1)):
    sys.argv[1:] = [*([command] if command else []), "--help"]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    found[command] = [code, said.getvalue(), sorted(name for name in sys.modules if "." not in name)]
print(json.dumps(found))
"""


@pytest.mark.parametrize(("locale", "word"), [("C.UTF-8", "Options"), ("ru_RU.UTF-8", "Параметры")])
def test_help_is_light_and_in_the_persons_language(locale: str, word: str) -> None:
    """One process asks for all: what any of them loads is loaded for the rest."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, json.dumps(COMMANDS)],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": locale},
        check=True,
    )
    told = json.loads(done.stdout)
    assert set(told) == set(COMMANDS)
    for command, (code, said, loaded) in told.items():
        assert code == 0, command
        assert word in said, command
        assert set(HEAVY).isdisjoint(loaded), command


def test_a_check_of_a_lab_loads_nothing_that_only_some_labs_need() -> None:
    """numpy and scipy are for tests of headsets, paper for who asks for it; each costs a second."""
    probe = "import sys, provision.cli.lab_check; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    heavy = ("numpy", "scipy", "matplotlib", "reportlab", "pikepdf", "openpyxl")
    assert [name for name in heavy if f"'{name}'" in done.stdout] == []
