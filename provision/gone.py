"""A file removed, and looked at that it is: what a disk keeps beneath its file system is not ours to know."""

from __future__ import annotations

import os
from pathlib import Path


def gone(path: Path) -> int | None:
    """Remove one file and look that nothing names it any more; its length, or None when it stayed. Of a link,
    never what it leads to."""
    try:
        if path.is_symlink():
            path.unlink()
            return 0
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        length = os.fstat(descriptor).st_size
        path.unlink()
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        removed = not os.path.lexists(path) and os.fstat(descriptor).st_nlink == 0
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return length if removed else None
