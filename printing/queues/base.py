"""What every way to paper can do: the queue protocol and its vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from printing.kit import Media


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """The options that every job carries, whatever a printer's own defaults are. One-sided, monochrome,
    one page per side, unscaled, one copy, no banner sheets; only the paper differs. ``hold`` keeps the job at
    the server until :meth:`Queue.release`."""

    media: Media = Media.A4
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A document on its way to paper.

    ``name`` is opaque (an attempt id: no subject, code or pupil); ``path`` names it for people in a
    folder queue ("ma7a/204/02-kit-204-01.pdf"); ``write`` streams the PDF and may be called more than
    once; ``sheets`` is the number of sheets of paper it must give.
    """

    name: str
    path: str
    sheets: int
    write: Callable[[BinaryIO], None]
    options: PrintOptions = PrintOptions()


class JobState(StrEnum):
    """What a queue says of a job. CLAIMED is the printer's word ("completed"), not evidence; STORED is a
    file that was written, synced and read back."""

    PENDING = "pending"
    HELD = "held"
    PRINTING = "printing"
    STOPPED = "stopped"
    CLAIMED = "claimed"
    STORED = "stored"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of the job by itself."""
        return self not in _ALIVE


_ALIVE = {JobState.PENDING, JobState.HELD, JobState.PRINTING, JobState.STOPPED}


@dataclass(frozen=True, slots=True)
class JobHandle:
    """How a queue knows an accepted job again: our name, its own reference (CUPS job-uuid; file path),
    and, only for talking to the server about a living job, its number."""

    name: str
    reference: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class JobReport:
    """A queue's word on one job; ``reasons`` are the job's and printer's state reasons in IPP keywords.

    ``began`` is False only when printing surely never began: a job that was cancelled or failed without
    having begun left nothing on paper, any other may have. ``idle``: the job is pending
    while the printer does nothing.
    """

    state: JobState
    reasons: tuple[str, ...] = ()
    impressions: int | None = None
    began: bool = True
    idle: bool = False


class Queue(Protocol):
    """A way to paper. Raises :class:`printing.errors.PrintingError` subclasses only."""

    @property
    def name(self) -> str:
        """The queue's name, for people."""
        ...

    @property
    def loses_nothing(self) -> bool:
        """True when a job that :meth:`find` does not find was certainly never accepted (a folder);
        False when its absence proves nothing (a print server that forgets)."""
        ...

    def check(self, options: PrintOptions) -> None:
        """Refuse (OptionRefused, naming queue and option) what the queue does not support."""
        ...

    def submit(self, job: Job) -> JobHandle:
        """Hand the job over once. SubmitUncertain: it may have been accepted; any other error, those that
        ``job.write`` raises included: certainly nothing will be printed."""
        ...

    def report(self, handle: JobHandle) -> JobReport:
        """What the queue says of the job now; state UNKNOWN when it knows it no more."""
        ...

    def find(self, name: str) -> JobHandle | None:
        """A job of ours by its name, living or ended; None when the queue knows none."""
        ...

    def release(self, handle: JobHandle) -> None:
        """Let a held job print; quiet when it is not held."""
        ...

    def cancel(self, handle: JobHandle) -> None:
        """Withdraw a job that has not ended; quiet when it has."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
