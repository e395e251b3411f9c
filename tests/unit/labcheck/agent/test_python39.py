"""The agent runs on Python 3.9 with nothing but the standard library, psutil and sounddevice."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcheck.boot import BOOT, UNPACK
from labcheck.push import IN_MEMORY, UNPACK_FILE

AGENT = Path(__file__).parents[4] / "labcheck" / "agent"
SOURCES = {path.name: path.read_text("utf-8") for path in sorted(AGENT.glob("*.py"))}
SOURCES |= {"boot": BOOT, "unpack": UNPACK, "unpack_file": UNPACK_FILE, "in_memory": IN_MEMORY}
OUTSIDE = {"psutil", "sounddevice", "_sounddevice", "_cffi_backend"}
NEWER_MODULES = {"tomllib", "asyncio.taskgroups"}
NEWER_NAMES = re.compile(
    r"\b(pairwise|batched|file_digest|StrEnum|chdir\(|ExceptionGroup|TaskGroup|removeprefix_all|bit_count"
    r"|aiter|anext|TypeAlias|ParamSpec|Self|override|datetime\.UTC|zip\([^)]*strict|slots=|kw_only="
    r"|follow_symlinks=False\)\.is|walk\(\)|process_cpu_count|is_junction)"
)


def tree(name: str) -> ast.Module:
    return ast.parse(SOURCES[name], name, feature_version=(3, 9))


def imports(module: ast.Module) -> Iterator[tuple[str, bool]]:
    """Top-level packages imported from outside the agent; whether at the start."""
    first = set(map(id, module.body))
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in first) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield str(node.module), id(node) in first


@pytest.mark.parametrize("name", SOURCES)
def test_syntax_is_that_of_python_39(name: str) -> None:
    for node in ast.walk(tree(name)):
        assert type(node).__name__ not in {"Match", "TryStar", "TypeAlias"}
    assert not NEWER_NAMES.search(SOURCES[name]), NEWER_NAMES.search(SOURCES[name])


def test_the_check_of_the_syntax_finds_newer_syntax() -> None:
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass\n", feature_version=(3, 9))


@pytest.mark.parametrize("name", [name for name in SOURCES if name.endswith(".py")])
def test_annotations_are_never_evaluated(name: str) -> None:
    assert name == "__init__.py" or "from __future__ import annotations" in SOURCES[name]


@pytest.mark.parametrize("name", SOURCES)
def test_no_union_of_types_at_run_time(name: str) -> None:
    """``int | None`` outside annotations fails before 3.10."""
    module = tree(name)
    annotations: set[int] = set()
    for node in ast.walk(module):
        for part in ("annotation", "returns"):
            if getattr(node, part, None) is not None:
                annotations |= {id(inner) for inner in ast.walk(getattr(node, part))}
    types = {"int", "str", "bytes", "float", "bool", "dict", "list", "tuple", "set", "Path"}
    for node in ast.walk(module):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and id(node) not in annotations:
            sides = (node.left, node.right)
            assert not any(isinstance(side, ast.Name) and side.id in types for side in sides)
            assert not any(isinstance(side, ast.Constant) and side.value is None for side in sides)


@pytest.mark.parametrize("name", SOURCES)
def test_imports_nothing_else(name: str) -> None:
    for module, at_start in imports(tree(name)):
        top = module.split(".")[0]
        assert module not in NEWER_MODULES
        if name in {"in_memory", "boot"} and top == "agent":
            continue
        assert top in sys.stdlib_module_names | OUTSIDE, f"{name} imports {module}"
        if top in OUTSIDE:
            assert not at_start, f"{name} imports {module} at its start"


def test_imports_nothing_of_the_rest_of_the_product() -> None:
    for name in SOURCES:
        for node in ast.walk(tree(name)):
            assert not (isinstance(node, ast.ImportFrom) and node.level > 1)


def test_a_start_brings_nothing_that_only_some_requests_need() -> None:
    """Each of these costs every workstation milliseconds, and all of them together half a start."""
    probe = (
        f"import sys; sys.path.insert(0, {str(AGENT.parent)!r});"
        "from agent import __main__, facts, install, lock, ping, verify; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", probe], capture_output=True, text=True, check=True
    )
    heavy = {"typing", "shutil", "tempfile", "platform", "zipfile", "configparser", "pathlib", "psutil"}
    assert heavy.isdisjoint(done.stdout.split())
