"""What is left of a deadline."""

from __future__ import annotations

from time import monotonic


class Clock:
    """Started when made; counts wall-clock seconds down."""

    __slots__ = ("_end", "seconds")

    def __init__(self, seconds: float) -> None:
        """A deadline ``seconds`` from now."""
        self.seconds = seconds
        self._end = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; none or less when it is over."""
        return self._end - monotonic()

    def left(self) -> float:
        """Seconds left, more than 0. Raises TimeoutError when none are."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        return left
