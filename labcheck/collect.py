"""The answers of a room brought here: listed and hashed there, copied, hashed here, and kept.

May be cut anywhere and run again: it goes on. Nothing is written or deleted on a workstation.
"""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, cast

from labcheck.answers import Answer, Shape
from labcheck.errors import N_, LabcheckError
from labcheck.facts import SENSELESS, Facts, NotKnown
from labcheck.keeping import AnswerChanged, Fetch, Keeping, Kept, Listed
from labcheck.link import AgentBroken, Link
from labcheck.phrase import phrase
from labcheck.push import PUSH_SECONDS, Source, start
from labcheck.transport.base import Transport
from labcheck.transport.core import share_core
from labcheck.transport.errors import (
    ConnectionLost,
    DeadlinePassed,
    NotSsh,
    TransferRefused,
    Unreachable,
)

SETTLE_SECONDS = 2.0
"""A file must stay as it is for so long to be collected."""
QUIET_SECONDS = 60.0
"""And it must be so old where not all programs' open files can be seen: a recorder brings what it has heard
to the disk every few seconds, be it in pieces of 64 KB of Ogg."""
LIST_SECONDS = 600.0
"""Listing reads every answer there: 20 GB take so long on an old disk."""
COPY_SECONDS, SLOWEST = 60.0, 20_000
"""A file may take so long, and what it takes at so many bytes per second; then the connection is renewed."""
ROOM_SECONDS = 3600.0
WORKERS = 8
PAUSES = (0.5, 10.0)
"""Seconds before a workstation is called again, at first and at most."""
TRIES = 4
"""Calls in a row that bring nothing before a workstation is given up."""
FILES = 20_000

Way = Callable[[], Transport]
"""Opens a connection to one workstation, logged in; raises what labcheck.transport.ssh.connect does."""


class State(StrEnum):
    """What became of a file."""

    COPIED = "copied"
    HERE = "here"
    """It was here already."""
    WRITING = "writing"
    """A program still writes to it, or names in that folder changed while it was listed."""
    UNREAD = "unread"
    """The workstation's account may not read it, or it is a link to another place."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Station:
    """A workstation to collect from. ``answers`` maps its system ("linux", "windows") to the folder;
    ``process`` is what the exam program is called there, "" when nobody says."""

    seat: str
    way: Way
    answers: Mapping[str, str]
    process: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a workstation; else (``file``) a folder or a link in which answers may lie unseen."""

    seat: str
    path: str = field(repr=False)
    size: int
    state: State
    kept: Kept | None = None
    file: bool = True


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of one workstation. ``error``: why not all did; ``folder_missing``: it has no such folder."""

    seat: str
    items: tuple[Item, ...]
    fetched: int = 0
    """Bytes that came over the network."""
    folder_missing: bool = False
    error: LabcheckError | None = None

    @property
    def complete(self) -> bool:
        """Whether every file there is here."""
        return self.error is None and all(item.kept is not None for item in self.items)


class AnswersMalformed(LabcheckError):
    """A workstation's list of answers, or a name in it, makes no sense."""

    code = "answers-malformed"
    remedy = N_("Run the same command again; if it stays so, copy the answers at the computer itself.")


class NotCollected(LabcheckError):
    """Something unforeseen ended the collection from one workstation; the others went on."""

    code = "not-collected"
    remedy = N_(
        "Put right what the message names and run the same command again: what is here stays. If it stays so,"
        " copy the answers at the computer itself."
    )


class NoAnswersFolder(LabcheckError):
    """The profile does not say where a workstation's answers are."""

    code = "no-answers-folder"
    remedy = N_("Add 'answers' for that system to inventory.yaml (profile: lab: software).")


class Stopped(LabcheckError):
    """Somebody stopped it."""

    code = "stopped"
    remedy = N_("Run the same command again: it goes on where it stopped.")


Tell = Callable[[Item], None]


def collect_room(
    stations: Sequence[Station],
    bundles: Source,
    keeping: Keeping,
    *,
    deadline: float = ROOM_SECONDS,
    stop: threading.Event | None = None,
    tell: Tell | None = None,
    settle: float = SETTLE_SECONDS,
) -> tuple[Collected, ...]:
    """Every workstation's answers, several workstations at once; a fault of one is in its result.

    ``tell`` hears of every file, in the workers' threads. ``stop`` ends it soon; run again, it goes on."""
    until = time.monotonic() + deadline
    halt = stop or threading.Event()

    def one(station: Station) -> Collected:
        return Collector(station, bundles, keeping, until, halt, tell, settle=settle).run()

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="collect", initializer=share_core) as pool:
        return tuple(pool.map(one, stations))


class Collector:
    """One workstation's answers, over as many connections as it takes."""

    def __init__(
        self,
        station: Station,
        bundles: Source,
        keeping: Keeping,
        until: float,
        stop: threading.Event,
        tell: Tell | None = None,
        *,
        settle: float = SETTLE_SECONDS,
        only: Callable[[str], bool] = lambda _path: True,
    ) -> None:
        """``until``: by the monotonic clock; ``only``: of which paths."""
        self._station, self._bundles, self._keeping = station, bundles, keeping
        self._until, self._stop, self._tell, self._settle = until, stop, tell, settle
        self._only = only
        self._items: dict[str, Item] = {}
        self._counter = _Counter()
        self._listing: Listing | None = None
        self._missing = False
        self._error: LabcheckError | None = None

    def run(self) -> Collected:
        """Connect, list, copy; again while the connection breaks and something comes."""
        idle = 0
        while True:
            before = self._progress()
            self._error = None
            try:
                self._visit()
                break
            except (Unreachable, NotSsh, ConnectionLost, DeadlinePassed, AgentBroken) as broken:
                self._error = broken
            except LabcheckError as failed:
                self._error = failed
                break
            except Exception as failed:  # noqa: BLE001 - whatever befalls one, all others are collected
                self._error = _unforeseen(self._station.seat, failed)
                break
            idle = 0 if self._progress() > before else idle + 1
            if idle >= TRIES or not self._wait(idle):
                break
        items = tuple(self._items[path] for path in sorted(self._items))
        return Collected(self._station.seat, items, self._counter.bytes, self._missing, self._error)

    def _progress(self) -> tuple[int, int]:
        return sum(item.kept is not None for item in self._items.values()), self._counter.bytes

    def _wait(self, idle: int) -> bool:
        """Pause before the next call, never in step with others; False when there is no time left."""
        first, most = PAUSES
        pause = min(most, first * 2**idle) * random.uniform(0.5, 1.5)  # noqa: S311 - no secret
        return time.monotonic() + pause < self._until and not self._stop.wait(pause)

    def _left(self) -> float:
        return max(0.1, self._until - time.monotonic())

    def _visit(self) -> None:
        transport = self._station.way()
        try:
            if self._listing is None:  # it is not made again after a cut: there it means reading every file
                self._list(transport)
            if self._listing is not None:
                for entry in self._listing.entries:
                    if not entry.file or self._only(entry.path):  # nobody knows whose answers a folder has
                        self._one(transport, self._listing.folder, entry)
        finally:
            transport.close()

    def _list(self, transport: Transport) -> None:
        link = start(transport, self._bundles, deadline=min(PUSH_SECONDS, self._left()))
        folder = answers_folder(self._station, transport)
        seconds = min(LIST_SECONDS, self._left())
        process = self._station.process
        self._listing = list_answers(link, folder, self._settle, seconds, QUIET_SECONDS, process)
        self._missing = not self._listing.exists
        link.close()

    def _one(self, transport: Transport, folder: str, entry: Entry) -> None:
        known = self._items.get(entry.path)
        if known is not None and known.kept is not None:
            return  # of a visit that was cut later
        if self._stop.is_set():
            raise Stopped(N_("{seat}: stopped"), seat=self._station.seat)
        if entry.sha256 is None:
            self._note(entry, entry.state)
            return
        listed = Listed(entry.path, entry.size, entry.sha256)
        kept = self._keeping.has(self._station.seat, listed)
        if kept is not None:
            self._note(entry, State.HERE, kept)
            return
        self._items[entry.path] = Item(self._station.seat, entry.path, entry.size, State.FAILED)
        try:
            kept = self._keeping.keep(self._station.seat, listed, self._fetch(transport, folder, entry))
        except (TransferRefused, AnswerChanged) as failed:  # the others may be had all the same
            self._error = failed
            self._note(entry, State.FAILED)
        else:
            self._note(entry, State.COPIED, kept)

    def _fetch(self, transport: Transport, folder: str, entry: Entry) -> Fetch:
        seconds = COPY_SECONDS + entry.size / SLOWEST

        def fetch(target: BinaryIO, offset: int) -> int:
            self._counter.file = target
            sink = cast(BinaryIO, self._counter)
            try:
                return transport.get(
                    f"{folder}/{entry.path}", sink, offset=offset, deadline=min(seconds, self._left())
                )
            except UnicodeError:
                raise TransferRefused(
                    N_("{seat}: the name of an answer file cannot be read"), seat=self._station.seat
                ) from None

        return fetch

    def _note(self, entry: Entry, state: State, kept: Kept | None = None) -> None:
        item = Item(self._station.seat, entry.path, entry.size, state, kept, entry.file)
        self._items[entry.path] = item
        if self._tell is not None:
            self._tell(item)


def _unforeseen(seat: str, failed: Exception) -> LabcheckError:
    """The error in words that name no file: those of an error of ours, of the system, or only its kind."""
    template, params = getattr(failed, "template", None), getattr(failed, "params", None)
    reason: object = (failed.strerror if isinstance(failed, OSError) else None) or type(failed).__name__
    if isinstance(template, str) and isinstance(params, Mapping):
        reason = phrase(template, **params)
    return NotCollected(N_("{seat}: not all was collected: {reason}"), seat=seat, reason=reason)


class _Counter:
    """Counts what comes over the network."""

    def __init__(self) -> None:
        self.bytes = 0
        self.file: BinaryIO | None = None

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        return 0 if self.file is None else self.file.write(data)


# What a workstation lists


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it is listed. ``sha256`` is None while it cannot be had, and ``state`` says why. Not a
    ``file``: a folder or a link that answers may lie in; the answers folder itself goes by its whole path."""

    path: str = field(repr=False)
    size: int
    sha256: str | None
    state: State = State.WRITING
    file: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """The answers folder, as the workstation has it, and what is in it."""

    folder: str
    exists: bool
    entries: tuple[Entry, ...]


def answers_folder(station: Station, transport: Transport) -> str:
    """Where the workstation's answers are, by the profile. Raises NoAnswersFolder."""
    system = transport.system
    folder = station.answers.get(system)
    if not folder:
        raise NoAnswersFolder(
            N_("{seat}: the profile names no answers folder for {system}"), seat=station.seat, system=system
        )
    return folder


def list_answers(
    link: Link, folder: str, settle: float, deadline: float, quiet: float = 0.0, process: str = ""
) -> Listing:
    """What is in the folder now, and what of it cannot be read; see :mod:`labcheck.agent.collect`. Raises
    AnswersMalformed."""
    wanted = {"answers": folder, "settle_s": settle, "quiet_s": quiet, "process": process}
    facts = Facts(link.call("collect", wanted, deadline=deadline))
    try:
        there = facts.text("folder")
        files = map(_entry, facts.items("files", most=2 * FILES))  # those of two looks
        unread = (_unread(item, there) for item in facts.items("unread", most=2 * FILES))
        return Listing(there, facts.flag("exists"), (*files, *unread))
    except NotKnown:
        raise AnswersMalformed(N_("{seat}: its list of answers makes no sense"), seat=link.seat) from None


def _entry(facts: Facts) -> Entry:
    digest = None if facts.is_null("sha256") else facts.text("sha256")
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise NotKnown(SENSELESS)
    state = State.WRITING if digest is not None else _why(facts)
    return Entry(_path(facts.text("path")), facts.whole("size", low=0, high=1 << 50), digest, state)


def _unread(facts: Facts, folder: str) -> Entry:
    path = facts.text("path")
    if path != "/":
        _path(path.removesuffix("/"))
    return Entry(folder if path == "/" else path, 0, None, _why(facts), file=False)


def _path(untrusted: str) -> str:
    if {"", ".", ".."} & set(untrusted.split("/")):
        raise NotKnown(SENSELESS)
    return untrusted


def _why(facts: Facts) -> State:
    state = _STATES.get(facts.text("why"))
    if state is None:
        raise NotKnown(SENSELESS)
    return state


_STATES = {
    "written": State.WRITING,
    "changing": State.WRITING,
    "denied": State.UNREAD,
    "link": State.UNREAD,
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


def answer_of(item: Item, keeping: Keeping) -> Answer:
    """The file as :mod:`labcheck.answers` judges it: its shape is read from the copy here."""
    if item.kept is None:
        found = Shape.UNKNOWN if item.size or not item.file else Shape.EMPTY
        read = item.state is not State.UNREAD
        return Answer(item.seat, item.path, item.size, "", found, kept=False, read=read, file=item.file)
    return Answer(item.seat, item.path, item.size, item.kept.sha256, keeping.shape(item.kept))
