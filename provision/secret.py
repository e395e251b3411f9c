"""A value that never shows itself: secrets and pupils' names."""

from __future__ import annotations

from typing import final


@final
class Secret:
    """A text whose ``str``, ``repr`` and ``format`` are masked; only :meth:`reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Wrap ``text``."""
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; call it only where it is handed on to paper or a decryptor."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> tuple[type, tuple[str]]:
        msg = "a secret is not pickled"
        raise TypeError(msg)
