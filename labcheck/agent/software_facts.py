"""What is installed, and the content of files that are asked for."""

from __future__ import annotations

from typing import Any

from .package import sha256
from .paths import expand
from .protocol import Fact, Json
from .store import Store


def facts(software: Any, files: list[str]) -> Json:
    """``{installed_version, files: {path: sha256}}``; the version is null when there is none."""
    version = None
    if software:
        record = (store := Store(str(software["name"]))).record(store.current_id())
        version = record.version if record else None
    return {"installed_version": version, "files": {path: _hash(path) for path in files}}


def _hash(path: str) -> Fact:
    try:
        return sha256(expand(path))
    except OSError as failed:
        unavailable: dict[str, str] = {"unavailable": failed.strerror or str(failed)}
        return unavailable
