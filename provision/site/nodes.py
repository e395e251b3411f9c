"""The tree of a YAML file: every value as it was typed, with its line."""

from __future__ import annotations

from dataclasses import dataclass, field

Plain = str | None | list["Plain"] | dict[str, "Plain"]
"""The data of a node: texts, lists and mappings."""


@dataclass(slots=True)
class Node:
    """A value and its line (from 1): a text (None: nothing was written), a list of nodes, or a mapping.

    ``keys`` holds the lines of a mapping's keys.
    """

    line: int
    value: str | list[Node] | dict[str, Node] | None
    keys: dict[str, int] = field(default_factory=dict)

    def child(self, step: str | int, without: frozenset[int] = frozenset()) -> Node | None:
        """The value under a key or at a list position (as in :meth:`plain`); None when there is none."""
        if isinstance(self.value, dict) and isinstance(step, str):
            return self.value.get(step)
        if isinstance(self.value, list) and isinstance(step, int):
            kept = [node for node in self.value if id(node) not in without]
            return kept[step] if step < len(kept) else None
        return None

    def texts(self, key: str) -> list[str]:
        """The texts of the list under ``key``, stripped."""
        return [node.value.strip() for node in self.items(key) if isinstance(node.value, str)]

    def line_of(self, key: str, position: int | None = None) -> int:
        """The line of the value under ``key`` (or of its list item), else this node's line."""
        found = self.child(key)
        inner = found.child(position) if found is not None and position is not None else None
        return (inner or found or self).line

    def items(self, key: str) -> list[Node]:
        """The list under ``key``; empty when there is none."""
        found = self.child(key)
        return found.value if found is not None and isinstance(found.value, list) else []

    def text(self, key: str) -> str | None:
        """The text under ``key``, stripped; None when there is none."""
        found = self.child(key)
        return found.value.strip() if found is not None and isinstance(found.value, str) else None

    def plain(self, without: frozenset[int] = frozenset()) -> Plain:
        """The data, leaving out the nodes whose ``id()`` is in ``without``."""
        if isinstance(self.value, dict):
            return {k: n.plain(without) for k, n in self.value.items() if id(n) not in without}
        if isinstance(self.value, list):
            return [n.plain(without) for n in self.value if id(n) not in without]
        return self.value


def shown(value: str) -> str:
    """A value from a file as a message shows it: one line, at most 60 characters."""
    line = "".join(c if c.isprintable() else "\ufffd" for c in " ".join(value.split()))
    return line if len(line) <= 60 else line[:59] + "…"
