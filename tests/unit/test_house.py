"""The house itself: what a checkout must hold so that it installs, starts and stays tidy on any machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provision.cli.exits import Exit

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("provision", "printing", "labcheck")
TOP_FOLDERS = {".ci", "bench", "docs", "script", "tests", *PACKAGES}
# Folders of tests beside unit/: they test protocols, services and the whole, and mirror no package.
WHOLE = {"contract", "services", "e2e", "crash"}


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def tracked() -> list[Path]:
    """The files of the repository that are here, relative to its top."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True, text=True)
    return [path for name in listed.stdout.split("\0") if name and (ROOT / (path := Path(name))).is_file()]


def normal(name: str) -> str:
    """A distribution's name as the index compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[str, str]:
    """The lock file's stanzas: normalised name to text, hashes included."""
    text = (ROOT / "requirements.lock").read_text("utf-8")
    stanzas = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return {normal(stanza.split("==", 1)[0]): stanza for stanza in stanzas if stanza.strip()}


def required() -> Iterator[str]:
    project = pyproject()
    wanted = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *project["build-system"]["requires"],
    ]
    for requirement in wanted:
        yield normal(re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0])


def test_lock_pins_everything_that_the_project_asks_for() -> None:
    stanzas = locked()
    missing = sorted(set(required()) - set(stanzas))
    assert not missing, f"run script/lock: {missing}"


def test_every_locked_package_has_one_version_and_hashes() -> None:
    for name, stanza in locked().items():
        assert re.match(r"^[A-Za-z0-9._-]+==[^ \\]+", stanza), f"{name} is not pinned"
        assert "--hash=sha256:" in stanza, f"{name} has no hash"


def test_lock_names_no_host() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert not re.findall(r"\w+://\S+|^-{1,2}(?:index|extra|find|trusted)\S*.*$", text, flags=re.MULTILINE)


def test_scripts_are_executable_and_stop_at_the_first_error() -> None:
    scripts = [path for path in tracked() if path.parts[0] in {"script", ".ci"}]
    assert len(scripts) >= 7
    for path in scripts:
        text = (ROOT / path).read_text("utf-8")
        if path.suffix:  # read by a script: nobody calls it by hand
            continue
        assert os.access(ROOT / path, os.X_OK), f"{path} is not executable"
        assert text.startswith("#!"), f"{path} does not say what runs it"
        if "bash" in text.splitlines()[0]:
            assert "set -euo pipefail" in text, f"{path} goes on after an error"


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    somewhere = re.compile(rb"(?<![\w.~-])/(?:home|Users|root|work)/\w|[A-Z]:\\\\?Users\\")
    this = Path(__file__).relative_to(ROOT)
    contents = {path: (ROOT / path).read_bytes() for path in tracked() if path != this}
    found = {str(path): match.group() for path, data in contents.items() if (match := somewhere.search(data))}
    assert not found


def test_top_folders_are_the_expected_ones() -> None:
    found = {path.parts[0] for path in tracked() if len(path.parts) > 1}
    assert found <= TOP_FOLDERS, f"unexpected: {sorted(found - TOP_FOLDERS)}"
    assert set(PACKAGES) <= found


def test_unit_tests_mirror_the_packages() -> None:
    folders = {path.parent for path in tracked() if path.parts[0] == "tests" and path.suffix == ".py"}
    for folder in folders:
        assert (ROOT / folder / "__init__.py").is_file(), f"{folder} has no __init__.py"
        if len(folder.parts) > 1:
            assert folder.parts[1] in {"unit", *WHOLE}, f"{folder} belongs nowhere"
        if folder.parts[:2] == ("tests", "unit"):
            mirrored = Path(*folder.parts[2:])
            assert (ROOT / mirrored).is_dir(), f"{folder} mirrors {mirrored}, which does not exist"


@pytest.mark.parametrize("name", sorted(pyproject()["project"]["scripts"]))
def test_console_script_starts(name: str) -> None:
    script = Path(sys.executable).parent / name
    assert script.is_file(), "not installed: run script/setup test"
    # From elsewhere: the installed command must not depend on the folder that it is called in.
    ran = subprocess.run([script, "--help"], cwd="/", capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert name in ran.stdout


def test_wheel_holds_every_file_of_the_packages_and_works_outside_the_repository(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        held = {Path(name) for name in archive.namelist()}
        archive.extractall(unpacked)
    wanted = {path for path in tracked() if path.parts[0] in PACKAGES}
    assert {path.suffix for path in wanted} >= {".py", ".ttf", ".mo", ".yaml", ".typed"}
    assert not wanted - held
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); from provision.cli.main import main; main()"
    some = ["print", "Англ", "--class", "7Б", "--what", "cover,protocol", "--site", "school"]
    for words, code in ((["init", "--example", "school"], Exit.DONE), (some, Exit.INCOMPLETE)):
        ran = subprocess.run(
            [sys.executable, "-P", "-c", program, str(unpacked), *words],
            cwd=tmp_path,
            env={**os.environ, "LC_ALL": "ru_RU.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == code, ran.stderr
    assert "Сейчас напечатано" in ran.stdout
    assert len([*(tmp_path / "school/out").rglob("*.pdf")]) == 2
    assert (tmp_path / "school/inventory.yaml").read_bytes() == (ROOT / "inventory.yaml").read_bytes()


def test_licences_are_here() -> None:
    for name in pyproject()["project"]["license-files"]:
        assert (ROOT / name).is_file(), f"{name} is missing"
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    fonts = sorted((ROOT / "printing/fonts").glob("*.ttf"))
    assert fonts, "no font to print with"
    licence = (ROOT / "printing/fonts/LICENSE-ParaType.txt").read_text("utf-8")
    assert "ParaType" in licence


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "README.ru.md", "docs/architecture.md"])
def test_docs_name_only_what_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for name in set(re.findall(r"\bscript/[a-z][\w/-]*", text)):
        assert (ROOT / name).exists(), f"{page} speaks of {name}, which does not exist"
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text):
        assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}, which does not exist"


@pytest.mark.parametrize("package", PACKAGES)
def test_architecture_names_every_part(package: str) -> None:
    text = (ROOT / "docs/architecture.md").read_text("utf-8")
    parts = {path.parts[1] for path in tracked() if path.parts[0] == package}
    parts = {part + ("" if part.endswith(".py") else "/") for part in parts - {"__init__.py", "py.typed"}}
    assert not {part for part in parts if part not in text}
