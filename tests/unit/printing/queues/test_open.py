"""What an inventory may write for a queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from printing.errors import QueueError
from printing.queues.cups import CupsQueue
from printing.queues.folder import FolderQueue
from printing.queues.open import open_queue


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("folder:out/print", FolderQueue),
        ("cups:laser", CupsQueue),
        ("cups:Лазер-1", CupsQueue),
        ("cups://printserver/laser", CupsQueue),
        ("cups://[::1]:8631/laser", CupsQueue),
    ],
)
def test_a_queue_is_opened(spec: str, kind: type, tmp_path: Path) -> None:
    queue = open_queue(spec, "Room 204", tmp_path)
    assert isinstance(queue, kind)
    assert queue.name == "Room 204"
    assert not list(tmp_path.iterdir()), "opening alone writes nothing"


WRONG = """
laser folder: cups: cups://host cups://host/ cups://host:port/q cups://h/a/b cups:a#b cups:a?b cups:/a ipp://host/q
"""


@pytest.mark.parametrize("spec", ["", "cups:a b", *WRONG.split()])
def test_anything_else_is_refused_by_its_name(spec: str, tmp_path: Path) -> None:
    with pytest.raises(QueueError) as refused:
        open_queue(spec, "Room 204", tmp_path)
    assert spec in str(refused.value)
