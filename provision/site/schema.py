"""The inventory's JSON schema: for editors that complete and check, and for our own messages."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Any

from provision.site.frozen import Frozen
from provision.site.model import Inventory


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of ``inventory.yaml``."""
    found = Inventory.model_json_schema()
    for name, node in {**found["$defs"], Inventory.__name__: found}.items():
        _describe(node, name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "inventory.yaml",
        **{key: value for key, value in found.items() if key != "title"},
    }


def _describe(node: dict[str, Any], name: str) -> None:
    """Give each property of a type the docstring below its attribute as description.

    pydantic can do so itself (``use_attribute_docstrings``), but reads the source for it at every start of a
    command; here it is read for who asks for the schema.
    """
    kind = next((kind for kind in Frozen.__subclasses__() if kind.__name__ == name), None)
    if kind is None:
        return
    below = _docstrings(sys.modules[kind.__module__])[name]
    for attribute, info in kind.model_fields.items():
        key = info.alias or attribute
        described = {**node["properties"][key], "description": below[attribute]}
        node["properties"][key] = dict(sorted(described.items()))


@cache
def _docstrings(module: ModuleType) -> dict[str, dict[str, str]]:
    """Class -> attribute -> the docstring below it."""
    classes = [node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.ClassDef)]
    return {
        one.name: {
            first.target.id: inspect.cleandoc(second.value.value)
            for first, second in pairwise(one.body)
            if isinstance(first, ast.AnnAssign)
            and isinstance(first.target, ast.Name)
            and isinstance(second, ast.Expr)
            and isinstance(second.value, ast.Constant)
            and isinstance(second.value.value, str)
        }
        for one in classes
    }


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


def schema_at(where: tuple[str | int, ...]) -> dict[str, Any]:
    """The part of the schema for the value at ``where`` (keys and list positions); {} when there is none."""
    here = _schema()
    for step in where:
        here = _inner(here)
        here = here.get("items", {}) if isinstance(step, int) else here.get("properties", {}).get(step, {})
    return here


def keys_at(where: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that the mapping at ``where`` may have."""
    return tuple(_inner(schema_at(where)).get("properties", {}))


def example_at(where: tuple[str | int, ...]) -> str:
    """How a right value at ``where`` may look; empty when the schema gives no example."""
    node = schema_at(where)
    examples = node.get("examples") or _inner(node).get("examples") or [""]
    return str(examples[0])


def choices_at(where: tuple[str | int, ...]) -> tuple[str, ...]:
    """The words allowed at ``where``, when only some are."""
    return tuple(str(choice) for choice in _inner(schema_at(where)).get("enum", ()))


def _inner(node: dict[str, Any]) -> dict[str, Any]:
    """The schema itself behind a reference."""
    if "$ref" in node:
        found: dict[str, Any] = _schema()["$defs"][node["$ref"].rpartition("/")[2]]
        return found
    return node
