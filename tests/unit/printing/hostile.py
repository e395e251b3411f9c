"""A queue that does all that print servers were seen to do. Left alone it is dispatch's ordinary fake."""

from __future__ import annotations

import io
from collections import deque
from enum import Enum, auto

from printing.errors import QueueUnreachable, SubmitUncertain
from printing.queues.base import Job, JobHandle, JobReport, JobState
from tests.unit.printing.fakes import Crash, FakeQueue


class Fate(Enum):
    """What becomes of one hand-over."""

    HONEST = auto()
    REFUSED = auto()
    """Certainly not taken."""
    TAKEN_UNHEARD = auto()
    """Taken; the sender hears of a broken connection."""
    LOST_UNHEARD = auto()
    """Not taken; the sender hears the same."""
    DIED_BEFORE = auto()
    """The sender's process dies before the server has it."""
    DIED_AFTER = auto()
    """It dies when the server has it."""
    HALF_TAKEN = auto()
    """Taken without its document."""
    LEFT_LYING = auto()
    """Taken, and never printed while the printer does nothing."""
    LIES = auto()
    """Claimed without a paper."""
    TWICE = auto()
    """Printed twice, claimed once."""
    FORGOTTEN = auto()
    """Taken and then unknown to the server; its number is given again."""
    FORGOTTEN_PRINTED = auto()
    """Printed, then unknown to the server."""
    CANCELLED_EARLY = auto()
    """Cancelled before it began."""
    CANCELLED_LATE = auto()
    """Cancelled with its paper half out; the person throws that away."""
    CANCELLED_TOO_LATE = auto()
    """Cancelled with its paper all out."""


_SCRIPTS = {
    Fate.HALF_TAKEN: [JobReport(JobState.HELD, ("job-incoming",), began=False)],
    Fate.LEFT_LYING: [JobReport(JobState.PENDING, began=False, idle=True)],
    Fate.CANCELLED_EARLY: [JobReport(JobState.CANCELLED, ("job-canceled-by-user",), began=False)],
    Fate.CANCELLED_LATE: [JobReport(JobState.PRINTING), JobReport(JobState.CANCELLED)],
    Fate.CANCELLED_TOO_LATE: [JobReport(JobState.PRINTING), JobReport(JobState.CANCELLED)],
}
_PAPERS = {Fate.LIES: 0, Fate.TWICE: 2}


class HostileQueue(FakeQueue):
    """``fates`` are used up by the hand-overs, in order; ``papers`` are the jobs (names) of which a paper
    lies in the tray, ``claimed`` those of which the queue said that it does."""

    def __init__(self) -> None:
        super().__init__()
        self.fates: deque[Fate] = deque()
        self.papers: list[str] = []
        self.claimed: set[str] = set()
        self.forgotten: list[str] = []
        self._fate: dict[str, Fate] = {}

    def submit(self, job: Job) -> JobHandle:
        fate = self.fates.popleft() if self.fates else Fate.HONEST
        if fate is Fate.REFUSED:
            raise QueueUnreachable("away")
        if fate is Fate.LOST_UNHEARD:
            raise SubmitUncertain("broke")
        if fate is Fate.DIED_BEFORE:
            raise Crash
        content = io.BytesIO()
        job.write(content)
        self.submitted.append(job)
        handle = self.accept(job, content.getvalue(), len(self.jobs))
        self._meet(fate, job.name)
        if fate is Fate.TAKEN_UNHEARD:
            raise SubmitUncertain("broke")
        if fate is Fate.DIED_AFTER:
            raise Crash
        return handle

    def report(self, handle: JobHandle) -> JobReport:
        before = len(self.delivered)
        report = super().report(handle)
        if len(self.delivered) > before:
            self.papers += [handle.name] * _PAPERS.get(self.fate(handle.name), 1)
        if report.state is JobState.CLAIMED:
            self.claimed.add(handle.name)
        return report

    def fate(self, name: str) -> Fate:
        """What became of the hand-over of a job."""
        return self._fate.get(name, Fate.HONEST)

    def print_late(self) -> str:
        """A job that the server forgot comes out all the same, by a backend that lived on."""
        name = self.forgotten.pop()
        self.papers.append(name)
        return name

    def _meet(self, fate: Fate, name: str) -> None:
        self._fate[name] = fate
        if fate in _SCRIPTS:
            self.jobs[name].script = list(_SCRIPTS[fate])
        if fate in {Fate.FORGOTTEN_PRINTED, Fate.CANCELLED_TOO_LATE}:
            self.papers.append(name)
        if fate in {Fate.FORGOTTEN, Fate.FORGOTTEN_PRINTED}:
            del self.jobs[name]  # the next job gets its number
        if fate is Fate.FORGOTTEN:
            self.forgotten.append(name)
