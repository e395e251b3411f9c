"""How every form stands: to fill, filled, uploaded, accepted. From the ledger, and from what lies there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from provision.errors import N_, Phrase
from provision.forms.away import clear, lying_of, safe_of, seal
from provision.forms.desk import bounded, found_file, mappings
from provision.forms.errors import FormNotReady, FormRefused
from provision.forms.mapping import FOLDER, FormMapping
from provision.ledger import Ledger
from provision.ledger import forms as log
from provision.ledger.forms import FormEvent, Step
from provision.site.site import Site


class State(StrEnum):
    """How a form stands."""

    WAITING = "waiting"
    TO_FILL = "to-fill"
    CHANGED = "changed"
    FILLED = "filled"
    UPLOADED = "uploaded"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class FormStatus:
    """One form: its last step, and what is to be known beside it."""

    mapping: FormMapping
    state: State
    file: Path | None
    last: FormEvent | None = None
    filled: FormEvent | None = None
    trouble: Phrase | None = None
    open: int = 0
    """How many of its files lie in the open."""


def statuses(site: Site, ledger: Ledger) -> tuple[FormStatus, ...]:
    """How every form stands; reads the forms' bytes to see whether they are still the same."""
    events: dict[str, list[FormEvent]] = {}
    for event in log.recorded(ledger):
        events.setdefault(event.form, []).append(event)
    return tuple(_status(site, mapping, events.get(mapping.key, [])) for mapping in mappings(site))


def _status(site: Site, mapping: FormMapping, events: Sequence[FormEvent]) -> FormStatus:
    last = events[-1] if events else None
    made = next((event for event in reversed(events) if event.step is Step.FILLED), None)
    trouble: Phrase | None = None
    path, digest = None, ""
    try:
        path = found_file(site, mapping)
        digest = hashlib.sha256(bounded(path)).hexdigest() if path else ""
    except FormRefused as error:
        trouble = Phrase(error.template, error.params)
    state = _state(last, made, digest)
    if state is State.CHANGED:
        trouble = Phrase(N_("the form was downloaded anew after it was filled"), {})
    elif state in (State.UPLOADED, State.ACCEPTED) and last and made and last.sha256 != made.sha256:
        trouble = Phrase(N_("what was uploaded is not the file that was filled here"), {})
    return FormStatus(mapping, state, path, last, made, trouble, len(lying_of(site, mapping, path)))


def _state(last: FormEvent | None, made: FormEvent | None, digest: str) -> State:
    if last is not None and last.step is not Step.FILLED:
        return State.ACCEPTED if last.step is Step.ACCEPTED else State.UPLOADED
    if not digest:
        return State.WAITING
    if made is None:
        return State.TO_FILL
    return State.FILLED if made.source == digest else State.CHANGED


def uploaded(site: Site, ledger: Ledger, mapping: FormMapping, file: Path | None, who: str) -> FormEvent:
    """Note a person's word that a form was uploaded, with the checksum of the file. Where there is a vault,
    all that lies in the open of the form goes into it first, and then the plain files go, the form last.

    Raises FormNotReady, and what the vault does: then nothing is noted and nothing is gone."""
    source = found_file(site, mapping)
    path = file
    if path is None:
        path = site.out / FOLDER / source.name if source else None
    if path is None or not path.is_file():
        raise FormNotReady(N_("the form {form} was not filled here; name the file"), form=mapping.key)
    digest = hashlib.sha256(bounded(path)).hexdigest()
    safe = safe_of(site, ledger)
    beside = [one for one in lying_of(site, mapping, source) if one != path.absolute()]
    sealed = seal(safe, mapping, [*beside, path.absolute()]) if safe else {}
    log.record(ledger, mapping.key, Step.UPLOADED, who, digest, items=sorted(sealed.values()))
    clear(site, sealed)
    return log.recorded(ledger)[-1]


def accepted(ledger: Ledger, mapping: FormMapping, who: str) -> FormEvent:
    """Note that the upload was accepted. Raises FormNotReady for a form that was not uploaded."""
    events = [event for event in log.recorded(ledger) if event.form == mapping.key]
    if not events or events[-1].step is Step.FILLED:
        raise FormNotReady(N_("the form {form} was not noted as uploaded yet"), form=mapping.key)
    log.record(ledger, mapping.key, Step.ACCEPTED, who, events[-1].sha256)
    return log.recorded(ledger)[-1]
