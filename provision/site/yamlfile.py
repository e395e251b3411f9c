"""YAML as people write it, with the line of everything: text in, a tree of nodes and the mistakes out.

Every plain value stays the text that was typed (``007``, ``07:30``, ``2027-04-15``): its meaning is the
schema's business. Refused: aliases, anchors, tags and further documents, none of which an inventory
needs; and with them every way to make a small file large.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from provision.errors import N_, Problem
from provision.site.nodes import Node, shown

MAX_BYTES = 512 * 1024
MAX_DEPTH = 12
_NOTHING = {"", "~", "null", "Null", "NULL"}
_UNPRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


class _Stop(Exception):
    """The file cannot be read further; carries the one problem that says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__()


def read_yaml(path: Path) -> tuple[Node | None, list[Problem]]:
    """The tree of the file at ``path`` (None when it cannot be made) and all mistakes found on the way."""
    problems: list[Problem] = []
    text = _text(path, problems)
    if text is None or problems:
        return None, problems
    builder = _Builder(path, problems)
    try:
        return builder.build(text), problems
    except _Stop as stop:
        problems.append(stop.problem)
    except MarkedYAMLError as error:
        problems.append(_syntax(path, error))
    except (YAMLError, ValueError, OverflowError, LookupError):
        # ruamel lets through what Python says of impossible escapes and directives
        problems.append(_problem(path, builder.line, *_BROKEN))
    return None, problems


_BROKEN = (
    N_("this line breaks the structure of the file"),
    N_("Compare it with docs/inventory.md: indentation in spaces, 'key: value', texts in quotes"),
)


def _problem(path: Path, line: int, what: str, cure: str, **params: object) -> Problem:
    return Problem(path, line, what, cure, params)


def _text(path: Path, problems: list[Problem]) -> str | None:
    """The file's text; None (with the problem) when it is absent, too big or not in UTF-8."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        what, cure = (
            N_("there is no such file"),
            N_("Start a site with 'provision init DIR', or say --site DIR"),
        )
        problems.append(_problem(path, 0, what, cure))
        return None
    except OSError as error:
        what, cure = N_("the file cannot be read ({reason})"), N_("Check the file and the rights to it")
        problems.append(_problem(path, 0, what, cure, reason=error.strerror or type(error).__name__))
        return None
    if len(data) > MAX_BYTES:
        what = N_("the file is larger than {limit} KB")
        cure = N_("Check that it is an inventory; leave out what does not belong there")
        problems.append(_problem(path, 0, what, cure, limit=MAX_BYTES // 1024))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = N_("the file is not in UTF-8 (it looks like {encoding})")
        cure = N_("Save it again with the encoding UTF-8 (in Notepad: File, Save as, Encoding)")
        utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        line = 0 if utf16 else data.count(b"\n", 0, error.start) + 1
        problems.append(_problem(path, line, what, cure, encoding="UTF-16" if utf16 else "Windows-1251"))
        return None
    _look_at_lines(path, text, problems)
    return text


def _look_at_lines(path: Path, text: str, problems: list[Problem]) -> None:
    """Tabs in the indentation and unprintable characters, each line with one."""
    for number, line in enumerate(re.split("\r\n|\n|\r", text), 1):
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip():
            what, cure = (
                N_("the line is indented with a tab"),
                N_("Use spaces, as many as the neighbouring lines"),
            )
            problems.append(_problem(path, number, what, cure))
        found = _UNPRINTABLE.search(line)
        if found:
            what = N_("there is an invisible character ({character}) in the line")
            problems.append(
                _problem(path, number, what, N_("Type the line anew"), character=f"U+{ord(found[0]):04X}")
            )


_SYNTAX = (
    (
        "mapping values are not allowed",
        N_("there is a second colon in the line, or its indentation is wrong"),
        N_("Put a text with a colon in quotes; give the keys of one block the same indentation"),
    ),
    (
        "found unexpected end of stream",
        N_("a quote is opened here and never closed"),
        N_("Close the quote at the end of the text"),
    ),
    (
        "expected ',' or",
        N_("a bracket is opened here and not closed, or a comma is missing"),
        N_("Write lists like [201, 202] and close every bracket"),
    ),
    (
        "expected <block end>",
        N_("the indentation of this line fits none of the lines above"),
        N_("Give the keys of one block the same indentation, and every list item its '- '"),
    ),
    (
        "found character",
        N_("a text may not begin with this character"),
        N_("Put the text in quotes"),
    ),
    (
        "could not find expected ':'",
        N_("there is no colon after the key"),
        N_("Write 'key: value', with a space after the colon"),
    ),
)
_OPENED = ("found unexpected end of stream", "expected ',' or")


def _syntax(path: Path, error: MarkedYAMLError) -> Problem:
    """The parser's complaint in our words, at the line where a person must look."""
    said = str(error.problem or "")
    mark = error.problem_mark or error.context_mark
    if said.startswith(_OPENED):
        mark = error.context_mark or mark
    line = mark.line + 1 if mark is not None else 0
    for start, what, cure in _SYNTAX:
        if said.startswith(start):
            return _problem(path, line, what, cure)
    return _problem(path, line, *_BROKEN)


class _Builder:
    """Builds the tree from the parser's events, so that nothing is expanded, guessed or lost."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self.line = 0

    def build(self, text: str) -> Node | None:
        """The root node; None for a file without content."""
        events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))
        root: Node | None = None
        for event in events:
            if isinstance(event, DocumentStartEvent) and root is not None:
                what = N_("a second document begins here ('---')")
                self._stop(self._line(event), what, N_("Keep one document in the file; remove '---'"))
            if isinstance(event, NodeEvent):
                root = self._node(event, events, 0)
        return root

    def _line(self, event: Event) -> int:
        self.line = int(event.start_mark.line) + 1
        return self.line

    def _stop(self, line: int, what: str, cure: str) -> None:
        raise _Stop(_problem(self.path, line, what, cure))

    def _node(self, event: Event, events: Iterator[Event], depth: int) -> Node:
        line = self._line(event)
        if isinstance(event, NodeEvent) and event.anchor is not None:
            what = N_("references (& and *) are not used in an inventory")
            self._stop(line, what, N_("Write the value out, or put a text that begins with & or * in quotes"))
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            what = N_("tags (!) are not used in an inventory")
            self._stop(line, what, N_("Remove the tag, or put a text that begins with ! in quotes"))
        if depth > MAX_DEPTH:
            what = N_("blocks lie too deep in one another")
            self._stop(line, what, N_("Check the indentation and the brackets"))
        if isinstance(event, ScalarEvent):
            nothing = event.style is None and event.value in _NOTHING
            return Node(line, None if nothing else str(event.value))
        if isinstance(event, MappingStartEvent):
            return self._mapping(line, events, depth)
        return self._sequence(line, events, depth)

    def _sequence(self, line: int, events: Iterator[Event], depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return Node(line, items)

    def _mapping(self, line: int, events: Iterator[Event], depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, int] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = self._node(event, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if value.value is None:  # the parser marks what is not there where the next thing begins
                value.line = key.line
            if not isinstance(key.value, str):
                what = N_("this is no key")
                self._stop(key.line, what, N_("Write 'key: value' with a simple word as the key"))
                continue
            if key.value in entries:
                what = N_("the key '{key}' is here twice (first in line {first})")
                cure = N_("Keep one of the two")
                first = keys[key.value]
                self.problems.append(
                    _problem(self.path, key.line, what, cure, key=shown(key.value), first=first)
                )
                continue
            entries[key.value] = value
            keys[key.value] = key.line
        return Node(line, entries, keys)
