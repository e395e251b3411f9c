"""A pupil moved to a reserve: the started answers come here first, then go there, and are hashed each time.

Nothing is deleted at the first workstation, and nothing at the reserve is ever overwritten.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from time import monotonic

from labcheck.collect import (
    LIST_SECONDS,
    SETTLE_SECONDS,
    Collector,
    Item,
    Listing,
    State,
    Station,
    answers_folder,
    list_answers,
)
from labcheck.errors import N_, LabcheckError
from labcheck.keeping import Keeping, Kept
from labcheck.link import Link
from labcheck.push import Source, start
from labcheck.transport.base import Transport
from labcheck.transport.errors import AlreadyThere

SECONDS = 600.0


class AnswersBeingWritten(LabcheckError):
    """The program still writes the answers that are to be moved."""

    code = "answers-being-written"
    remedy = N_("End the exam program at the first workstation, then run the same command again.")


class NotBrought(LabcheckError):
    """Something at the first workstation could not be read, or did not come whole."""

    code = "not-brought"
    remedy = N_(
        "Run 'labcheck collect' with '--seat' for the first workstation: it names what could not be read, and"
        " what to do; then run the same command again."
    )


class AnswerInTheWay(LabcheckError):
    """The reserve has another file under the same name."""

    code = "answer-in-the-way"
    remedy = N_("Choose another reserve, or see at the reserve itself whose file that is.")


class NotMoved(LabcheckError):
    """What arrived is not what was sent."""

    code = "not-moved"
    remedy = N_("Run the same command again; if it stays so, choose another reserve.")


@dataclass(frozen=True, slots=True)
class Moved:
    """What is at the reserve now, verified there. ``sent`` is how many bytes that took, 0 the second time."""

    files: tuple[Kept, ...]
    sent: int


def move(
    source: Station,
    target: Station,
    bundles: Source,
    keeping: Keeping,
    *,
    only: Callable[[str], bool] = lambda _path: True,
    deadline: float = SECONDS,
    settle: float = SETTLE_SECONDS,
) -> Moved:
    """Bring the answers whose path is ``only`` from one workstation to another.

    Run again after any interruption it goes on. Raises AnswersBeingWritten, NotBrought, AnswerInTheWay,
    NotMoved, and what keeps a workstation from being reached."""
    until = monotonic() + deadline
    collector = Collector(source, bundles, keeping, until, threading.Event(), None, settle=settle, only=only)
    collected = collector.run()
    if collected.error is not None:
        raise collected.error
    files = tuple(_kept(item) for item in collected.items)
    transport = target.way()
    try:
        return _Reserve(target, transport, start(transport, bundles), keeping, until).take(files)
    finally:
        transport.close()


def _kept(item: Item) -> Kept:
    if item.kept is None:
        if item.state is State.WRITING:
            raise AnswersBeingWritten(N_("{seat}: an answer is still being written"), seat=item.seat)
        raise NotBrought(N_("{seat}: an answer could not be copied"), seat=item.seat)
    return item.kept


class _Reserve:
    """The workstation that takes them."""

    def __init__(
        self, target: Station, transport: Transport, link: Link, keeping: Keeping, until: float
    ) -> None:
        self._target, self._transport, self._link = target, transport, link
        self._keeping, self._until = keeping, until

    def take(self, files: tuple[Kept, ...]) -> Moved:
        before = self._list()
        there = {entry.path: entry.sha256 for entry in before.entries}
        if any(there.get(kept.path, kept.sha256) != kept.sha256 for kept in files):
            raise self._in_the_way()
        sent = sum(self._put(before.folder, kept) for kept in files if kept.path not in there)
        after = {entry.path: entry.sha256 for entry in self._list().entries}
        if any(after.get(kept.path) != kept.sha256 for kept in files):
            raise NotMoved(N_("{seat}: an answer did not arrive whole"), seat=self._target.seat)
        return Moved(files, sent)

    def _put(self, folder: str, kept: Kept) -> int:
        """Send one; nothing that lies at the reserve is touched, be it that it came this very moment."""
        path = f"{folder}/{kept.path}"
        for above in reversed(PurePosixPath(kept.path).parents[:-1]):
            lies = self._transport.stat(f"{folder}/{above}", follow=False)
            if lies is not None and lies.kind != "folder":  # a link leads out of the folder of answers
                raise self._in_the_way()
        self._transport.makedirs(path.rpartition("/")[0])
        left = max(0.1, self._until - monotonic())
        try:
            return self._transport.put(self._keeping.file(kept), path, deadline=left, new=True)
        except AlreadyThere:
            raise self._in_the_way() from None

    def _in_the_way(self) -> AnswerInTheWay:
        template = N_("{seat}: another answer lies there under the same name")
        return AnswerInTheWay(template, seat=self._target.seat)

    def _list(self) -> Listing:
        seconds = max(0.1, min(LIST_SECONDS, self._until - monotonic()))
        return list_answers(self._link, answers_folder(self._target, self._transport), 0.0, seconds)
