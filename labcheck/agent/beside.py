"""The check by ear for a terminal: a program of one file, laid out for whoever is at the screen."""

from __future__ import annotations

import contextlib
import os

from . import session
from .paths import data_folder
from .programs import WINDOWS
from .protocol import Unavailable

NAME = "vpr-spoken.py"
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "terminal.py")


def write(url: str, exam_user: str) -> str | None:
    """Its path, in that account's runtime folder, which nobody else can look into, or where nobody is known
    to be at the screen, in our own data folder; None on Windows, and where there is no such folder. The
    address in it is nobody else's business."""
    folder, owner = (None, None) if WINDOWS else _folder(exam_user)
    if folder is None:
        return None
    path = os.path.join(folder, NAME)
    with open(SOURCE, encoding="utf-8") as file:
        program = f"{file.read()}\n\nsys.exit(main({url!r}))\n"
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)
    new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(new, "w", encoding="utf-8") as file:
        file.write(program)
        if owner is not None:
            os.fchown(new, *owner)
    return path


def _folder(exam_user: str) -> tuple[str | None, tuple[int, int] | None]:
    """Where to, and whose it shall be (None: ours)."""
    try:
        at_screen = session.find(exam_user)
        owner = session.account(at_screen)
    except Unavailable:
        at_screen = owner = None
    runtime = os.path.join(session.RUNTIME, str(at_screen.uid)) if at_screen else ""
    if os.path.isdir(runtime):
        return runtime, owner
    if owner is not None:
        return None, None
    os.makedirs(data_folder(), mode=0o700, exist_ok=True)
    return data_folder(), None
