"""A headset's calibration written into ``inventory.yaml``: every other byte of the file stays as it is.

It stands in the profile's lab section, beside the limits that it narrows: there it is seen, goes where the
site goes, and is taken back by removing its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from provision.errors import N_, ProvisionError
from provision.site.labrules import HeadsetCalibration
from provision.site.model import Inventory
from provision.site.rewrite import composed, items_of, line_end, rewrite, text_of, value_of

KEY = "headset_calibrations"
_PATH = ("profile", "lab", KEY)
_STEP = "  "


class CalibrationNotWritten(ProvisionError):
    """A calibration cannot be written into the inventory without doubt; the file is as it was."""

    code = "calibration-not-written"
    remedy = N_("Write the line into inventory.yaml by hand (profile: lab: headset_calibrations).")


def keep(file: Path, one: HeadsetCalibration) -> None:
    """Write it into the inventory, in place of an earlier one of the model.

    Raises CalibrationNotWritten, ProblemsError, OSError."""
    text = N_("{file} cannot be changed without changing its meaning: {line}")
    refused = CalibrationNotWritten(text, file=file.resolve().name, line=line_of(one))
    rewrite(file, lambda text: kept(text, one), lambda before: _with(before, one), refused)


def line_of(one: HeadsetCalibration) -> str:
    """As it stands in the file."""
    data = one.model_dump(exclude_defaults=True)
    pairs = ", ".join(
        f"{key}: {_plain(value)}" for key, value in {**data, "model": one.model.lower()}.items()
    )
    return f"{{{pairs}}}"


def kept(text: str, one: HeadsetCalibration) -> str:
    """The file's text with it."""
    root, offset = composed(text)
    begin, end, new = _edit(text, root, _PATH, one, offset)
    return text[:begin] + new + text[end:]


def _edit(
    text: str, node: Any, path: Sequence[str], one: HeadsetCalibration, offset: int
) -> tuple[int, int, str]:
    """From, to, and what is to stand there; ``node`` is what the file has of the path until here."""
    key, *deeper = path
    inner = value_of(node, key)
    if inner is not None and deeper and not _empty(inner):
        return _edit(text, inner, deeper, one, offset)
    if inner is not None and items_of(inner):
        return _item(text, items_of(inner), inner, one, offset)
    if inner is not None:  # "lab: {}", or "headset_calibrations: []"
        return inner.start_mark.index + offset, inner.end_mark.index + offset, _inline(deeper, one)
    if node.flow_style:
        end = node.end_mark.index + offset - 1
        return end, end, f"{', ' if node.value else ''}{key}: {_inline(deeper, one)}"
    end, newline = _behind(text, node, offset)
    return end, end, newline + newline.join(_block(path, one, node.start_mark.column))


def _item(
    text: str, items: Sequence[Node], whole: Any, one: HeadsetCalibration, offset: int
) -> tuple[int, int, str]:
    """In place of the model's, or behind the last."""
    for item in items:
        if text_of(value_of(item, "model")).lower() == one.model.lower():
            return item.start_mark.index + offset, _last(item).end_mark.index + offset, line_of(one)
    end = _last(items[-1]).end_mark.index + offset
    if whole.flow_style:
        return end, end, f", {line_of(one)}"
    end, newline = line_end(text, end)
    return end, end, f"{newline}{' ' * whole.start_mark.column}- {line_of(one)}"


def _last(node: Any) -> Any:
    """What ends where the node does: the marks of a block are behind the comments that follow it."""
    while isinstance(node, MappingNode) and not node.flow_style:
        node = node.value[-1][1]
    return node


def _behind(text: str, node: MappingNode, offset: int) -> tuple[int, str]:
    """The end of a line of the mapping behind which a key may stand: behind the last plain value, of the
    headsets if there is one, and behind the comment that goes on below it."""
    if not node.start_mark.column:  # the file as a whole
        return len(text.rstrip()), line_end(text, 0)[1]
    plain = [(name.value, value) for name, value in node.value if isinstance(value, ScalarNode)]
    ours = [value for name, value in plain if name.startswith(("headset", "test_"))]
    after = [value.end_mark.index for value in ours or [value for _name, value in plain]]
    before_all = node.start_mark.index - node.start_mark.column - 1
    end, newline = line_end(text, (after[-1] if after else before_all) + offset)
    while end < len(text):
        following, _newline = line_end(text, end + len(newline))
        line = text[end + len(newline) : following]
        if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) <= node.start_mark.column:
            break
        end = following
    return end, newline


def _block(path: Sequence[str], one: HeadsetCalibration, column: int) -> list[str]:
    """Lines of keys that the file has not yet."""
    lines = [f"{' ' * column}{_STEP * depth}{key}:" for depth, key in enumerate(path)]
    return [*lines, f"{' ' * column}{_STEP * len(path)}- {line_of(one)}"]


def _inline(path: Sequence[str], one: HeadsetCalibration) -> str:
    """The value of a key of which the file has the name at most."""
    value = f"[{line_of(one)}]"
    for key in reversed(path):
        value = f"{{{key}: {value}}}"
    return value


def _empty(node: Node) -> bool:
    return not node.value


def _plain(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _with(before: Inventory, one: HeadsetCalibration) -> Inventory:
    lab = before.profile.lab
    new = one.model_copy(update={"model": one.model.lower()})
    found = [new if old.model.lower() == new.model else old for old in lab.headset_calibrations]
    if new not in found:
        found.append(new)
    lab = lab.model_copy(update={KEY: tuple(found)})
    return before.model_copy(update={"profile": before.profile.model_copy(update={"lab": lab})})
