"""The checker's findings in words for people: what is wrong at which line, and how to write it.

Pydantic speaks to programmers; none of its sentences is shown. Its error types, and those of
:mod:`provision.site.fieldtypes`, each have a sentence and a cure here.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from provision.errors import N_, Problem
from provision.site.nodes import Node, shown
from provision.site.schema import choices_at, example_at, keys_at

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Where = tuple[str | int, ...]

_LIKE = N_("Write it like '{key}: {example}'")
_NUMBER = (N_("'{key}' must be a number, not '{value}'"), _LIKE)
_WHOLE = (N_("'{key}' must be a whole number, not '{value}'"), _LIKE)
_YES_NO = (N_("'{key}' must be true or false, not '{value}'"), N_("Write '{key}: true' or '{key}: false'"))
_BLOCK = (N_("'{key}' must be a block of keys"), N_("Write '{key}:' and its keys below, indented by spaces"))
_LONG = (N_("'{key}' is longer than {max_length} characters"), N_("Shorten it"))
_SHORT = (N_("'{key}' is empty"), _LIKE)
_CODE_CURE = N_(r"Use a form with fixed lengths such as \d{{5}} or [А-Я]{{2}}\d{{4}}")
_PATH_CURE = N_(
    "Write a path inside the site's folder with forward slashes, such as '{example}'; copy the file there"
)

WORDS: dict[str, tuple[str, str]] = {
    "missing": (N_("the key '{key}' is missing"), N_("Add a line '{key}: {example}'")),
    "empty": (N_("'{key}' has no value"), N_("Write it like '{key}: {example}', or remove the line")),
    "string_type": (N_("'{key}' must be one text or number"), _LIKE),
    "string_too_short": _SHORT,
    "string_too_long": _LONG,
    "string_pattern_mismatch": (N_("'{value}' is no right value of '{key}'"), _LIKE),
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _WHOLE,
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_parsing": _YES_NO,
    "bool_type": _YES_NO,
    "greater_than": (N_("'{key}' must be more than {gt}, not {value}"), _LIKE),
    "greater_than_equal": (N_("'{key}' must be at least {ge}, not {value}"), _LIKE),
    "less_than_equal": (N_("'{key}' must be at most {le}, not {value}"), _LIKE),
    "tuple_type": (N_("'{key}' must be a list"), N_("Write it in brackets, like '{key}: {example}'")),
    "too_short": (N_("the list '{key}' is empty"), _LIKE),
    "model_type": _BLOCK,
    "model_attributes_type": _BLOCK,
    "dict_type": _BLOCK,
    "enum": (N_("'{value}' is no right value of '{key}'"), N_("Write one of: {allowed}")),
    "date_type": (N_("'{key}' must be a date"), _LIKE),
    "time_type": (N_("'{key}' must be a time"), _LIKE),
    "date_form": (N_("'{value}' is no date"), N_("Write year-month-day, like 2027-04-15")),
    "date_hint": (N_("'{value}' is no date"), N_("Write {hint}")),
    "date_none": (N_("there is no such day: {value}"), N_("Check the day and the month")),
    "time_form": (N_("'{value}' is no time"), N_("Write hours:minutes, like 09:00")),
    "time_hint": (N_("'{value}' is no time"), N_("Write {hint}")),
    "class_form": (N_("'{value}' is no class"), N_("Write a number and a Cyrillic letter, like 7А")),
    "seat_form": (N_("'{value}' is no seat"), N_("Write the row's number and the column's letter, like 3Б")),
    "time_zone": (
        N_("there is no time zone '{value}'"),
        N_("Write it like Europe/Moscow, Europe/Samara, Asia/Yekaterinburg, Asia/Omsk, Asia/Vladivostok"),
    ),
    "code_pattern_wild": (N_("'{value}' is too free as the form of a code"), _CODE_CURE),
    "code_pattern_broken": (N_("'{value}' is no regular expression"), _CODE_CURE),
    "code_pattern_empty": (N_("'{value}' would take an empty code"), _CODE_CURE),
    "path_form": (N_("'{value}' is no path inside the site"), _PATH_CURE),
    "none_required": (N_("'{value}' is no right value of '{key}'"), _LIKE),
    "unknown": (N_("there is no key '{key}' here"), N_("Remove it; allowed here: {allowed}")),
    "unknown_near": (N_("there is no key '{key}' here"), N_("Did you mean '{near}'?")),
}
_OTHER = (N_("'{value}' is no right value of '{key}'"), _LIKE)


def problem_of(file: Path, root: Node, error: ErrorDetails) -> Problem:
    """One finding of pydantic about the data of ``root``, in our words and with its line."""
    where = error["loc"]
    if error["type"] == "extra_forbidden":
        return _unknown_key(file, root, where)
    node = _deepest(root, where)
    key = next((step for step in reversed(where) if isinstance(step, str)), file.name)
    kind = error["type"]
    params: dict[str, object] = {**error.get("ctx", {}), "key": key, "example": _example(where)}
    if kind != "missing":
        params["value"] = shown(node.value) if isinstance(node.value, str) else "…"
        if node.value is None:
            kind = "empty"
    if params.get("hint"):
        kind = kind.replace("_form", "_hint")
    if kind == "enum":
        params["allowed"] = ", ".join(choices_at(where))
    what, cure = WORDS.get(kind, _OTHER)
    return Problem(file, node.line, what, cure, _plain(params))


def follows_from_others(root: Node, error: ErrorDetails) -> bool:
    """Whether a finding only repeats others: a list counts as too short when its items are wrong."""
    return error["type"] == "too_short" and bool(_deepest(root, error["loc"]).value)


def _plain(params: dict[str, object]) -> dict[str, object]:
    """Only texts and numbers: pydantic's context may hold an exception."""
    return {name: value for name, value in params.items() if isinstance(value, str | int | float)}


def _example(where: Where) -> str:
    """The example of the value at ``where``, or of the list that it is an item of."""
    while where and isinstance(where[-1], int):
        where = where[:-1]
    return example_at(where)


def _unknown_key(file: Path, root: Node, where: Where) -> Problem:
    parent = _deepest(root, where[:-1])
    key = str(where[-1])
    allowed = keys_at(where[:-1])
    near = nearest(key, allowed)
    what, cure = WORDS["unknown_near" if near else "unknown"]
    params: dict[str, object] = {"key": shown(key), "near": near, "allowed": ", ".join(allowed)}
    return Problem(file, parent.keys.get(key, parent.line), what, cure, params)


def _deepest(root: Node, where: Where) -> Node:
    """The node at ``where``, or the last one on the way that exists."""
    node = root
    for step in where:
        inner = node.child(step)
        if inner is None:
            break
        node = inner
    return node


def nearest(word: str, words: tuple[str, ...]) -> str:
    """The one of ``words`` that ``word`` was probably meant to be; empty when none is near."""
    found = get_close_matches(word.lower(), [w.lower() for w in words], n=1, cutoff=0.6)
    return next((w for w in words if found and w.lower() == found[0]), "")
