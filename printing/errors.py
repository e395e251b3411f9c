"""What can go wrong between a document and paper, each with its cure.

The texts are English gettext templates with ``{name}`` placeholders; the caller translates
``template`` and ``remedy`` and fills them with ``params``. A template never holds a pupil's name
or a secret, and neither do its parameters: errors reach logs.
"""

from __future__ import annotations

from typing import ClassVar


def N_(template: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a template for extraction into the catalogues; returns it unchanged."""
    return template


class PrintingError(Exception):
    """Root of this package's errors."""

    code: ClassVar[str] = "printing"
    remedy: ClassVar[str] = ""

    def __init__(self, template: str, **params: object) -> None:
        """Keep the template and its parameters apart, so that the message can be translated."""
        self.template = template
        self.params = params
        super().__init__(template.format(**params))


class VariantRefused(PrintingError):
    """A variant that cannot be printed exactly as it was made. ``params`` name variant and page."""

    code = "variant-refused"
    remedy = N_("Download the archive again; if it stays so, ask the coordinator for a corrected file.")


class NoRoomForStamp(PrintingError):
    """A page of a variant leaves no blank place for the stamp."""

    code = "no-room-for-stamp"
    remedy = N_("Let the stamp show fewer fields or no symbol (profile: stamp), or number this page by hand.")


class BatchMismatch(PrintingError):
    """The second reader does not find in a batch what was to be written. Nothing of it is printed."""

    code = "batch-mismatch"
    remedy = N_("Do not print. Run the command again; if it stays so, report it with the batch's name.")


class TemplateRefused(PrintingError):
    """A downloaded template that cannot be filled in place."""

    code = "template-refused"
    remedy = N_("Download the template again; without it the protocol is printed in our own form.")


class QueueError(PrintingError):
    """Root of what goes wrong at a queue."""

    code = "queue"
    remedy = N_("Check the queue's entry in inventory.yaml and the printer.")


class QueueUnreachable(QueueError):
    """No connection, or no such queue: certainly nothing was accepted."""

    code = "queue-unreachable"
    remedy = N_("Check that the printer or print server is on and connected, then run the command again.")


class QueueClosed(QueueUnreachable):
    """The queue is there, but stopped or not accepting jobs."""

    code = "queue-closed"
    remedy = N_("Let the queue print again (cupsenable, cupsaccept), then run the command again.")


class JobRefused(QueueUnreachable):
    """The queue answered and refused the job: certainly nothing was accepted."""

    code = "job-refused"
    remedy = N_("Check the queue's rights and settings on the print server, then run the command again.")


class FolderRefused(QueueUnreachable):
    """A file of a folder queue cannot be written, or would replace another one."""

    code = "folder-refused"
    remedy = N_("Free space, correct the folder's rights, or move away the file that is in the way.")


class QueueUnfit(QueueError):
    """A queue that cannot say whether anything reached paper: a raw queue, or a file as its device."""

    code = "queue-unfit"
    remedy = N_("Choose a queue with a real printer and its driver for these rooms in inventory.yaml.")


class QueueBlind(QueueError):
    """The print server has lost sight of an earlier job and will claim later ones without evidence."""

    code = "queue-blind"
    remedy = N_(
        "Count the sheets of the last jobs. Then delete the queue and set it up anew: lpadmin -x QUEUE, then "
        "lpadmin -p QUEUE -E -v DEVICE -m everywhere. "
        "If it comes back with every job, this printer cannot be followed: choose another."
    )


class OptionRefused(QueueError):
    """The queue does not support an option that every job must carry."""

    code = "option-refused"
    remedy = N_("Choose another printer for these rooms in inventory.yaml, or correct the queue's driver.")


class SubmitUncertain(QueueError):
    """The connection broke during the hand-over: the job may or may not have been accepted."""

    code = "submit-uncertain"
    remedy = N_("Look at the printer, then say with 'provision resolve' whether the sheets came out.")
