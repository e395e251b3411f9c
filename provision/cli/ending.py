"""How a command's process begins and ends, so that nothing it held stays behind."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from provision.cli.interrupts import raise_where_it_counts
from provision.crash import undumpable


def run(command: Callable[[], object]) -> None:
    """Call ``command``, which ends with ``SystemExit``, and end the process with its code.

    A crash leaves no dump, and what nobody caught is told without its values. Work that was broken off may
    still be in a thread. Python's own end stops such threads wherever they are; one inside qpdf (C++) then
    aborts the process with signal 6, and the exit code is lost. What a command keeps is on disk by now, so
    with such threads at work nothing but the output is left to do.
    """
    undumpable()
    _tell_no_values()
    raise_where_it_counts()
    try:
        command()
    except SystemExit as ended:
        others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
        broken_off = bool(others) and all(thread.daemon for thread in others)
        if not broken_off or not isinstance(ended.code, int | None):
            raise
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):  # a reader that has gone has its own exit code already
                stream.flush()
        os._exit(ended.code or 0)


def _tell_no_values() -> None:
    """Python shows the message of an error that nobody caught, and a message may quote a name or a cipher:
    here its kind and its places are shown, wherever it comes from."""
    sys.excepthook = _told
    threading.excepthook = lambda args: _told(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _told(args.exc_type, args.exc_value, args.exc_traceback)


def _told(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    if issubclass(kind, SystemExit):  # of a thread; Python is silent about it too
        return
    from provision.cli.common import tell_unexpected  # noqa: PLC0415 - --help must not pay for it

    tell_unexpected(kind, (error.__traceback__ if error else None) or traceback)
