"""Reading the procedure: the one that comes with the program, and what a school's own file changes in it.

Every mistake at once, each with file, line and cure, like those of the inventory.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from provision.errors import N_, Problem, ProblemsError
from provision.runbook.model import STEP_ID, Keep, Procedure, Step
from provision.site.frozen import Frozen
from provision.site.nodes import Node, shown
from provision.site.wording import WORDS, nearest
from provision.site.yamlfile import read_yaml

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

FILE = "procedure.yaml"
"""Beside inventory.yaml; need not exist."""
MAX_STEPS = 100


def load_procedure(root: Path) -> Procedure:
    """The procedure of the site in the folder ``root``. Raises ProblemsError with all that is wrong."""
    with as_file(files("provision.runbook") / FILE) as shipped:
        base = _Read(shipped)
        base.merge({})
    own = root / FILE
    if not own.exists():
        return base.finish()
    read = _Read(own)
    read.merge(base.nodes)
    return read.finish()


def load_keep(root: Path) -> Keep:
    """How long the site in the folder ``root`` keeps things. Raises ProblemsError."""
    with as_file(files("provision.runbook") / FILE) as shipped:
        base = _Read(shipped)
    own = root / FILE
    read = _Read(own) if own.exists() else base
    return read.finish_keep(base.keep)


class _Read:
    """One file, laid over the steps of another."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._root, self._problems = read_yaml(path)
        self.nodes: dict[str, Node] = {}
        self._own: dict[str, Node] = {}
        """The steps as this file has them: where mistakes are looked for."""
        self.keep = Node(0, {})
        if self._root is not None:
            block = self._root.child("keep")
            self.keep = block if block is not None and isinstance(block.value, dict) else self.keep
            self._own = self._steps(self._root)

    def merge(self, base: dict[str, Node]) -> None:
        """The steps of ``base``, each with this file's keys over its own; then this file's new ones."""
        self.nodes = dict(base)
        for name, node in self._own.items():
            self.nodes[name] = _over(base[name], node) if name in base else node
        for name, node in self._own.items():
            if name not in base and base:
                self._place(name, node)

    def finish(self) -> Procedure:
        """The steps. Raises ProblemsError."""
        found: Procedure = {}
        for name, node in self.nodes.items():
            try:
                found[name] = Step.model_validate(node.plain())
            except ValidationError as error:
                self._problems += [
                    self._problem(name, one)
                    for one in error.errors(include_url=False)
                    if one["loc"][-1:] != ("_one_for_all",)
                ]
        if self._problems:
            raise ProblemsError(sorted(self._problems, key=lambda problem: problem.line))
        return found

    def finish_keep(self, base: Node) -> Keep:
        """How long things are kept: this file's days over those of ``base``. Raises ProblemsError."""
        try:
            found = Keep.model_validate(_over(base, self.keep).plain())
        except ValidationError as error:
            self._own = {"keep": self.keep}
            self._problems += [self._problem("keep", one, Keep) for one in error.errors(include_url=False)]
        if self._problems:
            raise ProblemsError(sorted(self._problems, key=lambda problem: problem.line))
        return found

    def _steps(self, root: Node) -> dict[str, Node]:
        block = root.child("steps")
        if block is None and root.child("keep") is not None:
            block = Node(root.line, {})
        if not isinstance(root.value, dict) or block is None or not isinstance(block.value, dict):
            cure = N_("Write 'steps:' and below it the steps, as docs/day.md shows")
            self._say(root.line, N_("the file has no block 'steps'"), cure)
            return {}
        for key, line in root.keys.items():
            if key not in {"steps", "keep"}:
                what, cure = WORDS["unknown"]
                self._say(line, what, cure, key=shown(key), allowed="steps, keep")
        if len(block.value) > MAX_STEPS:
            self._say(block.line, N_("there are more than {limit} steps"), N_("Shorten it"), limit=MAX_STEPS)
            return {}
        found = {}
        for name, node in block.value.items():
            line = block.keys[name]
            if not STEP_ID.fullmatch(name):
                cure = N_("Name it by capital Latin letters and figures, like D2")
                self._say(line, N_("'{name}' is no name of a step"), cure, name=shown(name))
            elif not isinstance(node.value, dict):
                what, cure = WORDS["model_type"]
                self._say(line, what, cure, key=name)
            else:
                node.line = line
                found[name] = node
        return found

    def _place(self, name: str, node: Node) -> None:
        """Put a new step where it says."""
        after = node.text("after")
        if after is None:
            return
        if after == name or after not in self.nodes:
            near = nearest(after, tuple(other for other in self.nodes if other != name))
            cure = N_("Did you mean '{near}'?") if near else N_("See docs/day.md for the steps")
            self._say(node.line_of("after"), N_("there is no step '{name}'"), cure, name=after, near=near)
            return
        others = {key: value for key, value in self.nodes.items() if key != name}
        self.nodes = {}
        for key, value in others.items():
            self.nodes[key] = value
            if key == after:
                self.nodes[name] = node

    def _problem(self, name: str, error: ErrorDetails, model: type[Frozen] = Step) -> Problem:
        """A finding of pydantic in our words, with its line in this file."""
        where = tuple(step for step in error["loc"] if step not in _INNER)
        node = self._own.get(name) or Node(0, {})
        key = name
        kind = error["type"]
        for step in where:
            key = str(step)
            inner = node.child(step)
            if inner is None:
                break
            node = inner
        params: dict[str, Any] = {
            k: v for k, v in error.get("ctx", {}).items() if isinstance(v, str | int | float)
        }
        params |= {"key": key, "example": _example(model, where)}
        line = node.keys.get(key, node.line)
        if kind == "extra_forbidden":
            allowed = _keys(model, where[:-1])
            near = nearest(key, allowed)
            kind = "unknown_near" if near else "unknown"
            params |= {"key": shown(key), "near": near, "allowed": ", ".join(allowed)}
        elif kind != "missing":
            params["value"] = shown(node.value) if isinstance(node.value, str) else "…"
            kind = "empty" if node.value is None else kind
        if kind == "time_form" and params.get("hint"):
            kind = "time_hint"
        if kind == "enum":
            params["allowed"] = str(params.get("expected", "")).replace("'", "").replace(" or ", ", ")
        what, cure = WORDS.get(kind, _OTHER)
        return Problem(self._path, line, what, cure, params)

    def _say(self, line: int, what: str, cure: str, **params: object) -> None:
        self._problems.append(Problem(self._path, line, what, cure, params))


_OTHER = (N_("'{value}' is no right value of '{key}'"), N_("Write it like '{key}: {example}'"))
_INNER = frozenset({"function-before[_time(), time]", "enum", "nullable[When]", "str-enum"})
"""What pydantic says of its own steps between two keys."""


def _over(base: Node, own: Node) -> Node:
    """A step with another's keys over its own; values that are blocks are taken whole."""
    assert isinstance(base.value, dict)  # noqa: S101 - _steps lets nothing else through
    assert isinstance(own.value, dict)  # noqa: S101
    return Node(own.line, {**base.value, **own.value}, {**base.keys, **own.keys})


def _schema_at(model: type[Frozen], where: tuple[str | int, ...]) -> dict[str, Any]:
    """The JSON schema at ``where`` within a block."""
    schema = model.model_json_schema()
    here: dict[str, Any] = schema
    for step in where:
        here = _resolved(schema, here).get("properties", {}).get(step, {})
    return here


def _resolved(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """The block behind references and choices."""
    for choice in (node, *node.get("anyOf", ()), *node.get("allOf", ())):
        if "$ref" in choice:
            return dict(schema["$defs"][choice["$ref"].rpartition("/")[2]])
    return node


def _keys(model: type[Frozen], where: tuple[str | int, ...]) -> tuple[str, ...]:
    here = _resolved(model.model_json_schema(), _schema_at(model, where))
    return tuple(here.get("properties", {}))


def _example(model: type[Frozen], where: tuple[str | int, ...]) -> str:
    return str((_schema_at(model, where).get("examples") or ["…"])[0])
