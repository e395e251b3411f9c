"""A step signed off by hand: by whom, in which role, and whether a passphrase proved it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from provision.errors import N_, ProvisionError
from provision.ledger import Ledger
from provision.ledger.signoffs import Signoff, record, signoffs, withdraw
from provision.runbook.board import subject_of
from provision.runbook.look import Board
from provision.runbook.model import Procedure, Step, Who
from provision.second_person import SecondPersonMissing, authorise, second_person
from provision.secret import Secret

MAX_NAME = 100
_INITIALS = 3
_PART = re.compile(r"[^\W\d_]+", re.UNICODE)


class DayError(ProvisionError):
    """Root of what a person can get wrong with the procedure."""

    code = "day"
    remedy = N_("'provision day' shows every step by its name.")


class NoSuchStep(DayError):
    """A command names a step that the procedure does not have."""

    code = "no-such-step"
    remedy = N_("'provision day --all' shows every step by its name.")


class SignatureRefused(DayError):
    """A signature without a name, in a role that the step has not, or a second one by the first person."""

    code = "signature-refused"
    remedy = N_('Nothing was signed. Say --name "…", and --role when it is not the step\'s own.')


class NoPage(DayError):
    """A step without a page is to be opened."""

    code = "no-page"
    remedy = N_("'provision day --all' shows what is typed for the step.")


class NothingSigned(DayError):
    """A signature that is not there cannot be taken back."""

    code = "nothing-signed"
    remedy = N_("'provision day' shows what is signed.")


def step_named(procedure: Procedure, name: str) -> tuple[str, Step]:
    """The step of that name, however it is typed: Latin or look-alike Cyrillic letters. Raises NoSuchStep."""
    wanted = name.strip().upper().translate(_LOOK_ALIKE)
    if wanted not in procedure:
        names = ", ".join(procedure)
        raise NoSuchStep(N_("there is no step {name}; there are: {names}"), name=name[:20], names=names)
    return wanted, procedure[wanted]


_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХДП", "ABEKMHOPCTXDP")
"""What a Russian keyboard writes for the same letters. Д and П are said for D and P."""


def initials(name: str) -> str:
    """What the record keeps of a name: "Петрова Анна Ивановна" and "Петрова А.И." give "П.А.И.". Raises
    SignatureRefused."""
    parts = _PART.findall(name[:MAX_NAME].replace("-", ""))
    if not parts:
        raise SignatureRefused(N_("a signature needs a name"))
    if len(parts) == 1 and parts[0].isupper() and len(parts[0]) <= _INITIALS:
        parts = [*parts[0]]  # initials already: ПАИ
    return "".join(f"{part[0].upper()}." for part in parts[:_INITIALS])


def sign(
    board: Board, ledger: Ledger, name: str, who: str, role: Who | None, prove: Callable[[], str]
) -> Signoff:
    """Sign a step. ``role`` left out: the step's own. ``prove`` is asked where the second person of a step of
    two signs: it returns the initials that a passphrase stands for, or raises.

    Raises SignatureRefused, and what ``prove`` raises; then nothing is written down."""
    name, step = step_named(board.procedure, name)
    meant = role or step.who
    allowed = {step.who, step.second} - {None}
    if step.who is not Who.EVERYBODY and meant not in allowed:
        roles = ", ".join(sorted(one.value for one in allowed if one is not None))
        raise SignatureRefused(N_("step {name} is signed by: {roles}"), name=name, roles=roles)
    subject = subject_of(name, step, board.day.date)
    short, way = initials(who), "word"
    if step.second is not None and meant is step.second and meant is not step.who:
        given = board.signed.get(subject, ())
        if any(one.initials == short and one.role != meant.value for one in given):
            raise SignatureRefused(N_("the same person signed step {name} already"), name=name)
        proved = prove()
        if proved != short:
            raise SignatureRefused(
                N_("the passphrase is {proved}'s, not {typed}'s"), proved=proved, typed=short
            )
        way = "passphrase"
    record(ledger, subject, meant.value, short, way)
    return signoffs(ledger)[subject][-1]


def unsign(board: Board, ledger: Ledger, name: str, who: str) -> str:
    """Take back what was signed for a step; the record keeps that it was. Returns the step's name. Raises
    NothingSigned, SignatureRefused."""
    name, step = step_named(board.procedure, name)
    subject = subject_of(name, step, board.day.date)
    if not board.signed.get(subject):
        raise NothingSigned(N_("step {name} is not signed"), name=name)
    withdraw(ledger, subject, step.who.value, initials(who))
    return name


def second_by_passphrase(state: Path, ask: Callable[[], Secret]) -> str:
    """The initials of the second person who was appointed, once the passphrase is right. Raises
    SecondPersonMissing, PassphraseRefused."""
    person = second_person(state)
    if person is None:
        raise SecondPersonMissing(N_("no second person has set a passphrase yet"))
    return initials(authorise(person, ask))


def page_of(procedure: Procedure, name: str) -> tuple[str, str]:
    """A step and its page. Raises NoSuchStep, NoPage."""
    name, step = step_named(procedure, name)
    if not step.page:
        raise NoPage(N_("step {name} has no page in the web"), name=name)
    return name, step.page
