"""The command line speaks Russian to the last word, click's own words included."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from babel.messages.extract import extract_from_file

from provision.cli import labcheck, main
from provision.cli.check import COLUMN_WORDS
from provision.cli.words import CLICK_PLURALS, CLICK_WORDS
from provision.site.headers import Column
from tests.e2e.site import example, run
from tests.unit.provision.intake.test_codes import pdf

HELPS = [
    ["provision"],
    ["provision", "--help"],
    ["labcheck", "--help"],
    *(["provision", name, "--help"] for name in main._COMMANDS),
    *(["labcheck", name, "--help"] for name in labcheck.COMMANDS),
]
MISTAKES = [
    ["provision", "xyz"],
    ["provision", "rooms", "--nonsense"],
    ["provision", "rooms", "--sit"],
    ["provision", "rooms", "--exam"],
    ["provision", "rooms", "--json=1"],
    ["provision", "rooms", "--site", "/no/such/folder"],
    ["provision", "rooms", "--site", sys.executable],
    ["provision", "rooms", "1", "2"],
    ["provision", "print"],
    ["provision", "resolve", "ma-7a/201/cover"],
    ["provision", "ledger"],
    ["provision", "ledger", "forge"],
    ["labcheck", "--site", "/no/such/folder"],
]
SAID = re.compile(r"--?[a-z][a-z-]*|/[\w./-]+|'[^']*'|[\w-]+\.yaml|[a-z]+(?:_[a-z]+)+|\d\S*")
"""Options, paths, what the person typed, files, fields of the inventory and dates: no words."""
KINDS = {"tasks", "cipher", "codes", "protocol", "briefing", "instructions", "criteria"}
NAMES = {*main._COMMANDS, *KINDS, "provision", "labcheck", "verify", "cover", "kits", "all", "inbox", "json"}
NAMES |= {"id", "n", "test", "judge", "good", "bad", "ask", "yes", "no", "pdf"}
NAMES |= {part for name in main._COMMANDS for part in name.split("-")}
NAMES |= {
    *labcheck.COMMANDS,
    "ssh",
    "junit",
    "xml",
    "access",
    "key",
    "linux",
    "windows",
    "arm",
    "x",
    "ctrl",
    "c",
}
NAMES |= {"sha", "etc", "pub", "lf", "keygen", "programdata", "fix", "default", "device", "volume", "unmute"}
NAMES |= {"input", "output", "broken", "until", "restart", "app", "rehearsal", "dead", "muted", "wav"}
NAMES |= {"profile", "lab", "calibrations", "ru", "en", "specialist", "deputy"}
NAMES |= {
    "show",
    "sign",
    "unsign",
    "open",
    "export",
    "init",
    "unlock",
    "lock",
    "put",
    "take",
    "remove",
    "rotate",
}
NAMES |= {
    "admit",
    "dismiss",
    "recovery",
    "recover",
    "unseal",
    "key",
    "add",
    "draft",
    "fill",
    "results",
    "report",
    "verify",
}
NAMES |= {"uploaded", "accepted", "watch", "forms", "downloads", "existing", "once", "vault", "list"}


_PROBE = """
import contextlib, io, json, sys
from provision.cli import labcheck, main
found = []
for command in json.loads(sys.argv[1]):
    sys.argv = command
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
        (labcheck if command[0] == "labcheck" else main).main()
    found.append(said.getvalue())
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What every command says, all of them asked in one process."""
    commands = [*HELPS, *MISTAKES]
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, json.dumps(commands)],
        env={**os.environ, "LC_ALL": "ru_RU.UTF-8", "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(map(" ".join, commands), json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("command", [" ".join(one) for one in (*HELPS, *MISTAKES)])
def test_no_english_is_left(command: str, said: dict[str, str]) -> None:
    text = said[command]
    assert "Использование:" in text or "Ошибка:" in text
    words = set(re.findall(r"[a-z]+", SAID.sub(" ", text).lower()))
    assert words <= NAMES, text


def test_a_place_inside_a_message_is_in_russian_too(tmp_path: Path) -> None:
    site = example(tmp_path)
    (site / "inbox" / "export_14042027.xlsx").unlink()
    (site / "inbox" / "codes.pdf").write_bytes(
        pdf([["Код участника", "Класс"], ["11111", "7"], ["11111", "7"]])
    )
    told = run(site, "status", "--exam", "ma-7a", "--json", LC_ALL="ru_RU.UTF-8").out
    assert "codes.pdf, страница 1, строка 2, столбец 1" in told
    assert "codes.pdf, страница 1, строка 3, столбец 1" in told


def test_the_words_listed_as_clicks_are_clicks() -> None:
    found = {
        text
        for file in Path(click.__file__).parent.glob("*.py")
        for _line, text, *_rest in extract_from_file("python", file, keywords={"_": None, "ngettext": (1, 2)})
    }
    assert {*CLICK_WORDS, *CLICK_PLURALS} <= found


def test_every_column_of_the_list_has_a_word() -> None:
    assert set(COLUMN_WORDS) == set(Column)
