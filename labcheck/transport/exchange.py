"""What goes over the streams of one command or channel, kept within bounds. Shared by all transports. Pure.

Everything here that comes from the other side is untrusted.
"""

from __future__ import annotations

import secrets

from labcheck.errors import N_
from labcheck.transport import commands
from labcheck.transport.base import ERROR_BYTES, LINE_BYTES, OUTPUT_BYTES, Completed, HasReveal
from labcheck.transport.errors import SudoRefused

_SAID = 300
"""Characters of the other side's words in a message."""


def printable(untrusted: bytes | str, limit: int = _SAID) -> str:
    """The words on one line, cut to ``limit`` characters, without control characters."""
    text = untrusted.decode("utf-8", "replace") if isinstance(untrusted, bytes) else untrusted
    shown = "".join(c if c.isprintable() else " " for c in text[: 8 * limit])
    words = " ".join(shown.split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


class Sudo:
    """The talk with sudo over stderr and stdin, until the command behind it begins.

    Raises nothing itself; ask ``refused`` at the end."""

    def __init__(self, password: HasReveal | None) -> None:
        """``password`` None: only a sudo that asks for none will do."""
        self._password = password
        self._prompt = f"[{secrets.token_hex(12)}]"
        self._begun = f"<{secrets.token_hex(12)}>"
        self._held = b""
        self._asked = 0
        self.begun = False

    def line(self, inner: str) -> str:
        """The line that runs ``inner``, a line for sh."""
        return commands.sudo(inner, self._prompt, self._begun, asks=self._password is not None)

    def hear(self, data: bytes) -> tuple[bytes, bytes, bool]:
        """Take from stderr. Returns what the command itself said, what to answer, whether to hang up."""
        if self.begun:
            return data, b"", False
        self._held = (self._held + data)[-ERROR_BYTES:]
        before, mark, after = self._held.partition(self._begun.encode())
        if mark:
            self.begun, self._held = True, before
            return after, b"", False
        before, mark, after = self._held.partition(self._prompt.encode())
        if not mark:
            return b"", b"", False
        self._held = before + b" " + after
        self._asked += 1
        if self._asked > 1 or self._password is None:
            return b"", b"", True
        return b"", self._password.reveal().encode() + b"\n", False

    def refused(self, seat: str) -> SudoRefused:
        """The error for a command that ended before it began."""
        said = printable(self._held.replace(self._prompt.encode(), b" "))
        return SudoRefused(N_("{seat}: sudo refuses: {said}"), seat=seat, said=said or "—")


class Exchange:
    """The streams of one command that runs to its end."""

    def __init__(self, stdin: bytes, sudo: Sudo | None) -> None:
        """``stdin`` is for the command; with ``sudo`` it waits until the command has begun."""
        self._stdin = memoryview(stdin)
        self._answer = memoryview(b"")
        self._sudo = sudo
        self._hang_up = False
        self._out, self._err = bytearray(), bytearray()
        self._truncated = False

    def out(self, data: bytes) -> None:
        """Take from stdout."""
        self._keep(self._out, data)

    def err(self, data: bytes) -> None:
        """Take from stderr."""
        if self._sudo is not None:
            data, answer, hang_up = self._sudo.hear(data)
            self._answer = memoryview(bytes(self._answer) + answer)
            self._hang_up |= hang_up
        self._keep(self._err, data)

    def _keep(self, kept: bytearray, data: bytes) -> None:
        room = OUTPUT_BYTES - len(kept)
        kept += data[:room]
        self._truncated |= len(data) > room

    def to_send(self) -> memoryview:
        """What may go to stdin now."""
        if self._answer or (self._sudo is not None and not self._sudo.begun):
            return self._answer
        return self._stdin

    def sent(self, count: int) -> None:
        """So many bytes of :meth:`to_send` are gone."""
        if self._answer:
            self._answer = self._answer[count:]
        else:
            self._stdin = self._stdin[count:]

    def all_sent(self) -> bool:
        """Whether nothing will ever go to stdin any more: close it."""
        waiting = self._sudo is not None and not self._sudo.begun
        return self._hang_up or not (self._answer or self._stdin or waiting)

    def completed(self, seat: str, exit_status: int) -> Completed:
        """How it ended. Raises SudoRefused."""
        if self._sudo is not None and not self._sudo.begun:
            raise self._sudo.refused(seat)
        return Completed(exit_status, bytes(self._out), bytes(self._err), self._truncated)


class Lines:
    """The lines of a channel's stdout, and the last of its stderr."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._data = bytearray()
        self._seen = 0
        self._err = bytearray()

    def out(self, data: bytes) -> None:
        """Take from stdout. Raises ValueError for a line over LINE_BYTES."""
        self._data += data
        if len(self._data) > LINE_BYTES and self._data.find(b"\n", self._seen, LINE_BYTES + 1) < 0:
            msg = "line too long"
            raise ValueError(msg)

    def err(self, data: bytes) -> None:
        """Take from stderr."""
        self._err += data
        del self._err[:-ERROR_BYTES]

    def next(self) -> bytes | None:
        """The next whole line without its line feed."""
        end = self._data.find(b"\n", self._seen)
        if end < 0:
            self._seen = len(self._data)
            return None
        line = bytes(self._data[:end])
        del self._data[: end + 1]
        self._seen = 0
        return line

    def errors(self) -> bytes:
        """The last of stderr."""
        return bytes(self._err)
