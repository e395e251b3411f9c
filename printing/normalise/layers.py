"""Layers (optional content): what a variant hides stays hidden in every batch.

Every other tool that was tried drops /OCProperties, and a hidden "answers" layer is printed.
"""

from __future__ import annotations

from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, Object, Pdf, String


@dataclass(frozen=True, slots=True)
class Layer:
    """An optional content group of an opened variant."""

    group: Object
    hidden: bool


def read_layers(pdf: Pdf, label: str) -> tuple[Layer, ...]:
    """The layers of ``pdf``, frozen to their state on paper: hidden are those that the default
    configuration switches off and those that printing switches off (ISO 32000-1, 8.11.4).

    They lose what could switch them again (usage, automatic states) and get names that begin with
    ``label``, so that layers of several variants in one file are not taken for one another.
    """
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, Dictionary):
        return ()
    config = properties.get("/D", Dictionary())
    groups = [group for group in _items(properties, "/OCGs") if isinstance(group, Dictionary)]
    listed = {name: {group.objgen for group in _items(config, name)} for name in ("/ON", "/OFF")}
    off_by_base = config.get("/BaseState") == Name.OFF
    off_on_paper = _switched_off_by_printing(config)
    layers = []
    for number, group in enumerate(groups, start=1):
        key = group.objgen
        hidden = (off_by_base and key not in listed["/ON"]) or key in listed["/OFF"] or key in off_on_paper
        layers.append(Layer(group, hidden))
        group.Name = String(f"{label}/{number}")
        if "/Usage" in group:
            del group["/Usage"]
    return tuple(layers)


def write_layers(target: Pdf, layers: list[tuple[Object, bool]]) -> None:
    """Give ``target`` the optional content properties of ``layers``: (group of the target, hidden)."""
    if not layers:
        return
    groups = Array([group for group, _hidden in layers])
    hidden = Array([group for group, hidden in layers if hidden])
    config = Dictionary(Name=String("paper"), BaseState=Name.ON, OFF=hidden)
    target.Root.OCProperties = target.make_indirect(Dictionary(OCGs=groups, D=config))


def _switched_off_by_printing(config: Object) -> set[tuple[int, int]]:
    off = set()
    for automatic in _items(config, "/AS"):
        if automatic.get("/Event") != Name.Print:
            continue
        for group in _items(automatic, "/OCGs"):
            usage = group.get("/Usage", Dictionary())
            for category in map(str, _items(automatic, "/Category")):
                if usage.get(category, Dictionary()).get(f"{category}State") == Name.OFF:
                    off.add(group.objgen)
    return off


def _items(dictionary: Object, key: str) -> list[Object]:
    value = dictionary.get(key)
    return list(value) if isinstance(value, Array) else []
