"""A queue and a journal in memory. The fake queue is kept honest by tests/contract/test_queue.py."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pypdf import PdfReader

from printing.errors import QueueError
from printing.journal import HELD, Attempt, Delivery, Entry
from printing.queues.base import Job, JobHandle, JobReport, JobState, PrintOptions

END = JobReport(JobState.CLAIMED)


@dataclass(slots=True)
class _FakeJob:
    handle: JobHandle
    pages: tuple[str, ...]
    script: list[JobReport]
    last: JobReport = field(default_factory=lambda: JobReport(JobState.PENDING, began=False))
    after_release: list[JobReport] = field(default_factory=list)


_IDLE = {state for state in JobState if state.ended or state is JobState.HELD}


class FakeQueue:
    """Ends every job at the second look, unless told otherwise.

    ``scripts[n]`` are the reports of the n-th job handed over, the last of them repeated;
    ``submit_fails[n]`` is raised by the n-th hand-over, ``lost`` jobs are forgotten after it.
    """

    name = "fake"

    def __init__(self, *, loses_nothing: bool = False) -> None:
        self.loses_nothing = loses_nothing
        self.scripts: dict[int, list[JobReport]] = {}
        self.submit_fails: dict[int, QueueError] = {}
        self.check_fails: QueueError | None = None
        self.on_report: Callable[[], None] = lambda: None
        self.submitted: list[Job] = []
        self.delivered: list[tuple[str, ...]] = []
        self.jobs: dict[str, _FakeJob] = {}
        self.most_alive = 0

    def reopened(self) -> FakeQueue:
        """The same queue for another process."""
        return self

    def check(self, options: PrintOptions) -> None:
        if self.check_fails is not None:
            raise self.check_fails

    def submit(self, job: Job) -> JobHandle:
        number = len(self.submitted)
        content = io.BytesIO()
        job.write(content)
        self.submitted.append(job)
        if number in self.submit_fails:
            raise self.submit_fails[number]
        return self.accept(job, content.getvalue(), number)

    def accept(self, job: Job, content: bytes, number: int) -> JobHandle:
        """Take a job as a server does, whatever its sender then hears."""
        pages = tuple(page.extract_text().strip() for page in PdfReader(io.BytesIO(content)).pages)
        handle = JobHandle(job.name, f"urn:uuid:{job.name}", number + 1)
        script = self.scripts.get(number, [JobReport(JobState.PRINTING), END])
        made = self.jobs[job.name] = _FakeJob(handle, pages, list(script))
        if job.options.hold:
            made.after_release, made.script = made.script, [JobReport(JobState.HELD, (HELD,), began=False)]
            made.last = made.script[0]
        self._count_alive()
        return handle

    def report(self, handle: JobHandle) -> JobReport:
        self.on_report()
        job = self.jobs.get(handle.name)
        if job is None or handle.reference not in {"", job.handle.reference}:
            return JobReport(JobState.UNKNOWN)
        if not job.last.state.ended:
            job.last = job.script.pop(0) if len(job.script) > 1 else job.script[0]
            if job.last.state is JobState.CLAIMED:
                self.delivered.append(job.pages)
        return job.last

    def find(self, name: str) -> JobHandle | None:
        job = self.jobs.get(name)
        return job.handle if job else None

    def release(self, handle: JobHandle) -> None:
        job = self.jobs.get(handle.name)
        if job is not None and job.last.state is JobState.HELD:
            job.script, job.last = job.after_release, JobReport(JobState.PENDING, began=False)
            self._count_alive()

    def _count_alive(self) -> None:
        alive = [job for job in self.jobs.values() if job.last.state not in _IDLE]
        self.most_alive = max(self.most_alive, len(alive))

    def cancel(self, handle: JobHandle) -> None:
        job = self.jobs.get(handle.name)
        if job is not None and not job.last.state.ended:
            began = job.last.state is JobState.PRINTING
            job.script = [JobReport(JobState.CANCELLED, ("job-canceled-by-user",), began=began)]

    def close(self) -> None:
        """Nothing is open."""


class MemoryJournal:
    """A journal that remembers every event in order, and can break at one of them as a crash does."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Delivery]] = []
        self._entries: dict[str, Entry] = {}
        self._order: list[str] = []
        self.crash_after: int | None = None

    def intend(self, attempt: Attempt) -> None:
        self._entries[attempt.id] = Entry(attempt, Delivery.SUBMITTING)
        self._order.append(attempt.id)
        self._note(attempt.work, Delivery.SUBMITTING)

    def advance(
        self, attempt_id: str, state: Delivery, *, reference: str = "", reasons: Sequence[str] = ()
    ) -> None:
        old = self._entries[attempt_id]
        new = replace(old, state=state, reference=reference or old.reference, reasons=tuple(reasons))
        self._entries[attempt_id] = new
        self._note(old.attempt.work, state)

    def latest(self) -> Mapping[str, Entry]:
        entries = (self._entries[attempt_id] for attempt_id in self._order)
        return {entry.attempt.work: entry for entry in entries}

    def _note(self, work: str, state: Delivery) -> None:
        self.events.append((work, state))
        if self.crash_after is not None and len(self.events) > self.crash_after:
            raise Crash


class Crash(BaseException):
    """The process ends here."""
