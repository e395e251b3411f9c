"""A step signed off by hand: by whom, in which role, and whether a passphrase proved it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from provision.errors import N_, ProvisionError
from provision.ledger import Ledger
from provision.ledger.people import Signer, signers
from provision.ledger.signoffs import PASSPHRASE, WORD, Signoff, initials, record, signoffs, withdraw
from provision.runbook.board import demands, subject_of
from provision.runbook.look import Board
from provision.runbook.model import Procedure, Step, Who

Prove = Callable[[Sequence[Signer], str], Signer]
"""Asks for a passphrase of one of these, for a subject, and returns whose it was; or raises."""


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


class PassphraseMissing(DayError):
    """A signature needs a passphrase, and whoever is to sign has set none."""

    code = "signer-missing"
    remedy = N_(
        "Nothing was signed. Let the person set a passphrase: 'provision people add ROLE NAME' (the vault is "
        "opened for it, once); then sign again."
    )


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


def sign(board: Board, ledger: Ledger, name: str, who: str, role: Who | None, prove: Prove) -> Signoff:
    """Sign a step. ``role`` left out: the step's own; ``who`` may be left out where a passphrase tells.

    A word counts only where nobody of the role has a passphrase, and the step asks for none. Raises
    NoSuchStep, SignatureRefused, PassphraseMissing, and what ``prove`` raises; then nothing is signed."""
    name, step = step_named(board.procedure, name)
    meant = _role(name, step, role)
    short = initials(who)
    if who and not short:
        raise SignatureRefused(N_("a signature needs a name"))
    subject = subject_of(name, step, board.day.date)
    some = _among(signers(ledger), meant, short)
    if some:
        return _proved(board, ledger, name, some, prove)
    if demands(step):
        words = {"name": name, "role": meant.value}
        raise PassphraseMissing(
            N_("step {name} is signed with a passphrase, and nobody has set one as {role}"), **words
        )
    if not short:
        raise SignatureRefused(N_("a signature needs a name"))
    record(ledger, subject, meant.value, short, WORD)
    return signoffs(ledger)[subject][-1]


def _role(name: str, step: Step, role: Who | None) -> Who:
    """In which role it is signed. Raises SignatureRefused for one that the step has not."""
    allowed = {step.who, step.second} - {None}
    if role is not None and step.who is not Who.EVERYBODY and role not in allowed:
        roles = ", ".join(sorted(one.value for one in allowed if one is not None))
        raise SignatureRefused(N_("step {name} is signed by: {roles}"), name=name, roles=roles)
    return role or step.who


def _among(known: Sequence[Signer], meant: Who, short: str) -> tuple[Signer, ...]:
    """Whose passphrase is asked for; nobody's where a word is all there can be. Raises PassphraseMissing for
    somebody else in a role in which people have passphrases."""
    if meant is Who.EVERYBODY:  # those who have one type it; the others give their word
        return tuple(one for one in known if short in {"", one.initials})
    some = tuple(one for one in known if one.role == meant.value)
    found = tuple(one for one in some if short in {"", one.initials})
    if some and not found:
        there = ", ".join(one.initials for one in some)
        words = {"role": meant.value, "typed": short, "there": there}
        raise PassphraseMissing(
            N_("as {role}, {typed} has no passphrase here; those who have: {there}"), **words
        )
    return found


def _proved(board: Board, ledger: Ledger, name: str, some: Sequence[Signer], prove: Prove) -> Signoff:
    step = board.procedure[name]
    subject = subject_of(name, step, board.day.date)
    given = {one.person for one in board.signed.get(subject, ())}
    if step.second is not None and all(one.id in given for one in some):
        raise SignatureRefused(N_("the same person signed step {name} already"), name=name)
    signer = prove(some, subject)
    if step.second is not None and signer.id in given:
        raise SignatureRefused(N_("the same person signed step {name} already"), name=name)
    record(ledger, subject, signer.role, signer.initials, PASSPHRASE, signer.id)
    return signoffs(ledger)[subject][-1]


def unsign(board: Board, ledger: Ledger, name: str, who: str) -> str:
    """Take back what was signed for a step; the record keeps that it was. Returns the step's name. Raises
    NothingSigned, SignatureRefused."""
    name, step = step_named(board.procedure, name)
    short = initials(who)
    if not short:
        raise SignatureRefused(N_("a signature needs a name"))
    subject = subject_of(name, step, board.day.date)
    if not board.signed.get(subject):
        raise NothingSigned(N_("step {name} is not signed"), name=name)
    withdraw(ledger, subject, step.who.value, short)
    return name


def page_of(procedure: Procedure, name: str) -> tuple[str, str]:
    """A step and its page. Raises NoSuchStep, NoPage."""
    name, step = step_named(procedure, name)
    if not step.page:
        raise NoPage(N_("step {name} has no page in the web"), name=name)
    return name, step.page
