"""What of an inventory can be understood although parts of it are wrong.

A mistake in one key must not hide the mistakes in the next: what is wrong is left out, and the rest is
made into the model's types for the rules that look at several places at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from provision.errors import Problem
from provision.site.model import Exam, Inventory, Profile, Room, School
from provision.site.nodes import Node, shown

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Placed(Generic[M]):
    """A part of the inventory with its node; ``dropped`` are its keys whose values were wrong."""

    item: M
    node: Node
    dropped: frozenset[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """The readable parts of an inventory, and the tree that they come from."""

    file: Path
    root: Node
    profile: Placed[Profile] | None
    rooms: tuple[Placed[Room], ...]
    exams: tuple[Placed[Exam], ...]

    def sound_exams(self) -> tuple[tuple[Exam, Node], ...]:
        """The exams whose rooms are all understood, with their nodes."""
        rooms = {room.item.number for room in self.rooms}
        return tuple((exam.item, exam.node) for exam in self.exams if rooms.issuperset(exam.item.rooms))

    def partial(self) -> Inventory:
        """An unchecked inventory of the parts that are sound: rooms, their exams, the profile."""
        return Inventory.model_construct(
            school=School(name="…"),
            printers=(),
            profile=self.profile.item if self.profile is not None else Profile(),
            rooms=tuple(room.item for room in self.rooms),
            exams=tuple(exam for exam, _ in self.sound_exams()),
        )


def problem(draft: Draft, line: int, what: str, cure: str, **params: object) -> Problem:
    """A mistake in the draft's file, with what was written there shortened."""
    shortened = {k: shown(v) if isinstance(v, str) else v for k, v in params.items()}
    return Problem(draft.file, line, what, cure, shortened)


def draft(file: Path, root: Node) -> Draft:
    """Make what can be made of the tree at ``root``."""
    profile = root.child("profile")
    return Draft(
        file,
        root,
        salvage(Profile, profile) if profile is not None else None,
        tuple(room for node in root.items("rooms") if (room := salvage(Room, node))),
        tuple(exam for node in root.items("exams") if (exam := salvage(Exam, node))),
    )


def salvage(model: type[M], node: Node) -> Placed[M] | None:
    """The item without its wrong parts; None when a part that it cannot do without is wrong."""
    bad: frozenset[int] = frozenset()
    while True:
        try:
            item = model.model_validate(node.plain(bad))
        except ValidationError as error:
            wrong = frozenset(id(_culprit(node, e["loc"], e["type"], bad)) for e in error.errors())
            if id(node) in wrong or wrong <= bad:
                return None
            bad |= wrong
        else:
            keys = node.value if isinstance(node.value, dict) else {}
            return Placed(item, node, frozenset(k for k, inner in keys.items() if id(inner) in bad))


def _culprit(root: Node, where: tuple[str | int, ...], kind: str, bad: frozenset[int]) -> Node:
    """The node to leave out for an error: the wrong value, or the mapping that lacks a key."""
    node = root
    for step in where[:-1] if kind == "missing" else where:
        inner = node.child(step, bad)
        if inner is None:
            break
        node = inner
    return node


def participants_of(root: Node | None) -> str:
    """The list of participants that the inventory names, whatever else is wrong with it."""
    stated = root.text("participants") if root is not None else None
    return stated or str(Inventory.model_fields["participants"].default)
