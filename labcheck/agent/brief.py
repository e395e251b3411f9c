"""Answers that several facts need at the same time are fetched once."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

from .protocol import Unavailable
from .typed import Any, TypeVar

FRESH_SECONDS = 1.0
Got = TypeVar("Got")


def brief(ask: Callable[[], Got]) -> Callable[[], Got]:
    """Let a function without arguments answer, or be Unavailable, as it did less than FRESH_SECONDS ago."""
    had: dict[str, Any] = {"at": None}

    @functools.wraps(ask)
    def asked() -> Got:
        if had["at"] is None or time.monotonic() - had["at"] > FRESH_SECONDS:
            had.clear()
            try:
                had["answer"] = ask()
            except Unavailable as why:
                had["why"] = why
            had["at"] = time.monotonic()
        if "why" in had:
            raise Unavailable(str(had["why"]))
        answer: Got = had["answer"]
        return answer

    return asked
