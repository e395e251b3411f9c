"""From an inventory's words to a queue."""

from __future__ import annotations

from pathlib import Path

from printing.errors import N_, QueueError
from printing.queues.facts import InspectedQueue
from printing.queues.folder import FolderQueue


def open_queue(spec: str, name: str, base: Path) -> InspectedQueue:
    """Open ``folder:PATH`` (relative to ``base``), ``cups:QUEUE`` or ``cups://host:port/QUEUE``.

    ``name`` names the queue for people. Raises QueueError for anything else; nothing is connected or
    written yet.
    """
    kind, _, rest = spec.partition(":")
    if kind == "folder" and rest:
        return FolderQueue(base / rest, name)
    if kind == "cups" and rest:
        # Folder queues work where pycups is not installed.
        from printing.queues.cups import CupsQueue  # noqa: PLC0415

        return CupsQueue(spec, name)
    raise QueueError(N_("'{spec}' is no queue: folder:PATH, cups:QUEUE or cups://host:port/QUEUE"), spec=spec)
