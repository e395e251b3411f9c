"""Who may sign what, and with what: a word where nobody of the role has a passphrase, else the passphrase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from provision.ledger import Ledger
from provision.ledger.people import Signer, record_known
from provision.ledger.signoffs import Signoff, signoffs
from provision.runbook.look import Board
from provision.runbook.model import Procedure, When, Who
from provision.runbook.sign import NothingSigned, PassphraseMissing, SignatureRefused, sign, unsign
from provision.site.site import Site
from tests.unit.provision.runbook.test_clock import day, step

BY = When(at="08:20")
PROCEDURE: Procedure = {
    "ONE": step(BY),
    "OWN": step(BY, passphrase=True),
    "TWO": step(BY, second="coordinator"),
    "ALL": step(BY, who="everybody"),
}
ANNA = Signer("aa", "specialist", "П.А.И.", "")
ANNA_TOO = Signer("aa", "coordinator", "П.А.И.", "")
OLEG = Signer("bb", "coordinator", "К.О.", "")
DEPUTY = Signer("cc", "deputy", "З.Б.", "")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(Ledger(tmp_path)) as opened:
        yield opened


def signs(
    ledger: Ledger, name: str, who: str = "", role: Who | None = None, types: Signer | None = None
) -> Signoff:
    """Sign; ``types`` is whose passphrase is typed, None for nobody who could be asked."""

    def prove(some: Sequence[Signer], _subject: str) -> Signer:
        assert types is not None
        assert types in some
        return types

    board = Board(cast("Site", None), PROCEDURE, day(), {}, signoffs(ledger), 0, "")  # no look at the site
    return sign(board, ledger, name, who, role, prove)


def test_a_word_counts_until_the_role_has_a_passphrase(ledger: Ledger) -> None:
    record_known(ledger, OLEG)  # another role's
    assert signs(ledger, "ONE", "Петрова А. И.").way == "word"
    record_known(ledger, ANNA)
    signed = signs(ledger, "ONE", "Петрова А. И.", types=ANNA)
    assert (signed.way, signed.initials, signed.person) == ("passphrase", "П.А.И.", "aa")
    assert signs(ledger, "ONE", types=ANNA).initials == "П.А.И."  # the passphrase tells who it is
    with pytest.raises(PassphraseMissing, match="has no passphrase here; those who have: П"):
        signs(ledger, "ONE", "Сидоров И.")
    with pytest.raises(SignatureRefused, match="is signed by: specialist"):
        signs(ledger, "ONE", role=Who.COORDINATOR)


def test_a_word_is_refused_where_the_procedure_demands_more(ledger: Ledger) -> None:
    for name in ("OWN", "TWO"):
        with pytest.raises(PassphraseMissing, match=f"step {name} is signed with a passphrase"):
            signs(ledger, name, "Петрова А. И.")
    with pytest.raises(SignatureRefused, match="needs a name"):
        signs(ledger, "ONE")
    with pytest.raises(SignatureRefused, match="needs a name"):
        signs(ledger, "ONE", "12")
    assert not signoffs(ledger)


def test_two_persons_are_two_people(ledger: Ledger) -> None:
    for one in (ANNA, ANNA_TOO, OLEG):
        record_known(ledger, one)
    signs(ledger, "TWO", types=ANNA)
    with pytest.raises(SignatureRefused, match="the same person signed step TWO already"):
        signs(ledger, "TWO", "ПАИ", Who.COORDINATOR)  # told before a passphrase is asked for
    with pytest.raises(SignatureRefused, match="the same person signed step TWO already"):
        signs(ledger, "TWO", role=Who.COORDINATOR, types=ANNA_TOO)
    assert signs(ledger, "TWO", role=Who.COORDINATOR, types=OLEG).person == "bb"
    (given,) = signoffs(ledger).values()
    assert [one.role for one in given] == ["specialist", "coordinator"]


def test_what_everybody_signs(ledger: Ledger) -> None:
    for one in (ANNA, OLEG, DEPUTY):
        record_known(ledger, one)
    assert signs(ledger, "ALL", types=DEPUTY).role == "deputy"
    assert signs(ledger, "ALL", "К. О.", types=OLEG).role == "coordinator"
    invigilator = signs(ledger, "ALL", "Юрьева Е.")  # has no passphrase: a word is all there can be
    assert (invigilator.role, invigilator.way) == ("everybody", "word")
    with pytest.raises(NothingSigned):
        unsign(Board(cast("Site", None), PROCEDURE, day(), {}, {}, 0, ""), ledger, "ALL", "Юрьева Е.")
