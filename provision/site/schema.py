"""The inventory's JSON schema: for editors that complete and check, and for our own messages."""

from __future__ import annotations

from functools import cache
from typing import Any

from provision.site.model import Inventory


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of ``inventory.yaml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "inventory.yaml",
        **{key: value for key, value in Inventory.model_json_schema().items() if key != "title"},
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
