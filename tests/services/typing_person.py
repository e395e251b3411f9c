"""A person at a terminal of a seat: a real pty, on which the command runs that the agent has laid out."""

from __future__ import annotations

import os
import pty
import subprocess
import threading

from labcheck.headset.spoken import keys, texts
from labcheck.headset.spoken.steps import Ask, Screen, Show
from tests.services.listening import Person

WRONG = "wrong"
"""Typed first at every question: it is no answer to any."""


class Typist:
    """Reads what stands there, and types what ``person`` answers, after something that means nothing."""

    def __init__(self, command: str, person: Person) -> None:
        """Start the command."""
        self.person = person
        self.read = ""
        self._shown = 0
        self._screen, theirs = pty.openpty()
        self.process = subprocess.Popen(
            ["sh", "-c", command], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self._thread = threading.Thread(target=self._sit, daemon=True)
        self._thread.start()

    def left(self) -> int:
        """How the program ended."""
        status = self.process.wait(30)
        self._thread.join(10)
        os.close(self._screen)
        return status

    def _sit(self) -> None:
        screen, answered = Screen.START, 0
        while True:
            try:
                piece = os.read(self._screen, 4096)
            except OSError:  # what a pty gives instead of an end
                return
            self.read += piece.decode("utf-8", "replace").replace("\r", "")
            for found in self._new_screens():
                screen = found
                if screen in (Screen.PLAYING, Screen.RECORDING):
                    self.person.show(Show(screen))
            prompts = self.read.count("  (")
            if prompts > answered and self.read.endswith(") "):
                answered = prompts
                wrong = prompts % 2
                self._type(WRONG if wrong else _line(screen, self.person))

    def _new_screens(self) -> list[Screen]:
        """Those whose words have come since."""
        found = []
        for line in self.read[self._shown :].splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            self._shown += len(line)
            for screen, text in texts.ASKED.items():
                if text.format(**texts.PARAMS) in line:
                    found.append(screen)
        return found

    def _type(self, line: str) -> None:
        os.write(self._screen, f"{line}\n".encode())


def _line(screen: Screen, person: Person) -> str:
    wanted = person.ask(Ask(screen))
    return next(line for line, answer in keys.typed(screen).items() if answer == wanted)
