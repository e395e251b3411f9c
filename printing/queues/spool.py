"""What of ours lies in a print server, and whether its settings keep it from lying there.

By default CUPS keeps every printed document for a day. Our jobs are purged one by one when the journal has
their end; :class:`SpoolReport` is the proof that none is left, and names each setting that should be
changed with the very line. What could not be looked at is said to be so: ``None`` is never a pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from printing.errors import N_
from printing.queues.ipp import Attributes

MAX_CONFIGURATION = 1 << 20
"""Bytes of a cupsd.conf that are read; real ones have about seven thousand."""

_DOCUMENT = re.compile(r"d(\d{5,10})-\d{3,}")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a server or queue (``place``). ``value`` is what it is, or CUPS's default; None: it could
    not be looked at. ``why`` says what is wrong with it, as a gettext template; ``line`` what to write or to
    run instead."""

    place: str
    name: str
    value: str | None
    good: bool | None
    why: str
    line: str
    command: bool = False


@dataclass(frozen=True, slots=True)
class SpoolReport:
    """``kept`` are the names of our ended jobs whose documents the server still holds, ``waiting`` those of
    our jobs that have not ended. ``stray`` are document files that belong to no job that the server knows;
    None when the spool's folder is not readable from here."""

    settings: tuple[Setting, ...] = ()
    kept: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    stray: tuple[Path, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A job whose end the journal holds: our name for it, and the queue's reference."""

    name: str
    reference: str


class Spool(Protocol):
    """Where jobs lie before and after they are printed. Raises :class:`printing.errors.QueueError` only."""

    def purge(self, ended: Collection[Ended]) -> None:
        """Remove these jobs, documents and history. One that the queue still waits for is ended by that; its
        history may stay until the next call.

        Only for jobs whose end is recorded durably: the queue will not know them again.
        """
        ...

    def spool(self, ours: Collection[str]) -> SpoolReport:
        """What is left of the jobs with the names ``ours``, and how the server is set."""
        ...


def _off(value: str) -> bool:
    """Whether a cupsd.conf value is a no; it may also be a number of seconds."""
    return value.lower() in {"no", "off", "false", "0"}


def _at_least(least: int, value: str) -> bool:
    """Whether a number or time ("3h") is no less; 0 has no limit, and "yes" neither."""
    number = re.fullmatch(r"(\d{1,12})([smhdw]?)", value.lower())
    if number is None:
        return value.lower() in {"yes", "on", "true"}
    return int(number[1]) == 0 or int(number[1]) * _SECONDS[number[2]] >= least


_DIRECTIVES: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "PreserveJobFiles": ("1d", "No", _off),
    "PreserveJobHistory": ("Yes", "Yes", lambda value: not _off(value)),
    "MaxJobs": ("500", "500", partial(_at_least, 100)),
    "MaxJobTime": ("3h", "3h", partial(_at_least, 3600)),
}
"""Each directive's default (CUPS 2.4), the value to write instead, and what is good enough."""

_WHY = {
    "PreserveJobFiles": N_("printed papers stay on the print server"),
    "PreserveJobHistory": N_("an ended job is forgotten, so that nobody can tell whether it was printed"),
    "MaxJobs": N_("an ended job may be forgotten before it was looked up"),
    "MaxJobTime": N_("a printer that waits for paper or help loses its job"),
    "printer-error-policy": N_("after a fault the server prints a job once more by itself"),
    "printer-is-shared": N_("every computer of the network can print there meanwhile"),
}


def server_settings(place: str, configuration: str | None) -> Iterator[Setting]:
    """The settings of a server from its cupsd.conf; ``configuration`` None: it could not be read."""
    found = directives(configuration) if configuration is not None else None
    for name, (default, wanted, check) in _DIRECTIVES.items():
        value = found.get(name.lower(), default) if found is not None else None
        good = None if value is None else check(value)
        yield Setting(place, name, value, good, _WHY[name], f"{name} {wanted}")


def queue_settings(place: str, queue: str, attributes: Attributes, *, local: bool) -> Iterator[Setting]:
    """The settings of one queue, which its server tells to everybody.

    A queue of another machine must be shared, else nobody could print there.
    """
    wanted = {"printer-error-policy": "abort-job"} | ({"printer-is-shared": "false"} if local else {})
    for name, best in wanted.items():
        told = next(iter(attributes.get(name, ())), None)
        if name == "printer-is-shared" and attributes.get("server-is-sharing-printers") == (0,):
            told = 0  # the server shares nothing, whatever is said of the queue
        value = None if told is None else told if isinstance(told, str) else str(bool(told)).lower()
        good = None if value is None else value == best
        line = f"lpadmin -p {queue} -o {name}={best}"
        yield Setting(place, name, value, good, _WHY[name], line, command=True)


def directives(untrusted: str) -> Mapping[str, str]:
    """The directives of a cupsd.conf outside its sections, lower case name to value; the last one counts."""
    found: dict[str, str] = {}
    depth = 0
    for line in untrusted.splitlines():
        words = line.split("#", 1)[0].strip()
        if words.startswith("<"):
            depth += -1 if words.startswith("</") else 1
        elif words and depth == 0:
            name, _space, value = words.partition(" ")
            found[name.lower()] = value.strip()
    return found


def stray_documents(folder: Path, known: Callable[[], Collection[int]]) -> tuple[Path, ...] | None:
    """The document files in a spool's ``folder`` that belong to no job; ``known`` asks for all their numbers.

    None when the folder is not readable.
    """
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return None
    documents = [(file, int(found[1])) for file in files if (found := _DOCUMENT.fullmatch(file.name))]
    numbers = known() if documents else ()
    return tuple(file for file, number in documents if number not in numbers and file.exists())
