"""Printer and job state reasons (RFC 8011 §5.3.8 and §5.4.12, PWG 5100.9, CUPS's own) in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from printing.errors import N_


class Severity(StrEnum):
    """How much a reason matters: an ERROR stops the printing until somebody comes."""

    REPORT = "report"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Reason:
    """A state reason for people. ``what`` and ``cure`` are English gettext templates; fill both with
    ``keyword`` (``translate(reason.what).format(keyword=reason.keyword)``). ``cure`` may be empty."""

    keyword: str
    what: str
    cure: str
    severity: Severity


_LOAD = N_("Put paper into the tray.")
_CLOSE = N_("Close it.")
_JAM = N_("Open the printer and pull the sheet out; then count the sheets of this job.")
_SWITCH_ON = N_("Check that the printer is on and its cable or network is connected.")
_CARTRIDGE = N_("Put a new cartridge in.")
_SPARE_CARTRIDGE = N_("Have a new cartridge ready.")
_EMPTY_TRAY = N_("Take the sheets out, in their order.")
_SERVICE = N_("Switch the printer off and on; if it stays so, choose another printer in inventory.yaml.")
_DRIVER = N_("Correct the queue's driver on the print server, or choose another printer in inventory.yaml.")
_LET_GO = N_("Let it go on: cupsenable QUEUE, or the button on the printer.")
_RELEASE = N_("Let it go: provision release --room ROOM.")
_COUNT = N_("Count this job's sheets, then say with 'provision resolve' whether they came out.")
_SPACE = N_("Free space on the print server.")
_OTHER_QUEUE = N_("Put that queue back into inventory.yaml and run again, or use 'provision resolve'.")
_RETRY = N_("Run the command again.")

_ERROR, _WARNING, _REPORT = Severity.ERROR, Severity.WARNING, Severity.REPORT

_WORDS: dict[str, tuple[str, str, Severity]] = {
    # paper
    "media-empty": (N_("The paper is out."), _LOAD, _ERROR),
    "media-low": (N_("The paper is running out."), _LOAD, _WARNING),
    "media-needed": (N_("The printer waits for paper of the right size."), _LOAD, _ERROR),
    "media-jam": (N_("Paper is jammed."), _JAM, _ERROR),
    "input-tray-missing": (N_("The paper tray is missing."), N_("Push the tray in."), _ERROR),
    "input-media-size-change": (N_("The tray holds paper of another size."), _LOAD, _WARNING),
    "output-area-full": (N_("The output tray is full."), _EMPTY_TRAY, _ERROR),
    "output-area-almost-full": (N_("The output tray is almost full."), _EMPTY_TRAY, _WARNING),
    "output-tray-missing": (N_("The output tray is missing."), N_("Put the tray back."), _ERROR),
    # covers
    "cover-open": (N_("A cover is open."), _CLOSE, _ERROR),
    "door-open": (N_("A door is open."), _CLOSE, _ERROR),
    "interlock-open": (N_("A cover or door is open."), _CLOSE, _ERROR),
    # toner and parts
    "toner-empty": (N_("The toner is out."), _CARTRIDGE, _ERROR),
    "toner-low": (N_("The toner is running out."), _SPARE_CARTRIDGE, _WARNING),
    "marker-supply-empty": (N_("The toner or ink is out."), _CARTRIDGE, _ERROR),
    "marker-supply-low": (N_("The toner or ink is running out."), _SPARE_CARTRIDGE, _WARNING),
    "marker-supply-missing": (N_("The cartridge is missing."), _CARTRIDGE, _ERROR),
    "marker-waste-full": (N_("The waste toner box is full."), N_("Replace the waste toner box."), _ERROR),
    "marker-waste-almost-full": (N_("The waste toner box is almost full."), "", _WARNING),
    "developer-empty": (N_("The developer is used up."), _SERVICE, _ERROR),
    "developer-low": (N_("The developer is nearly used up."), "", _WARNING),
    "opc-life-over": (N_("The drum is worn out."), _SERVICE, _ERROR),
    "opc-near-eol": (N_("The drum is nearly worn out."), "", _WARNING),
    "fuser-over-temp": (N_("The fuser is too hot."), N_("Wait: the printer cools down."), _ERROR),
    "fuser-under-temp": (N_("The fuser is warming up."), "", _REPORT),
    # the way to the printer
    "offline": (N_("The printer does not answer."), _SWITCH_ON, _ERROR),
    "shutdown": (N_("The printer is switched off."), _SWITCH_ON, _ERROR),
    "timed-out": (N_("The printer does not answer in time."), _SWITCH_ON, _ERROR),
    "connecting-to-device": (N_("The print server is connecting to the printer."), _SWITCH_ON, _REPORT),
    "stopped": (N_("The queue is stopped."), _LET_GO, _ERROR),
    "stopped-partly": (N_("A part of the printer is stopped."), _LET_GO, _WARNING),
    "stopping": (N_("The printer is stopping."), "", _WARNING),
    "paused": (N_("The queue is paused."), _LET_GO, _ERROR),
    "moving-to-paused": (N_("The queue is being paused."), _LET_GO, _WARNING),
    "hold-new-jobs": (N_("The queue holds new jobs back."), _LET_GO, _ERROR),
    "spool-area-full": (
        N_("The print server's disk is full."),
        N_("Free space on the print server."),
        _ERROR,
    ),
    "other": (N_("The printer needs attention; look at its display."), "", _WARNING),
    # CUPS's own
    "cups-missing-filter": (N_("The queue's driver is not fully installed."), _DRIVER, _ERROR),
    "cups-insecure-filter": (
        N_("The queue's driver is installed unsafely."),
        _DRIVER,
        _ERROR,
    ),
    "cups-ipp-missing-job-history": (
        N_("The printer no longer knows the job: it was switched off, or keeps no history."),
        _COUNT,
        _WARNING,
    ),
    "cups-remote-paused": (N_("The queue on the other print server is paused."), _LET_GO, _ERROR),
    "cups-remote-stopped": (N_("The queue on the other print server is stopped."), _LET_GO, _ERROR),
    "cups-remote-pending-held": (N_("The other print server holds the job back."), "", _WARNING),
    # jobs
    "job-canceled-by-user": (N_("Somebody cancelled the job."), _COUNT, _WARNING),
    "job-canceled-by-operator": (N_("Somebody cancelled the job on the print server."), _COUNT, _WARNING),
    "job-canceled-at-device": (N_("Somebody cancelled the job at the printer."), _COUNT, _WARNING),
    "aborted-by-system": (N_("The print server gave the job up."), _COUNT, _ERROR),
    "job-completed-with-errors": (N_("The job ended with errors."), _COUNT, _ERROR),
    "job-incoming": (N_("The job's document has not arrived in full."), "", _REPORT),
    "job-hold-until-specified": (N_("The job is held back on the print server."), _RELEASE, _WARNING),
    # dispatch's own
    "vpr-not-found": (N_("The queue does not know the job."), _COUNT, _WARNING),
    "vpr-hand-over-broken": (N_("The connection broke while the job was handed over."), _COUNT, _WARNING),
    "vpr-left-lying": (
        N_("The print server did not go on with the job, and it was withdrawn."),
        _COUNT,
        _WARNING,
    ),
    "vpr-server-silent": (N_("The print server does not answer; the job is looked up again."), "", _WARNING),
    "vpr-printer-rests": (
        N_("The printer does not begin the job that is sent to it."),
        N_("If nothing comes out: switch it off and on again; the job then starts by itself."),
        _WARNING,
    ),
    "vpr-other-queue": (N_("Its job is still open at another queue."), _OTHER_QUEUE, _WARNING),
    "vpr-withdrawn": (N_("The job was taken back before it began; nothing came out of it."), "", _REPORT),
    "vpr-not-sent": (N_("The job was not sent; nothing came out of it."), _RETRY, _REPORT),
}

_SUFFIXES = {f"-{severity}": severity for severity in Severity}


def describe(keyword: str) -> Reason:
    """Say a state reason in plain words; one that nobody listed is shown as the printer says it.

    A severity suffix (``media-jam-error``) counts before the reason's usual severity; without either,
    RFC 8011 §5.4.12 calls for an error, but a reason nobody knows is no ground for alarm: WARNING.
    """
    base, given = keyword, None
    for suffix, severity in _SUFFIXES.items():
        if keyword.endswith(suffix):
            base, given = keyword.removesuffix(suffix), severity
    what, cure, usual = _WORDS.get(base, (N_("The printer reports: {keyword}."), "", _WARNING))
    return Reason(base, what, cure, given or usual)


_STANDSTILL = frozenset({"media-jam", "cover-open", "door-open", "interlock-open"})
"""No printer prints through these, though some call them warnings."""


def stops(keyword: str) -> bool:
    """Whether the printer stands still for this reason until somebody comes."""
    reason = describe(keyword)
    return reason.severity is Severity.ERROR or reason.keyword in _STANDSTILL


_QUEUE_SAYS = re.compile(
    r"(cups|job|vpr)-.*|paused|moving-to-paused|stopp\w+(-partly)?|hold-new-jobs|spool-area-full"
    r"|offline|shutdown|timed-out|connecting-to-device"
)
"""What a print server says on its own account; everything else it has from the printer."""


def current(queue: Iterable[str], printer: Iterable[str] | None) -> tuple[str, ...]:
    """The reasons that hold now: of ``queue`` only its own where the ``printer`` answered (not None).

    A print server learns of a printer's reasons while a job is printing, and keeps the last ones after it.
    """
    if printer is None:
        return tuple(queue)
    own = (word for word in queue if _QUEUE_SAYS.fullmatch(describe(word).keyword))
    return tuple(dict.fromkeys((*own, *printer)))


_NOISE = frozenset(
    {
        "none",
        "job-printing",
        "job-queued",
        "job-transforming",
        "processing-to-stop-point",
        "job-completed-successfully",
        "cups-waiting-for-job-completed",
        "cups-ipp-conformance-failure",
    }
)


def telling(keywords: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the reasons that say nothing a person could use; keep the order, each once."""
    return tuple(dict.fromkeys(word for word in keywords if describe(word).keyword not in _NOISE))
