"""Every command loads what it uses and no more: a start is mostly imports, and people start them all day."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from provision.cli.exits import Exit
from tests.e2e.site import example, only

LAB = {"paramiko", "scipy", "matplotlib", "soundfile", "sounddevice", "psutil"}
DRAWING = {"reportlab", "PIL", "openpyxl", "fontTools"}
OPENING = {"pikepdf", "pypdfium2", "zxingcpp", "segno", "docx", "lxml", "libarchive", "py7zr"}
VAULT = {"pyrage", "cryptography", "mnemonic"}
PRINTING = {"numpy", "pypdf", "cups"}
NOT_TO_LOOK = LAB | DRAWING | PRINTING
EVERYTHING = {"sqlalchemy", "rich", *LAB, *DRAWING, *OPENING, *VAULT, *PRINTING}

PROVISION = (
    (("schema",), Exit.DONE, EVERYTHING | {"ruamel", "python_calamine"}),
    (("check",), Exit.DONE, EVERYTHING),
    (("ledger", "verify"), Exit.DONE, EVERYTHING - {"sqlalchemy"}),
    (("resolve", "ma-7a/201/cover", "--printed"), Exit.SITE, EVERYTHING - {"sqlalchemy"}),
    (("vault", "status"), Exit.VAULT, EVERYTHING - VAULT - {"sqlalchemy"}),
    (("people", "list"), Exit.VAULT, EVERYTHING - VAULT - {"sqlalchemy", "rich"}),
    (("intake",), Exit.DONE, NOT_TO_LOOK | {"pikepdf", "segno", "zxingcpp", "py7zr"}),
    (("spoil", "201-03", "--exam", "ma-7a", "--reason", "jam"), Exit.SITE, NOT_TO_LOOK),
    (
        ("confirm", "--room", "201", "--exam", "ma-7a", "--counted", "3"),
        Exit.INCOMPLETE,
        LAB | DRAWING | PRINTING,
    ),
    (("status", "--exam", "ma-7a"), Exit.DONE, NOT_TO_LOOK),
    (("journal", "--exam", "ma-7a"), Exit.DONE, NOT_TO_LOOK),
    (("day",), Exit.DONE, NOT_TO_LOOK),
    (("rooms", "--exam", "ma-7a", "--dry-run"), Exit.DONE, LAB | PRINTING | {"fontTools", "openpyxl"}),
)
"""Words, exit code, and what must not be loaded: lighter commands first, as they run in one process."""

LABCHECK = (
    (("waves", "--room", "204", "--minutes", "15"), Exit.DONE, EVERYTHING - {"sqlalchemy", "rich"}),
    (("plan", "--room", "204"), Exit.DONE, EVERYTHING - {"sqlalchemy", "rich"}),
    (("headset", "--explain", "204-1А"), Exit.INCOMPLETE, EVERYTHING - {"sqlalchemy", "rich"}),
    (("trust", "--room", "204"), Exit.INCOMPLETE, EVERYTHING - {"sqlalchemy", "rich", "paramiko", *VAULT}),
)

WATCHED = sorted(EVERYTHING | {"ruamel", "python_calamine"})

_PROBE = """
import contextlib, importlib, io, json, sys
module, name, commands, watched = json.loads(sys.argv[1])
group = getattr(importlib.import_module(module), name)
found = []
for words in commands:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            group(words)
        except SystemExit as ended:
            code = ended.code
    found.append([words, code, [name for name in watched if name in sys.modules], said.getvalue()])
print(json.dumps(found))
"""

Commands = tuple[tuple[tuple[str, ...], Exit, set[str]], ...]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    school = only(example(tmp_path_factory.mktemp("imports")), "ma-7a", "en-7a", "en-7a-2")
    shutil.rmtree(school / "forms")  # which are for exams that are gone
    return school


@pytest.mark.parametrize(
    ("module", "group", "commands"),
    [("provision.cli.main", "provision", PROVISION), ("provision.cli.labcheck", "labcheck", LABCHECK)],
)
def test_a_command_loads_nothing_that_it_does_not_use(
    module: str, group: str, commands: Commands, site: Path
) -> None:
    asked = [[*words, *(["--site", str(site)] if words != ("schema",) else [])] for words, *_ in commands]
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, json.dumps([module, group, asked, WATCHED])],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        check=True,
    )
    told = json.loads(done.stdout)
    for (_words, wanted, unused), (words, code, loaded, said) in zip(commands, told, strict=True):
        assert code == wanted, (words, said)
        assert not unused & set(loaded), words
