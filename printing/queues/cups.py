"""A CUPS queue, local or remote, over IPP. The only module that imports pycups.

Facts that shape it, each proved in tests/contract:

- CUPS forgets jobs and uses their numbers again after a crash. A job is known by its name, which is our
  attempt id, and its job-uuid; the number only speeds up asking.
- Under CUPS's own default policy a job's name is shown only to a request that carries the owner's user
  name; pycups sends one only for ``my_jobs=True``.
- libcups keeps server and port per thread, and createJob fails with 1030 when they are not set:
  :meth:`CupsQueue._server` sets them before every conversation.
- Two seconds after its end a job has no name in a list that CUPS 2.4 answers from its memory:
  :data:`_LISTED` asks for what it must read from its disk.
- A document whose transfer breaks is thrown away by the server; the empty job that is left is cancelled.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast
from urllib.parse import urlsplit

import cups

from printing.errors import (
    N_,
    JobRefused,
    OptionRefused,
    QueueBlind,
    QueueClosed,
    QueueError,
    QueueUnfit,
    QueueUnreachable,
    SubmitUncertain,
)
from printing.queues.base import Job, JobHandle, JobReport, JobState, PrintOptions
from printing.queues.device import LOOPBACK, Glance, behind
from printing.queues.facts import Counter, PrinterFacts, counter, lacking, printer_facts
from printing.queues.ipp import Attributes
from printing.queues.reasons import current, telling
from printing.queues.spool import (
    MAX_CONFIGURATION,
    Ended,
    SpoolReport,
    queue_settings,
    server_settings,
    stray_documents,
)

_DEFAULT_SERVER = (cups.getServer(), cups.getPort())
"""What CUPS_SERVER, client.conf or the local socket say, before this module sets anything."""

_USUAL_PORT = 631
_CONFIGURATION, _SPOOL = Path("/etc/cups/cupsd.conf"), Path("/var/spool/cups")
"""Where the files of this computer's own server usually lie; both may be closed to us."""

_QUEUE = re.compile(r"[^\s/?#'\"\\]+")
_PDF = "application/pdf"
_HELD, _NOT_HELD = "indefinite", "no-hold"
_NOT_FOUND = 0x0406
_SERVER_FAILED = 0x0500
"""IPP status codes from here on say that the server or the way to it failed, not that it refused."""
_UNAVAILABLE = 0x0502
_NOT_ACCEPTING = 0x0506
_CONTINUE = 100
_PRINTER_IDLE = 3
_PRINTER_STOPPED = 5

_STATES = {
    3: JobState.PENDING,
    4: JobState.HELD,
    5: JobState.PRINTING,
    6: JobState.STOPPED,
    7: JobState.CANCELLED,
    8: JobState.FAILED,
    9: JobState.CLAIMED,
}
_INCOMING = "job-incoming"
_MISSING_HISTORY = "cups-ipp-missing-job-history"
_DOUBT = frozenset({_MISSING_HISTORY, "job-completed-with-errors"})
"""A job that "completed" for one of these reasons may or may not be on paper."""

_JOB_ATTRIBUTES = [
    "job-name",
    "job-uuid",
    "job-state",
    "job-state-reasons",
    "job-printer-state-reasons",
    "job-impressions-completed",
    "number-of-documents",
    "time-at-processing",
]

_LISTED = ["job-id", "job-name", "job-uuid", "job-state", "number-of-documents"]
"""What a list tells of every job; the uuid is what lies on the server's disk alone."""


def _ticket(options: PrintOptions) -> dict[str, str]:
    """What every job says explicitly, whatever the queue's own defaults are."""
    return {
        "sides": "one-sided",
        "media": options.media.value,
        "print-color-mode": "monochrome",
        "number-up": "1",
        "print-scaling": "none",
        "copies": "1",
        "job-sheets": "none,none",
        "job-hold-until": _HELD if options.hold else _NOT_HELD,
    }


def _needed(options: PrintOptions) -> dict[str, str]:
    """What a queue must offer for that. Every queue makes one copy, and some do not say so."""
    values = {option: value.partition(",")[0] for option, value in _ticket(options).items()}
    del values["copies"]
    return {"document-format": _PDF, **values}


def _plain(attributes: Mapping[str, Any]) -> Attributes:
    """pycups's attributes as :func:`printing.queues.ipp.ask` gives them: every one with a row of values."""
    found: dict[str, tuple[int | str, ...]] = {}
    for name, value in attributes.items():
        row = value if isinstance(value, list | tuple) else () if value is None else (value,)
        found[name] = tuple(int(each) if isinstance(each, bool) else each for each in row)
    return found


def _ours(server: Any) -> Mapping[int, Mapping[str, Any]]:
    """Number -> what a list of all jobs tells of each of ours."""
    jobs: Mapping[int, Mapping[str, Any]] = server.getJobs(
        which_jobs="all", my_jobs=True, requested_attributes=_LISTED
    )
    return jobs


def _values(value: object) -> tuple[str, ...]:
    """An IPP attribute's values as text: pycups gives a list, a lone value, or nothing."""
    if value is None:
        return ()
    return tuple(str(each) for each in value) if isinstance(value, list | tuple) else (str(value),)


def _no_address(uri: str) -> QueueError:
    return QueueError(N_("'{uri}' is no address of a CUPS queue"), uri=uri)


class _HandOverBroken(Exception):
    """The server no longer takes the document."""


class _Wire(io.RawIOBase):
    """The way to the server as a file: what is written is sent."""

    def __init__(self, server: Any) -> None:
        self._server: Any = server
        self._sent = 0

    def let_go(self) -> None:
        """Forget the connection, which a writer's traceback would otherwise keep open."""
        self._server = None

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._sent

    def write(self, data: Any) -> int:
        chunk = bytes(data)
        if chunk and self._server.writeRequestData(chunk, len(chunk)) != _CONTINUE:
            raise _HandOverBroken
        self._sent += len(chunk)
        return len(chunk)


class CupsQueue:
    """A queue of a CUPS server: ``cups:QUEUE`` on the default one, ``cups://host:port/QUEUE`` on another.

    Every call opens and closes its own connection, so that a restarted server or a second thread needs
    no care. Its methods raise as :class:`printing.queues.base.Queue` says.
    """

    loses_nothing = False

    def __init__(self, uri: str, name: str) -> None:
        """Read the address; nothing is connected yet."""
        default_host, default_port = _DEFAULT_SERVER
        try:
            parts = urlsplit(uri)
            self._host = parts.hostname or default_host
            self._port = parts.port or (631 if parts.hostname else default_port)
        except ValueError:
            raise _no_address(uri) from None
        self._queue = parts.path.removeprefix("/") if parts.hostname else parts.path
        if parts.scheme != "cups" or not _QUEUE.fullmatch(self._queue) or parts.query or parts.fragment:
            raise _no_address(uri)
        self._name = name
        self._glance = Glance(local=self._local)

    @property
    def name(self) -> str:
        """The queue's name, for people."""
        return self._name

    def check(self, options: PrintOptions) -> None:
        """Refuse a queue that would not print exactly so, before anything is sent.

        QueueUnreachable, QueueClosed: not now. QueueUnfit, QueueBlind, OptionRefused: not this queue.
        """
        with self._server() as server:
            queue = server.getPrinterAttributes(self._queue)
        if queue.get("printer-state") == _PRINTER_STOPPED or not queue.get("printer-is-accepting-jobs", True):
            raise QueueClosed(N_("queue '{queue}' is stopped or accepts no jobs"), queue=self._name)
        if str(queue.get("device-uri", "")).startswith("file:"):
            raise QueueUnfit(
                N_("queue '{queue}' writes to a file and would claim to have printed"), queue=self._name
            )
        for option, wanted in lacking(_plain(queue), _needed(options)):
            self._refuse(option, wanted)
        if _MISSING_HISTORY in _values(queue.get("printer-state-reasons")):
            raise QueueBlind(N_("queue '{queue}' lost sight of an earlier job"), queue=self._name)

    def submit(self, job: Job) -> JobHandle:
        """Stream the document to the server; returns when the server has all of it."""
        with self._server() as server:
            number = server.createJob(self._queue, job.name, _ticket(job.options))
            uuid = server.getJobAttributes(number, requested_attributes=["job-uuid"])["job-uuid"]
        handle = JobHandle(job.name, uuid, number)
        try:
            self._stream(job, number)
            # A restart of the server in these moments passes for success in libcups.
            self._require_document(handle)
        except (_HandOverBroken, QueueError) as broken:
            return self._settle(handle, broken)
        except BaseException:
            # The document's own writer failed, or somebody pressed Ctrl-C: the connection is gone, and an
            # unfinished document is never printed. The empty job is cancelled where the server still answers.
            with suppress(QueueError):
                self.cancel(handle)
            raise
        return handle

    def report(self, handle: JobHandle) -> JobReport:
        """What the server, or the printer itself, says of the job; UNKNOWN when the server has none such.

        The job is known when name and uuid agree.
        """
        with self._server() as server:
            found = self._known(server, handle)
            if found is None:
                return JobReport(JobState.UNKNOWN)
            job = found[1]
            state = _STATES.get(job["job-state"], JobState.UNKNOWN)
            reasons = _values(job.get("job-state-reasons"))
            idle = False
            if state.ended:
                reasons += _values(job.get("job-printer-state-reasons"))
            else:
                wanted = ["printer-state", "printer-state-reasons", "device-uri"]
                queue = server.getPrinterAttributes(self._queue, requested_attributes=wanted)
                idle = state is JobState.PENDING and queue.get("printer-state") == _PRINTER_IDLE
                if state is JobState.HELD and not job.get("number-of-documents"):
                    reasons += (_INCOMING,)  # which CUPS says only of jobs that are not held on purpose
                state, said = self._at_printer(state, queue, handle.name)
                reasons = reasons + said if not state.ended else ()
        if state is JobState.CLAIMED and not _DOUBT.isdisjoint(reasons):
            state = JobState.UNKNOWN
        impressions = job.get("job-impressions-completed")
        return JobReport(
            state,
            telling(reasons),
            impressions if isinstance(impressions, int) else None,
            began=isinstance(job.get("time-at-processing"), int),
            idle=idle,
        )

    def _at_printer(
        self, state: JobState, queue: Mapping[str, Any], name: str
    ) -> tuple[JobState, tuple[str, ...]]:
        """How far a living job is, and why, when the printer itself is asked too."""
        device = str(queue.get("device-uri", ""))
        sent = state is JobState.PRINTING
        if sent and self._glance.printed(device, name):
            return JobState.CLAIMED, ()
        said = self._glance.reasons(device, sent=sent)
        return state, current(_values(queue.get("printer-state-reasons")), said)

    def find(self, name: str) -> JobHandle | None:
        """The newest job of that name, living or ended, on whichever queue it stands now."""
        with self._server() as server:
            return self._find(server, name)

    def release(self, handle: JobHandle) -> None:
        """Let the job go; quiet when the server has none such or it is not held."""
        with self._server() as server:
            found = self._known(server, handle)
            if found is not None and _STATES.get(found[1]["job-state"]) is JobState.HELD:
                server.setJobHoldUntil(found[0], _NOT_HELD)

    def cancel(self, handle: JobHandle) -> None:
        """Withdraw the job; quiet when the server has none such or it has ended."""
        if self.report(handle).state.ended:  # which the server may not have noticed yet
            return
        with self._server() as server:
            found = self._known(server, handle)
            if found is None:
                return
            with suppress(cups.IPPError):  # it ended in this instant
                server.cancelJob(found[0])

    def facts(self) -> PrinterFacts:
        """What the queue says of its printer, and what the printer itself says where it can be asked."""
        queue = self._queue_attributes()
        device, contact = behind(queue, local=self._local)
        return printer_facts(queue, device, contact, _needed(PrintOptions()))

    def counter(self) -> Counter | None:
        """The printer's own count of sheets, asked from itself."""
        return counter(behind(self._queue_attributes(), local=self._local)[0])

    def purge(self, ended: Collection[Ended]) -> None:
        """Remove jobs with their documents and history. One that the server still waits for, though its
        end is recorded, is removed too: the printer's own word came first, or a person's."""
        references = {each.name: each.reference for each in ended}
        with self._server() as server:
            for number, job in _ours(server).items():
                reference = references.get(job.get("job-name", ""))
                if reference is not None and reference in {"", job.get("job-uuid")}:
                    server.cancelJob(number, purge_job=True)

    def spool(self, ours: Collection[str]) -> SpoolReport:
        """What is left on the server, and its settings as far as they can be seen."""
        queue = self._queue_attributes()
        place = f"{self._host}:{self._port}" if self._host[:1] != "/" else "localhost"
        with self._server() as server:
            jobs = _ours(server)
        mine = [job for job in jobs.values() if job.get("job-name") in ours]
        ended = [job for job in mine if _STATES.get(job["job-state"], JobState.UNKNOWN).ended]
        settings = [
            *server_settings(place, self._configuration()),
            *queue_settings(place, self._queue, queue, local=self._local),
        ]
        return SpoolReport(
            tuple(settings),
            kept=tuple(job["job-name"] for job in ended if job.get("number-of-documents")),
            waiting=tuple(job["job-name"] for job in mine if job not in ended),
            stray=stray_documents(_SPOOL, self._numbers) if self._is_default else None,
        )

    def close(self) -> None:
        """Nothing stays open between calls."""

    @property
    def _local(self) -> bool:
        """Whether the server is this computer's."""
        return self._host[:1] == "/" or self._host in LOOPBACK

    @property
    def _is_default(self) -> bool:
        """Whether the server is the one whose files lie in the usual places here."""
        return self._local and (self._host[:1] == "/" or self._port == _USUAL_PORT)

    def _numbers(self) -> Collection[int]:
        """Every job that the server knows, whoever's."""
        with self._server() as server:
            numbers: dict[int, object] = server.getJobs(which_jobs="all", requested_attributes=["job-id"])
        return numbers.keys()

    def _queue_attributes(self) -> Attributes:
        with self._server() as server:
            return _plain(server.getPrinterAttributes(self._queue))

    def _configuration(self) -> str | None:
        """The server's cupsd.conf: from the server where it gives it to us, else from its usual place."""
        with os.fdopen(os.memfd_create("cupsd.conf"), "r+b") as file:
            try:
                with self._server() as server:
                    server.getFile("/admin/conf/cupsd.conf", fd=file.fileno())
                file.seek(0)
                return file.read(MAX_CONFIGURATION).decode("utf-8", "replace")
            except QueueError:
                pass
        try:
            return _CONFIGURATION.read_text("utf-8", "replace") if self._is_default else None
        except OSError:
            return None

    @contextmanager
    def _server(self) -> Iterator[Any]:
        """A connection of this call, closed with it; pycups's errors become ours."""
        cups.setServer(self._host)
        cups.setPort(self._port)
        cups.setPasswordCB(lambda _prompt: "")  # libcups would ask on the terminal
        try:
            server = cups.Connection(self._host, self._port)
        except RuntimeError:
            raise self._silent() from None
        try:
            yield server
        except cups.IPPError as error:
            raise self._translated(*error.args) from None
        except cups.HTTPError as error:
            raise self._translated(_SERVER_FAILED, f"HTTP {error.args[0]}") from None
        finally:
            del server  # pycups closes a connection only when nothing, not even a traceback, knows it

    def _silent(self) -> QueueUnreachable:
        return QueueUnreachable(
            N_("the print server {host}:{port} of queue '{queue}' does not answer"),
            host=self._host,
            port=self._port,
            queue=self._name,
        )

    def _translated(self, status: int, words: str) -> QueueError:
        if status == _NOT_FOUND:
            return QueueUnreachable(
                N_("the print server {host}:{port} has no queue '{queue}'"),
                host=self._host,
                port=self._port,
                queue=self._queue,
            )
        if status == _NOT_ACCEPTING:
            return QueueClosed(N_("queue '{queue}' is stopped or accepts no jobs"), queue=self._name)
        if status in {_SERVER_FAILED, _UNAVAILABLE}:  # libcups's own for a broken or silent connection
            return self._silent()
        if status >= _SERVER_FAILED:
            return QueueUnreachable(N_("queue '{queue}' failed: {words}"), queue=self._name, words=words)
        return JobRefused(N_("queue '{queue}' refused: {words}"), queue=self._name, words=words)

    def _refuse(self, option: str, wanted: str) -> NoReturn:
        raise OptionRefused(
            N_("queue '{queue}' does not support {option}={wanted}"),
            queue=self._name,
            option=option,
            wanted=wanted,
        )

    def _stream(self, job: Job, number: int) -> None:
        """Send the document. However this ends but well, the server throws away what it got."""
        with self._server() as server:
            if server.startDocument(self._queue, number, job.name, _PDF, 1) != _CONTINUE:
                raise _HandOverBroken
            wire = _Wire(server)
            try:
                job.write(cast("BinaryIO", wire))
                server.finishDocument(self._queue)
            finally:
                wire.let_go()
                del server

    def _require_document(self, handle: JobHandle) -> None:
        with self._server() as server:
            found = self._known(server, handle)
        if found is None or not found[1].get("number-of-documents"):
            raise _HandOverBroken

    def _settle(self, handle: JobHandle, broken: Exception) -> JobHandle:
        """Find out what became of a hand-over that broke.

        Returns the handle when the server has the whole document all the same. JobRefused: it has none,
        and the empty job was cancelled before it began. SubmitUncertain: nobody knows.
        """
        uncertain = SubmitUncertain(
            N_("the connection to queue '{queue}' broke while a job was handed over"), queue=self._name
        )
        try:
            with self._server() as server:
                found = self._known(server, handle)
            if found is None:
                raise uncertain from broken
            if found[1].get("number-of-documents"):
                return handle
            self.cancel(handle)
            left = self.report(handle)
        except QueueError:
            raise uncertain from broken
        if left.state in {JobState.CANCELLED, JobState.FAILED} and not left.began:
            raise JobRefused(N_("queue '{queue}' did not take the document"), queue=self._name) from broken
        raise uncertain from broken

    def _known(self, server: Any, handle: JobHandle) -> tuple[int, Mapping[str, Any]] | None:
        """Number and attributes of the very job that ``handle`` means."""
        for number in self._candidates(server, handle):
            job = self._attributes(server, number)
            if job is not None and handle.reference in {"", job.get("job-uuid")}:
                return number, job
        return None

    def _candidates(self, server: Any, handle: JobHandle) -> Iterator[int]:
        if handle.number and handle.reference:
            yield handle.number
        found = self._find(server, handle.name)
        if found is not None:
            yield found.number

    @staticmethod
    def _attributes(server: Any, number: int) -> Mapping[str, Any] | None:
        try:
            attributes: Mapping[str, Any] = server.getJobAttributes(
                number, requested_attributes=_JOB_ATTRIBUTES
            )
        except cups.IPPError as error:
            if error.args[0] == _NOT_FOUND:
                return None
            raise
        return attributes

    @staticmethod
    def _find(server: Any, name: str) -> JobHandle | None:
        jobs = _ours(server)
        numbers = [number for number, job in jobs.items() if job.get("job-name") == name]
        if not numbers:
            return None
        newest = max(numbers)
        return JobHandle(name, jobs[newest].get("job-uuid", ""), newest)
