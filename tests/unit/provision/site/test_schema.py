"""The JSON schema for editors and the reference for people name every key of the inventory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provision.site.nodes import Node
from provision.site.schema import example_at, json_schema
from provision.site.yamlfile import read_yaml

ROOT = Path(__file__).parents[4]
SCHEMA = json_schema()


def keys() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(the model, the key, its schema) of every key there is."""
    models = {"Inventory": SCHEMA, **SCHEMA["$defs"]}
    for model, schema in models.items():
        for key, inner in schema.get("properties", {}).items():
            yield model, key, inner


def test_it_is_json_and_closed() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["required"] == ["school", "printers", "rooms", "exams"]


@pytest.mark.parametrize(("model", "key", "schema"), list(keys()))
def test_every_key_is_described(model: str, key: str, schema: dict[str, Any]) -> None:
    assert schema.get("description", "").endswith("."), f"{model}.{key}"


def _fits(node: Node, schema: dict[str, Any], where: tuple[str | int, ...]) -> None:
    """Every key of the example is in the schema, and texts fit their patterns and choices."""
    if "$ref" in schema:
        schema = {**SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]}
    if isinstance(node.value, dict):
        assert set(schema.get("required", ())) <= set(node.value)
        for key, inner in node.value.items():
            _fits(inner, schema["properties"][key], (*where, key))
    elif isinstance(node.value, list):
        for position, item in enumerate(node.value):
            _fits(item, schema["items"], (*where, position))
    else:
        assert re.search(schema.get("pattern", ""), node.value or "")
        assert node.value in schema.get("enum", [node.value])


def test_the_example_school_fits_the_schema() -> None:
    root, problems = read_yaml(ROOT / "inventory.yaml")
    assert root is not None
    assert not problems
    _fits(root, SCHEMA, ())


def test_every_key_has_an_example_for_messages() -> None:
    for key in SCHEMA["properties"]:
        assert example_at((key,))
    assert example_at(("rooms", 0, "workstations", 3, "seat")) == "1А"
    assert example_at(("no", "such", 1)) == ""


@pytest.mark.parametrize(("model", "key", "schema"), list(keys()))
def test_every_key_is_in_the_reference(model: str, key: str, schema: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "inventory.md").read_text()
    sections = {"Inventory": "The file", "StampRules": "stamp", "School": "school", "Profile": "profile"}
    sections |= {"Printer": "printers", "Room": "rooms", "Workstation": "workstations", "Exam": "exams"}
    sections |= {"LabRules": "lab", "SystemRule": "systems", "ProcessorRule": "processors"}
    sections |= {"SoftwareRule": "software", "SoftwareFileRule": "files", "StepsRule": "steps"}
    sections |= {"Access": "access", "Jump": "jump", "HeadsetLimits": "headset_limits"}
    sections |= {"HeadsetCalibration": "headset_calibrations"}
    section = re.split(r"^## ", text, flags=re.MULTILINE)
    (body,) = [s for s in section if s.splitlines()[0].strip("`") == sections[model]]
    row = next((line for line in body.splitlines() if line.startswith(f"| `{key}` |")), "")
    assert row, f"docs/inventory.md, section {sections[model]}: no row for '{key}'"
    default = schema.get("default")
    if isinstance(default, str | int | float) and not isinstance(default, bool):
        assert str(default).removesuffix(":00").removesuffix(".0") in row


def test_the_reference_names_no_key_that_is_not() -> None:
    text = (ROOT / "docs" / "inventory.md").read_text()
    named = set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
    assert named == {key for _, key, _ in keys()}
