"""The language of screen and paper, and the Russian catalogue: whole, true to its placeholders, compiled."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from provision import locale

ROOT = Path(__file__).parents[3]
PO = "provision/locale/ru/LC_MESSAGES/messages.po"
PY = "provision/errors.py"
SOURCE = """
def N_(text): return text
class ProvisionError(Exception): remedy = ""
class Lost(ProvisionError): remedy = N_("Look for it.")
def find(name, count, _, ngettext):
    if not name:
        raise Lost(N_("{name} is lost"), name=name)
    return ngettext("{count} sheet", "{count} sheets", count)
"""
RUSSIAN = """
msgid "Look for it."
msgstr "Поищите."

msgid "{name} is lost"
msgstr "{name} — нет на месте"

msgid "{count} sheet"
msgid_plural "{count} sheets"
msgstr[0] "{count} лист"
msgstr[1] "{count} листа"
msgstr[2] "{count} листов"
"""


@pytest.fixture(autouse=True)
def _language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale._Active, "language", None)


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "ru"}, "ru"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "rue_UA.UTF-8"}, "en"),
        ({}, "en"),
        ({"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "ru_RU.UTF-8", "LANG": "C"}, "ru"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "ru_RU.UTF-8"}, "en"),
    ],
)
def test_the_first_variable_that_is_set_decides(environ: dict[str, str], language: str) -> None:
    assert locale.language_of(environ) == language


def test_the_screen_follows_the_environment_and_paper_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert locale.activate() == "en"
    assert locale.gettext("SPARE") == "SPARE"
    assert locale.ngettext("sheet", "sheets", 2) == "sheets"
    assert locale.translator("ru")("SPARE") == "РЕЗЕРВ"
    assert locale.activate("ru") == "ru"
    assert locale.gettext("SPARE") == "РЕЗЕРВ"
    assert locale.translator("en")("SPARE") == "SPARE"


def test_the_empty_text_stays_empty_and_a_strange_language_is_refused() -> None:
    assert locale.translator("ru")("") == ""
    with pytest.raises(ValueError, match="tt"):
        locale.activate("tt")


def test_importing_it_reads_no_catalogue_and_needs_no_babel() -> None:
    program = (
        "import sys, provision.locale as l; print(l._catalogue.cache_info().currsize, 'babel' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "0 False\n"


def catalogues(root: Path, *options: str) -> tuple[int, str]:
    command: list[str | Path] = [sys.executable, ROOT / "script/lib/catalogues.py", root, *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_catalogue_is_whole() -> None:
    code, report = catalogues(ROOT, "--check")
    assert code == 0, report


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("merged")
    for folder in ("printing", "labcheck", "provision/locale/ru/LC_MESSAGES"):
        (tree / folder).mkdir(parents=True)
    (tree / PY).write_text(SOURCE)
    (tree / PO).write_text(RUSSIAN)
    assert catalogues(tree)[0] == 0
    return tree


@pytest.fixture
def tree(merged: Path, tmp_path: Path) -> Path:
    return shutil.copytree(merged, tmp_path / "tree")


def test_a_second_run_changes_nothing(tree: Path) -> None:
    before = (tree / PO).read_bytes()
    assert catalogues(tree) == (0, "3 texts in Russian, 0 problems\n")
    assert (tree / PO).read_bytes() == before


def test_a_new_text_gets_its_place_and_an_old_one_goes(tree: Path) -> None:
    (tree / PY).write_text(SOURCE.replace("is lost", "is gone").replace("{count} sheet", "{count} leaf"))
    code, report = catalogues(tree)
    assert code == 1
    assert report.splitlines() == [
        "provision/errors.py: no Russian for '{name} is gone'",
        "provision/errors.py: no Russian for ('{count} leaf', '{count} leafs')",
        "1 texts in Russian, 2 problems",
    ]
    written = (tree / PO).read_text()
    assert 'msgid "{name} is gone"\nmsgstr ""\n' in written
    assert "нет на месте" not in written


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        (PY, "is lost", "is gone", "no Russian for '{name} is gone'"),
        (PY, "is lost", "is gone", "no source has the text '{name} is lost' any more"),
        (PY, 'N_("{name} is lost")', '"{name} is lost"', "errors.py:7: a text for people"),
        (
            "provision/errors.py",
            'N_("{name} is lost")',
            'N_(f"{name} is lost")',
            "errors.py:7: a text for people",
        ),
        (PY, 'N_("Look for it.")', '"Look for it."', "errors.py:4: a text for people"),
        (
            PY,
            'ngettext("{count} sheet", "{count} sheets", count)',
            "f\"{_('is lost')}\"",
            "errors.py:8: a text for",
        ),
        (PO, "{name} — нет", "{nom} — нет", "placeholders differ: '{name} is lost'"),
        (PO, "{name} — нет", "{name — нет", "placeholders differ: '{name} is lost'"),
        (PO, "{count} листов", "листов", "placeholders differ: ('{count} sheet', '{count} sheets')"),
        (PO, "Поищите.", "Ищите.", "messages.mo is not what messages.po says"),
        (PO, "Поищите.", "", "no Russian for 'Look for it.'"),
    ],
)
def test_what_is_wrong_is_found(tree: Path, file: str, old: str, new: str, complaint: str) -> None:
    text = (tree / file).read_text()
    assert text.count(old) == 1
    (tree / file).write_text(text.replace(old, new))
    code, report = catalogues(tree, "--check")
    assert code == 1
    assert complaint in report
