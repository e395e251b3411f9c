"""The same question to many workstations at once, where nothing long is done. Failure is data."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

from labcheck.errors import LabcheckError
from labcheck.room import AT_ONCE
from labcheck.transport.base import Endpoint
from labcheck.transport.core import share_core

T = TypeVar("T")


def ask_each(
    endpoints: Sequence[Endpoint], ask: Callable[[Endpoint], T], *, at_once: int = AT_ONCE
) -> Mapping[str, T | LabcheckError]:
    """Seat -> the answer, or the error that stands for it; in the order given.

    ``ask`` must keep deadlines of its own. What it raises beside LabcheckError is raised here, at the end.
    An interruption leaves what is under way behind."""
    waiting: SimpleQueue[Endpoint] = SimpleQueue()
    for endpoint in endpoints:
        waiting.put(endpoint)
    answers: SimpleQueue[tuple[str, T | Exception]] = SimpleQueue()

    def work() -> None:
        share_core()
        while True:
            try:
                endpoint = waiting.get_nowait()
            except Empty:
                return
            try:
                answers.put((endpoint.seat, ask(endpoint)))
            except Exception as failed:  # noqa: BLE001 - raised below, by whoever waits
                answers.put((endpoint.seat, failed))

    for _ in range(min(at_once, len(endpoints))):
        threading.Thread(target=work, daemon=True).start()
    found = dict(answers.get() for _ in endpoints)
    for answer in found.values():
        if isinstance(answer, Exception) and not isinstance(answer, LabcheckError):
            raise answer
    return {endpoint.seat: found[endpoint.seat] for endpoint in endpoints}  # type: ignore[misc]
