"""Ctrl-C at a certain moment."""

from __future__ import annotations

import signal
import weakref


def press() -> None:
    """As if it were pressed now; what it raises is raised here."""
    signal.raise_signal(signal.SIGINT)


class Pressed:
    """Ctrl-C while it is destroyed."""

    def __del__(self) -> None:
        press()


class _Key:
    """Ctrl-C when it is looked for, once ``armed``."""

    armed = False

    def __hash__(self) -> int:
        if self.armed:
            press()
        return 0


def forgotten() -> None:
    """Ctrl-C while a dictionary forgets what only it knew."""
    known: weakref.WeakValueDictionary[_Key, object] = weakref.WeakValueDictionary()
    key, value = _Key(), _Value()
    known[key] = value
    key.armed = True
    del value


class _Value:
    """What a weak reference may name."""
