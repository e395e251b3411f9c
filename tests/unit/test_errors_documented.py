"""docs/errors.md names every exit code and every error with its cure; nothing else."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import labcheck
import printing
import provision
from labcheck.errors import LabcheckError
from printing.errors import PrintingError
from provision.cli.exits import BY_CLASS, Exit, exit_for
from provision.errors import ProvisionError

PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
ROOTS: tuple[type[Exception], ...] = (PrintingError, LabcheckError, ProvisionError)


def every_error() -> list[type[Exception]]:
    """Every error class of the three packages; abstract roots (with subclasses and no use) included."""
    for package in (printing, labcheck, provision):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: list[type[Exception]] = []
    waiting = list(ROOTS)
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return [kind for kind in found if kind.__module__.split(".")[0] in {"printing", "labcheck", "provision"}]


ERRORS = every_error()


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_documented_with_its_cure(kind: type[Exception]) -> None:
    if kind in ROOTS:
        return
    code, remedy = kind.code, kind.remedy  # type: ignore[attr-defined]
    row = re.search(rf"^\| `{code}` \|(.*)\|(.*)\|$", PAGE, re.MULTILINE)
    assert row, f"docs/errors.md lacks a row for `{code}`"
    assert remedy, f"{kind.__name__} has no cure"
    assert row[2].strip() == remedy.replace("|", "\\|")


def test_error_codes_are_one_of_a_kind() -> None:
    codes = [kind.code for kind in ERRORS]  # type: ignore[attr-defined]
    assert sorted(codes) == sorted(set(codes))


def test_nothing_else_is_documented() -> None:
    documented = set(re.findall(r"^\| `([a-z0-9-]+)` \|", PAGE, re.MULTILINE))
    assert documented <= {kind.code for kind in ERRORS}  # type: ignore[attr-defined]


def test_every_exit_code_is_documented() -> None:
    documented = {int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}
    assert documented == {int(code) for code in Exit}


def test_every_error_has_an_exit_code_of_its_own_kind() -> None:
    assert all(exit_for(kind.__new__(kind)) is not Exit.UNEXPECTED for kind in ERRORS)
    assert exit_for(ValueError()) is Exit.UNEXPECTED


def test_exit_codes_are_given_by_names_of_errors_that_there_are() -> None:
    assert BY_CLASS.keys() <= {f"{kind.__module__}.{kind.__qualname__}" for kind in ERRORS}
