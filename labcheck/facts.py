"""What a workstation says of itself, read as what it is: somebody else's word.

Every value is bounded and of the right kind, or it is not known. Nothing is converted, guessed or filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from labcheck.cleaning import LONGEST
from labcheck.errors import N_
from labcheck.phrase import Phrase, phrase
from labcheck.reasons import said

UNAVAILABLE = "unavailable"
"""The key under which an agent says why it cannot tell a value."""

SAID_NOTHING = phrase(N_("the workstation said nothing of it"))
SENSELESS = phrase(N_("what the workstation said of it makes no sense"))


class NotKnown(Exception):
    """A fact that cannot be had; ``reason`` says why."""

    def __init__(self, reason: Phrase) -> None:
        """Keep the reason."""
        self.reason = reason
        super().__init__(str(reason))


class Facts:
    """A value of a facts result, and what lies below it. Every method raises NotKnown."""

    def __init__(self, untrusted: object) -> None:
        """Take the result as it came; it need not even be a mapping."""
        self._untrusted = untrusted

    def is_null(self, *path: str) -> bool:
        """Whether the value is there and is null: "there is none"."""
        return self._at(path) is None

    def has(self, *path: str) -> bool:
        """Whether anything is said of it, be it that it cannot be had."""
        *above, key = path
        value = self._at(tuple(above))
        return isinstance(value, Mapping) and key in value

    def number(self, *path: str, low: float, high: float) -> float:
        """A finite number from ``low`` to ``high``."""
        value = self._at(path)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise NotKnown(SENSELESS)
        return float(value)

    def whole(self, *path: str, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self.number(*path, low=low, high=high)
        if value != int(value):
            raise NotKnown(SENSELESS)
        return int(value)

    def flag(self, *path: str) -> bool:
        """True or false."""
        value = self._at(path)
        if not isinstance(value, bool):
            raise NotKnown(SENSELESS)
        return value

    def text(self, *path: str) -> str:
        """A text of at least one and at most LONGEST characters, as it came; :func:`clean` it to show it."""
        value = self._at(path)
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
            raise NotKnown(SENSELESS)
        return value

    def names(self, *path: str, most: int) -> tuple[str, ...]:
        """A list of at most ``most`` texts."""
        return tuple(item.text() for item in self.items(*path, most=most))

    def items(self, *path: str, most: int) -> Iterator[Facts]:
        """The values of a list of at most ``most``."""
        value = self._at(path)
        if not isinstance(value, list) or len(value) > most:
            raise NotKnown(SENSELESS)
        return (Facts(item) for item in value)

    def _at(self, path: tuple[str, ...]) -> object:
        value = self._untrusted
        for step in (*path, None):
            if isinstance(value, Mapping) and UNAVAILABLE in value:
                raise NotKnown(_reason(value[UNAVAILABLE]))
            if step is None:
                break
            if not isinstance(value, Mapping):
                raise NotKnown(SAID_NOTHING if value is None else SENSELESS)
            if step not in value:
                raise NotKnown(SAID_NOTHING)
            value = value[step]
        return value


def _reason(untrusted: object) -> Phrase:
    if not isinstance(untrusted, str) or not untrusted.strip():
        return SAID_NOTHING
    return phrase(N_("the workstation could not tell: {reason}"), reason=said(untrusted))
