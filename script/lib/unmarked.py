"""Texts for people that the catalogues would miss, because the source does not mark them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

MARKERS = frozenset({"_", "N_", "NN_", "gettext", "ngettext"})
ROOTS = frozenset({"ProvisionError", "PrintingError", "LabcheckError"})


def problems(file: Path, root: Path) -> Iterator[str]:
    """Literal texts given to an error, a Problem or a remedy without N_; f-strings in a marker or around."""
    place = file.relative_to(root).as_posix()
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    errors = error_classes(root)
    for node in ast.walk(tree):
        for text in _unmarked(node, errors):
            yield f"{place}:{text.lineno}: a text for people is not marked with N_ or _, or in an f-string"


def error_classes(root: Path, _kept: dict[Path, frozenset[str]] = {}) -> frozenset[str]:  # noqa: B006 - a cache
    """Names of every class in the packages that descends from a root of the error trees."""
    if root not in _kept:
        bases = {
            node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
            for package in ("provision", "printing", "labcheck")
            for file in (root / package).rglob("*.py")
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.ClassDef)
        }
        names = set(ROOTS)
        while grown := {name for name, own in bases.items() if own & names} - names:
            names |= grown
        _kept[root] = frozenset(names)
    return _kept[root]


def _unmarked(node: ast.AST, errors: frozenset[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        name = node.func.id
        if name in errors:
            yield from (text for text in node.args[:1] if _literal(text))
        elif name == "Problem":
            spoken = [*node.args[2:4], *(k.value for k in node.keywords if k.arg in {"what", "cure"})]
            yield from (text for text in spoken if _literal(text))
        elif name in MARKERS:
            yield from (text for text in node.args if isinstance(text, ast.JoinedStr))
    elif isinstance(node, ast.JoinedStr):  # Babel sees into one only from Python 3.12 on
        yield from (text for inner in ast.walk(node) for text in _marked(inner) if _literal(text))
    elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and _literal(node.value):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "remedy" for target in targets):
            yield node.value


def _marked(node: ast.AST) -> Sequence[ast.expr]:
    """The arguments of a marker's call; none for anything else."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKERS
    return node.args if called else ()  # type: ignore[attr-defined]  # a Call has them


def _literal(text: ast.expr) -> bool:
    """A string with something in it, plain or formatted."""
    return isinstance(text, ast.JoinedStr) or (
        isinstance(text, ast.Constant) and isinstance(text.value, str) and bool(text.value)
    )
