"""A printer's own count of its sheets before and after a run: a voice that neither queue nor operator has."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from printing.errors import QueueError
from printing.queues.facts import Counter, Inspector
from provision.ledger import Ledger
from provision.ledger.evidence import record_meter

PATIENCE = 10.0
"""Seconds that a printer gets to come to rest after its last job."""
_POLL = 0.2


@contextmanager
def metered(
    ledger: Ledger,
    printer: str,
    queue: Inspector,
    *,
    wait: Callable[[float], object] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """Record the counter of ``printer`` around what is done inside, where it has one.

    It is read at rest only: what a printer counts while it works is neither before nor after. When the
    inside ends in an error, sheets may still come, and nothing is recorded after it.
    """
    before = _read(queue)
    if before is None or not before.idle:
        yield
        return
    record_meter(ledger, printer, "before", before.sheets, before.attribute)
    yield
    deadline = now() + PATIENCE
    while (after := _read(queue)) is not None and not after.idle and now() < deadline:
        wait(_POLL)
    if after is not None and after.idle:
        record_meter(ledger, printer, "after", after.sheets, after.attribute)


def _read(queue: Inspector) -> Counter | None:
    """The counter; None too when the way to it is closed now, for which the run itself has better words."""
    try:
        return queue.counter()
    except QueueError:
        return None
