"""What a file or folder of somebody else is called here: by its own name where that can do no harm. Pure."""

from __future__ import annotations

import hashlib

_NAME_BYTES, _PATH_BYTES = 200, 1000
_FORBIDDEN = set('<>:"|?*\\')
"""What no file name on a memory stick may hold."""


def harmless(path: str) -> str:
    """The path as a name here: itself when nothing in it can do harm, else a name made of its hash."""
    parts = path.split("/")
    fine = len(path.encode("utf-8", "replace")) <= _PATH_BYTES and all(map(_plain, parts))
    return path if fine else substitute(path)


def substitute(path: str) -> str:
    """A name made of the path's hash."""
    return "file-" + hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _plain(part: str) -> bool:
    return (
        part.isprintable()
        and 0 < len(part.encode()) <= _NAME_BYTES
        and not part.startswith((".", " "))
        and not part.endswith((".", " "))
        and not _FORBIDDEN & set(part)
    )


def folder_name(label: str) -> str:
    """A room's or seat's label as the name of a folder; two labels never give the same."""
    fine = _plain(label) and "/" not in label and not label.startswith("file-")
    return label if fine else substitute(label)
