"""The software's own commands (install, check, uninstall), run in its folder."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .package import Package
from .paths import expand
from .programs import run
from .protocol import Unavailable
from .typed import Any, NamedTuple

SECONDS = 600.0
"""What an installer may take unless the request says otherwise."""
TAIL_CHARS = 2000


class Outcome(NamedTuple):
    """``status`` is None when it could not start or its time was up; ``said`` is the end of its output."""

    status: int | None
    said: str

    @property
    def good(self) -> bool:
        """Whether it did what it should."""
        return self.status == 0

    def json(self) -> dict[str, Any]:
        """For an answer."""
        return {"status": self.status, "output": self.said}


DONE = Outcome(0, "")
"""Of a command that the software does not need."""


def run_in(folder: str, words: Sequence[str], package: Package, seconds: float) -> Outcome:
    """Run a command; ``{folder}`` and ``{answers}`` in its words stand for those folders."""
    if not words:
        return DONE
    answers = expand(package.answers) if package.answers else ""
    command = [word.replace("{folder}", folder).replace("{answers}", answers) for word in words]
    beside = os.path.join(folder, *command[0].replace("\\", "/").split("/"))
    if not os.path.isabs(command[0]) and os.path.isfile(beside):
        command[0] = beside
    try:
        ran = run(command, seconds, cwd=folder)
    except Unavailable as why:
        return Outcome(None, str(why))
    said = f"{ran.stdout}\n{ran.stderr}".strip()[-TAIL_CHARS:]
    return Outcome(ran.status, said if ran.status is not None else f"not done after {seconds:.0f} s\n{said}")
