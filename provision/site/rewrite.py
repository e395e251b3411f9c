"""``inventory.yaml`` changed in some places: every other byte of the file stays as it is.

The places are found in the file's YAML tree and the text is changed there. The result is read again: it must
be the inventory that is wanted, or the file is left alone.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from provision.errors import ProvisionError
from provision.site.inventory import load_inventory
from provision.site.model import Inventory


def rewrite(
    file: Path,
    change: Callable[[str], str],
    wanted: Callable[[Inventory], Inventory],
    refused: ProvisionError,
) -> None:
    """Change the file's text, so that it holds what ``wanted`` makes of its inventory; ``refused`` is raised
    when it would not. Raises ProblemsError and OSError, too; the file is as it was then."""
    file = file.resolve()
    before = load_inventory(file)
    with file.open(encoding="utf-8", newline="") as stream:  # its own line ends
        text = stream.read()
    beside = _write_beside(file, change(text))
    try:
        if load_inventory(beside) != wanted(before):
            raise refused
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def composed(text: str) -> tuple[Any, int]:
    """The tree, and by how much its marks are before the places in the text."""
    offset = text.startswith("\ufeff")
    return YAML(pure=True).compose(io.StringIO(text[offset:])), int(offset)


def value_of(node: Node | None, key: str) -> Any:
    """What a mapping has under the key; None when it has not, or is none."""
    if isinstance(node, MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    return None


def items_of(node: Node | None) -> list[Node]:
    """The items of a list; none of anything else."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def text_of(node: Node | None) -> str:
    """What a scalar says."""
    return str(node.value).strip() if node is not None else ""


def line_end(text: str, index: int) -> tuple[int, str]:
    """Where the line that holds ``index`` ends, and how lines end there."""
    end = text.find("\n", index)
    end = len(text) if end < 0 else end
    return (end - 1, "\r\n") if text[:end].endswith("\r") else (end, "\n")


def _write_beside(file: Path, text: str) -> Path:
    """A file in the same folder, on disk, with the same rights."""
    number, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    with os.fdopen(number, "w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    beside = Path(name)
    beside.chmod(file.stat().st_mode & 0o7777)
    return beside
