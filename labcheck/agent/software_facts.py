"""What is installed, and the content of its files."""

from __future__ import annotations

import os

from .package import parse, sha256
from .paths import expand
from .protocol import Fact, Json
from .store import Store
from .typed import Any


def facts(software: Any, files: list[str]) -> Json:
    """``{installed_version, sha256: {path: digest}}`` of the software's files and of those asked for.

    The version is null when there is none, a digest where there is no such file. Raises Refused.
    """
    version = None
    found: dict[str, Fact] = {path: _hash(expand(path)) for path in files}
    if software:
        package = parse(software)
        store = Store(package.name)
        record = store.record(store.current_id())
        version = record.version if record else None
        for path in package.files:
            found[path] = _hash(os.path.join(store.current, *path.split("/")))
    return {"installed_version": version, "sha256": found}


def _hash(path: str) -> Fact:
    try:
        return sha256(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as failed:
        return {"unavailable": failed.strerror or str(failed)}
