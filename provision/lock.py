"""One run at a time that writes: two operators starting the same rooms must not meet."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provision.errors import N_, ProvisionError


class AnotherRun(ProvisionError):
    """Another command is printing for this site."""

    code = "another-run"
    remedy = N_("Wait until the other command has ended (or stop it with Ctrl-C), then run this one again.")


@contextmanager
def exclusive(state: Path, name: str = "lock") -> Iterator[None]:
    """Hold the site's lock, or another of that ``name``; the kernel lets it go however the process ends.
    Raises AnotherRun at once."""
    descriptor = os.open(state / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRun(N_("another command is at work on this site")) from None
        yield
    finally:
        os.close(descriptor)
