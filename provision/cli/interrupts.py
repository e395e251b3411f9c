"""When Ctrl-C may break a command off: Python raises it anywhere, and in some places it is lost."""

from __future__ import annotations

import _thread
import _weakrefset
import signal
import threading
import weakref
from types import FrameType

_SOON = 0.02
_IMPORT = "<frozen importlib._bootstrap>"
_REMOVING = frozenset({weakref.__file__, _weakrefset.__file__})


def raise_where_it_counts() -> None:
    """Let Ctrl-C raise ``KeyboardInterrupt`` as ever, but later where nobody would hear it.

    Who ignores it (``nohup``, a job in the background) goes on ignoring it.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, break_off)


def break_off(number: int, frame: FrameType | None) -> None:
    """Handle a signal by raising ``KeyboardInterrupt`` where ``frame`` is; or soon."""
    if not postponed(number, frame):
        raise KeyboardInterrupt


def postponed(number: int, frame: FrameType | None) -> bool:
    """Whether a handler of signal ``number`` must not raise now, as that would be lost or do harm; the signal
    comes again soon then.

    Extension modules, while they are imported, take whatever is raised for a trifle and go on without it, or
    end the process with signal 6 (pikepdf's did both, once in some 80 times that a command was broken off in
    its first second); what is raised in ``__del__`` or when a weak reference dies, Python only reports.
    """
    while frame is not None:
        code = frame.f_code
        if code.co_filename == _IMPORT or code.co_name == "__del__" or code.co_filename in _REMOVING:
            again = threading.Timer(_SOON, _thread.interrupt_main, (number,))
            again.daemon = True
            again.start()
            return True
        frame = frame.f_back
    return False
