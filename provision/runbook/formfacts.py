"""What the software knows of the forms' steps. Pure.

It knows that a form was filled from the file that was downloaded, that the proof held, whether marks came in
afterwards, and whether the file that was uploaded is that one (by its hash). That it was uploaded and
accepted is a person's word: such a step is never more than SAID.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence, Set

from provision.errors import N_, Phrase
from provision.forms.mapping import FormKind
from provision.forms.standing import FormStatus, State
from provision.ledger.forms import MARKS_KIND
from provision.ledger.store import Event
from provision.runbook.board import UNKNOWN, Fact, Level

MARKS = MARKS_KIND
"""The kind of events that is read here."""

_WORDS = {
    State.WAITING: N_("the form {form} is not downloaded yet"),
    State.TO_FILL: N_("the form {form} is to be filled"),
    State.CHANGED: N_("the form {form} was downloaded anew: fill it again"),
    State.FILLED: N_("the form {form} is filled, not uploaded yet"),
}


def form_fact(kind: FormKind, exams: Set[str], forms: Iterable[FormStatus], events: Sequence[Event]) -> Fact:
    """How the forms of a kind stand for the exams of a day, by their ids; of results, for every exam."""
    some = [
        one
        for one in forms
        if one.mapping.kind is kind and (not one.mapping.exams or exams & set(one.mapping.exams))
    ]
    if not some:
        return UNKNOWN
    told = _counts(some)
    for one in some:
        lacks = _lacks(one, events)
        if lacks is not None:
            return Fact(Level.OPEN, _and(told, lacks))
    for one in some:
        if one.filled and one.last and one.filled.sha256 != one.last.sha256:
            words = {"form": one.mapping.key}
            told = _and(told, Phrase(N_("of {form}, another file was uploaded than was filled here"), words))
    without = _without(exams, some) if kind is FormKind.RESULTS else 0
    if without:
        # the software knows of no form for them: that there is none, or that it went up, a person says
        told = _and(told, Phrase(N_("no form is known here for {count} of the exams"), {"count": without}))
        return Fact(Level.UNKNOWN, told)
    return Fact(Level.SAID, told, max((one.last.at for one in some if one.last), default=None))


def _lacks(one: FormStatus, events: Sequence[Event]) -> Phrase | None:
    """What is still to be done with a form."""
    words = {"form": one.mapping.key}
    if one.state in _WORDS:
        return Phrase(_WORDS[one.state], words)
    if _outdated(one, events):
        return Phrase(
            N_("marks were entered after the form {form} was filled: fill and upload it again"), words
        )
    return None


def _outdated(one: FormStatus, events: Sequence[Event]) -> bool:
    """Whether marks came in after a form of results was filled; no other form has marks in it."""
    if one.filled is None or one.mapping.kind is not FormKind.RESULTS:
        return False
    since, exams = one.filled.at, one.mapping.exams
    return any(
        event.kind == MARKS
        and (not exams or event.subject in exams)
        and dt.datetime.fromisoformat(event.at) > since
        for event in events
    )


def _counts(some: Sequence[FormStatus]) -> Phrase | None:
    """How many were filled here, and how many went up as somebody said."""
    up = [one for one in some if one.state in {State.UPLOADED, State.ACCEPTED}]
    filled = [
        one
        for one in some
        if one.filled and (one.state is State.FILLED or (one.last and one.last.sha256 == one.filled.sha256))
    ]
    accepted = [one for one in up if one.state is State.ACCEPTED]
    if not filled and not up:
        return None
    words = {"total": len(some), "filled": len(filled), "uploaded": len(up), "accepted": len(accepted)}
    return Phrase(
        N_(
            "forms: {total}; filled here, with proof: {filled}; somebody's word: uploaded {uploaded}, "
            "accepted {accepted}"
        ),
        words,
    )


def _without(exams: Set[str], some: Sequence[FormStatus]) -> int:
    """How many exams no form is for."""
    if any(not one.mapping.exams for one in some):
        return 0
    return len(exams - {exam for one in some for exam in one.mapping.exams})


def _and(first: Phrase | None, second: Phrase) -> Phrase:
    return Phrase(N_("{first}; {second}"), {"first": first, "second": second}) if first else second
