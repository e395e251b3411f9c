"""Layers (optional content): what a variant hides stays hidden in every batch.

Every other tool that was tried drops /OCProperties, and a hidden "answers" layer is printed. Keeping
them is not enough: Ghostscript paints hidden XObjects and annotations, MuPDF misreads some memberships. So
a layer's state on paper is settled once: hidden XObjects are emptied, memberships become plain
layers, and only marked content is left to the reader's own optional content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String

Key = tuple[int, int]
_POLICIES: dict[str, Callable[[list[bool]], bool]] = {
    "/AllOn": all,
    "/AnyOn": any,
    "/AnyOff": lambda states: not all(states),
    "/AllOff": lambda states: not any(states),
}
_DEPTH = 32
"""Of nested visibility expressions."""


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of an opened variant: its groups, and which of them are hidden on paper."""

    groups: tuple[Object, ...] = ()
    hidden: set[Key] = field(default_factory=set)

    def shows(self, owner: Object) -> bool:
        """Whether something with this /OC entry (an object, an annotation) comes out on paper."""
        return self._visible(owner.get("/OC"))

    def _visible(self, content: Object | None) -> bool:
        """Of a group or membership dictionary (ISO 32000-1, 8.11.2)."""
        if not isinstance(content, Dictionary):
            return True
        if content.get("/Type") != Name.OCMD:
            return content.objgen not in self.hidden
        expression = content.get("/VE")
        if isinstance(expression, Array):
            return self._holds(expression)
        groups = content.get("/OCGs")
        members = [groups] if isinstance(groups, Dictionary) else _items(content, "/OCGs")
        states = [self._visible(group) for group in members if isinstance(group, Dictionary)]
        return not states or _POLICIES.get(str(content.get("/P")), any)(states)

    def _holds(self, expression: Object, depth: int = 0) -> bool:
        if depth > _DEPTH:
            raise ValueError("visibility expression nested too deep")
        if not isinstance(expression, Array):
            return self._visible(expression)
        operator, *operands = expression
        states = [self._holds(operand, depth + 1) for operand in operands]
        match str(operator):
            case "/Not":
                return not states[0]
            case "/And":
                return all(states)
        return any(states)


def settle_layers(pdf: Pdf, label: str) -> Layers:
    """Read the layers of ``pdf`` and settle what they hide.

    Hidden are those that the default configuration switches off and those that printing switches off
    (ISO 32000-1, 8.11.4). They get names that begin with ``label``, so that layers of several variants in one
    file are not taken for one another.
    """
    properties = pdf.Root.get("/OCProperties")
    if not isinstance(properties, Dictionary):
        return Layers()
    groups = [group for group in _items(properties, "/OCGs") if isinstance(group, Dictionary)]
    layers = Layers(tuple(groups), _hidden(properties.get("/D", Dictionary()), groups))
    memberships = [(item, layers._visible(item)) for item in _memberships(pdf)]
    _settle_objects(pdf, layers)
    for membership, visible in memberships:
        for key in ("/OCGs", "/P", "/VE"):
            if key in membership:
                del membership[key]
        membership.Type = Name.OCG
        if not visible:
            layers.hidden.add(membership.objgen)
    plain = (*groups, *(membership for membership, _visible in memberships))
    for number, group in enumerate(plain, start=1):
        group.Name = String(f"{label}/{number}")
        if "/Usage" in group:
            del group["/Usage"]
    return Layers(plain, layers.hidden)


def write_layers(target: Pdf, layers: list[tuple[Object, bool]]) -> None:
    """Give ``target`` the optional content properties of ``layers``: (group of the target, hidden)."""
    if not layers:
        return
    groups = Array([group for group, _hidden in layers])
    hidden = Array([group for group, hidden in layers if hidden])
    config = Dictionary(Name=String("paper"), BaseState=Name.ON, OFF=hidden)
    target.Root.OCProperties = target.make_indirect(Dictionary(OCGs=groups, D=config))


def _hidden(config: Object, groups: Sequence[Object]) -> set[Key]:
    off = {group.objgen for group in _items(config, "/OFF")}
    if config.get("/BaseState") == Name.OFF:
        on = {group.objgen for group in _items(config, "/ON")}
        off |= {group.objgen for group in groups} - on
    for automatic in _items(config, "/AS"):
        if automatic.get("/Event") != Name.Print:
            continue
        for group in _items(automatic, "/OCGs"):
            usage = group.get("/Usage", Dictionary())
            for category in map(str, _items(automatic, "/Category")):
                if usage.get(category, Dictionary()).get(f"{category}State") == Name.OFF:
                    off.add(group.objgen)
    return off


def _memberships(pdf: Pdf) -> list[Object]:
    """The membership dictionaries that marked content refers to, made indirect."""
    found: dict[Key, Object] = {}
    for properties in _properties(pdf):
        for key in list(properties.keys()):
            entry = properties[key]
            if isinstance(entry, Dictionary) and entry.get("/Type") == Name.OCMD:
                if not entry.is_indirect:
                    entry = properties[key] = pdf.make_indirect(entry)
                found[entry.objgen] = entry
    return list(found.values())


def _properties(pdf: Pdf) -> Iterator[Object]:
    """Every resource dictionary's properties, wherever it is."""
    for item in list(pdf.objects):
        if isinstance(item, Dictionary | Stream):
            for owner in (item, item.get("/Resources")):
                if isinstance(owner, Dictionary) and isinstance(owner.get("/Properties"), Dictionary):
                    yield owner.Properties


def _settle_objects(pdf: Pdf, layers: Layers) -> None:
    """Take the layers from XObjects: what is hidden becomes an empty form."""
    for item in list(pdf.objects):
        if not isinstance(item, Stream) or "/OC" not in item:
            continue
        if layers.shows(item):
            del item["/OC"]
            continue
        for key in list(item.keys()):
            if key != "/Length":
                del item[key]
        item.write(b"", type_check=False)
        item.Type, item.Subtype, item.BBox = Name.XObject, Name.Form, Array([0, 0, 0, 0])


def _items(dictionary: Object, key: str) -> list[Object]:
    value = dictionary.get(key)
    return list(value) if isinstance(value, Array) else []
