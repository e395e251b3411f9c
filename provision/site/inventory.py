"""Reading and checking ``inventory.yaml``: every mistake at once, each with its line and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from provision.errors import N_, Problem, ProblemsError
from provision.site.draft import Draft, draft
from provision.site.model import Inventory
from provision.site.nodes import Node
from provision.site.rules import broken_rules
from provision.site.wording import follows_from_others, problem_of
from provision.site.yamlfile import read_yaml


@dataclass(frozen=True, slots=True)
class Examined:
    """An inventory file after reading: the inventory when nothing is wrong, else the problems.

    ``draft`` is what could be understood of it, with the lines; None when the file has no structure.
    """

    inventory: Inventory | None
    problems: tuple[Problem, ...]
    draft: Draft | None


def load_inventory(path: Path) -> Inventory:
    """The inventory in the file at ``path``. Raises ProblemsError with everything that is wrong."""
    examined = examine(path)
    if examined.inventory is None:
        raise ProblemsError(examined.problems)
    return examined.inventory


def examine(path: Path) -> Examined:
    """Read and check the file at ``path``; raises nothing for what is wrong in it."""
    root, problems = read_yaml(path)
    if root is None or not isinstance(root.value, dict):
        if not problems:
            what = N_("the inventory is empty") if _empty(root) else N_("the file holds no keys")
            cure = N_("Start from the example that 'provision init DIR' writes")
            problems.append(Problem(path, root.line if root else 0, what, cure, {}))
        return Examined(None, tuple(problems), None)
    inventory = None
    try:
        inventory = Inventory.model_validate(root.plain())
    except ValidationError as error:
        found = [e for e in error.errors(include_url=False) if not follows_from_others(root, e)]
        problems += [problem_of(path, root, e) for e in found]
    sound = draft(path, root)
    problems += broken_rules(sound)
    problems.sort(key=lambda problem: problem.line)
    return Examined(None if problems else inventory, tuple(problems), sound)


def _empty(root: Node | None) -> bool:
    return root is None or root.value is None
