"""The printer behind a queue, asked directly where its address allows it."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from printing.queues.facts import WANTED, Contact
from printing.queues.ipp import Attributes, PrinterSilent, ask, ended_jobs

GLANCE = 1.0
"""Seconds between two looks at a printer that prints."""
_PATIENCE = 0.5
_IDLE = 3
IDLE_SECONDS = 20.0
"""A printer that wakes up, or waits for its server's next question, begins sooner; twice CUPS's longest
pause."""
_JOB = ("job-name", "job-state", "job-state-reasons")
_COMPLETED = 9
_ERRORS = frozenset({"job-completed-with-errors", "job-completed-with-warnings"})
_BLIND = 60.0
"""Seconds that a printer which cannot be asked is left alone; its queue then says what it knows."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def behind(queue: Attributes, *, local: bool) -> tuple[Attributes, Contact]:
    """What the printer of a queue says itself.

    ``device-uri`` is an address that the print server can reach. Unless the server is this computer
    (``local``), the printer may be out of our sight, and its silence says nothing.
    """
    address = str(next(iter(queue.get("device-uri", ())), ""))
    if not _askable(address, local=local):
        return {}, Contact.NOT_ASKED
    try:
        return ask(address, WANTED), Contact.ANSWERS
    except PrinterSilent:
        return {}, Contact.SILENT if local else Contact.NOT_ASKED


class Glance:
    """What a printer says of itself while it prints. CUPS asks it in growing intervals: it is up to eight
    seconds late with a fault, and lets the printer stand idle as long after a job. This is not."""

    def __init__(self, *, local: bool) -> None:
        """Nothing is asked yet; ``local`` as for :func:`behind`."""
        self._local = local
        self._again = 0.0
        self._silent_until = 0.0
        self._untold_until = 0.0
        self._reasons: tuple[str, ...] | None = None
        self._rests = False
        self._rests_since: float | None = None

    def reasons(self, address: str, *, sent: bool = False) -> tuple[str, ...] | None:
        """The state reasons of the printer at ``address``, at most a second old; None when it is silent.

        ``sent``: the server is sending it a job. One that rests all the same, for IDLE_SECONDS, takes no job:
        it still waits for the document of another, whose sender is gone. It says nothing of that itself.
        """
        if self._sees(address) and time.monotonic() >= max(self._again, self._silent_until):
            self._look(address)
        if sent:
            since = self._rests_since if self._rests_since is not None else time.monotonic()
            self._rests_since = since if self._rests else None
            if self._reasons is not None and self._rests and time.monotonic() - since >= IDLE_SECONDS:
                return (*self._reasons, "vpr-printer-rests")
        return self._reasons

    def _look(self, address: str) -> None:
        try:
            said = ask(address, ["printer-state", "printer-state-reasons"], _PATIENCE)
            self._reasons = tuple(map(str, said.get("printer-state-reasons", ())))
            self._rests = _first(said, "printer-state") == _IDLE
        except PrinterSilent:
            self._reasons, self._rests = None, False
            self._silent_until = time.monotonic() + _BLIND
        self._again = time.monotonic() + GLANCE

    def printed(self, address: str, name: str) -> bool:
        """Whether the printer at ``address`` says that it has printed the whole job of that ``name``, and
        without errors. False also when it does not know, or show us, such a job."""
        if not self._sees(address) or time.monotonic() < self._untold_until:
            return False
        try:
            jobs = ended_jobs(address, _JOB, _PATIENCE)
        except PrinterSilent:
            # It may keep its jobs to itself and still tell of a jam.
            self._untold_until = time.monotonic() + _BLIND
            return False
        # The backend names a job as its title, or "number - title" where the printer takes no Create-Job.
        mine = (job for job in jobs if str(_first(job, "job-name")).rpartition(" - ")[2] == name)
        job = next(mine, {})
        return _first(job, "job-state") == _COMPLETED and _ERRORS.isdisjoint(job.get("job-state-reasons", ()))

    def _sees(self, address: str) -> bool:
        return _askable(address, local=self._local)


def _first(attributes: Attributes, name: str) -> int | str:
    return next(iter(attributes.get(name, ())), "")


def _askable(address: str, *, local: bool) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"ipp", "ipps"} and (local or parts.hostname not in LOOPBACK)
