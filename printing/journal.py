"""What dispatch writes down before and after every delivery; the application's ledger implements it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

HELD = "job-hold-until-specified"
"""The reason (IPP keyword) of a job that waits at the server until somebody lets it go."""


class Delivery(StrEnum):
    """How far the delivery of one piece of work has come, in the order of a smooth run.

    SUBMITTING is written durably before anything is sent. CLAIMED is the printer's word; STORED is a
    file read back. UNKNOWN is resolved by a person only, never by sending again.
    """

    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    PRINTING = "printing"
    CLAIMED = "claimed"
    STORED = "stored"
    FAILED = "failed"
    UNKNOWN = "unknown"
    PRINTED_SAYS_PERSON = "printed-says-person"
    NOT_PRINTED_SAYS_PERSON = "not-printed-says-person"

    @property
    def may_send(self) -> bool:
        """Whether the same work may be sent (again) after this state: surely nothing is on paper."""
        return self in {Delivery.FAILED, Delivery.NOT_PRINTED_SAYS_PERSON}

    @property
    def delivered(self) -> bool:
        """Whether the work needs no more sending."""
        return self in {Delivery.CLAIMED, Delivery.STORED, Delivery.PRINTED_SAYS_PERSON}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver one piece of work.

    ``id`` is ours, random, and is the job's name; ``work`` is the stable key of what is delivered
    ("ma7a/204/kit/204-07/1"); ``queue`` names the queue; ``sheets`` the sheets expected; ``covers`` the
    kit numbers that the document concerns.
    """

    id: str
    work: str
    queue: str
    sheets: int
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """The latest state of one attempt. ``reference`` is the queue's own (job-uuid, path), once known."""

    attempt: Attempt
    state: Delivery
    reference: str = ""
    reasons: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether the job waits at the server until somebody lets it go."""
        return self.state is Delivery.ACCEPTED and HELD in self.reasons


class Journal(Protocol):
    """The record of deliveries. Every method returns after its event is durable on disk."""

    def intend(self, attempt: Attempt) -> None:
        """Record, before anything is sent, that it is going to be."""
        ...

    def advance(
        self, attempt_id: str, state: Delivery, *, reference: str = "", reasons: Sequence[str] = ()
    ) -> None:
        """Record a new state of an attempt."""
        ...

    def latest(self) -> Mapping[str, Entry]:
        """The latest attempt of every piece of work, by work key."""
        ...
