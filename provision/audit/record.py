"""The record itself: whole or not, and who had the vault open or took something out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from provision.audit.model import Access, Check, Finding, Outcome, Severity
from provision.errors import N_, Phrase
from provision.ledger import Event, Ledger, LedgerDamaged, LedgerTooNew, LedgerUnusable
from provision.ledger.vault import CHANGED, OPENED, PUT, REMOVED, TAKEN

SHOWN = 60
"""Of the accesses, the last ones."""
_WORDS = {
    OPENED: N_("opened the vault ({role}, by {way})"),
    TAKEN: N_("took an item out of the vault ({where})"),
    PUT: N_("put an item into the vault"),
    REMOVED: N_("removed an item from the vault"),
    CHANGED: N_("changed who may open the vault ({what})"),
}


def record(state: Path) -> tuple[list[Finding], tuple[Access, ...]]:
    """The chain of hashes recomputed, and the accesses; ``state`` is the site's folder of records. A record
    that was never begun is not made by this."""
    if not (state / "ledger.sqlite3").is_file():
        what = N_("nothing was recorded for this site yet")
        return [_finding(Outcome.OK, Severity.NONE, what)], ()
    try:
        ledger = Ledger(state)
        try:
            count, _last = ledger.verify()
            events = list(ledger.events(list(_WORDS)))
        finally:
            ledger.close()
    except LedgerDamaged as error:
        cure = LedgerDamaged.remedy
        return [
            _finding(Outcome.RISK, Severity.HIGH, error.template, cure, dict(error.params), str(state))
        ], ()
    except (LedgerTooNew, LedgerUnusable) as error:
        return [
            _finding(Outcome.NOT_CHECKED, Severity.MEDIUM, error.template, error.remedy, dict(error.params))
        ], ()
    whole = _finding(
        Outcome.OK, Severity.NONE, N_("the record is whole: {count} events"), "", {"count": count}
    )
    taken = sum(event.kind == TAKEN for event in events)
    params: dict[str, object] = {"opened": sum(event.kind == OPENED for event in events), "taken": taken}
    access = Finding(
        Check.ACCESS, Outcome.OK, Severity.NONE, "",
        Phrase(N_("the vault was opened {opened} times, {taken} items were taken out; who and when "
        "is below"), params),
        Phrase("", {}),
    )  # fmt: skip
    return [whole, access], tuple(_accesses(events))[-SHOWN:]


def _accesses(events: list[Event]) -> Iterator[Access]:
    for event in events:
        said = {name: value for name, value in event.body.items() if name in {"role", "way", "where", "what"}}
        yield Access(event.at, Phrase(_WORDS[event.kind], said), str(event.body.get("who", "")))


def _finding(
    outcome: Outcome,
    severity: Severity,
    what: str,
    cure: str = "",
    params: dict[str, object] | None = None,
    place: str = "",
) -> Finding:
    return Finding(
        Check.LEDGER, outcome, severity, place, Phrase(what, params or {}), Phrase(cure, params or {})
    )
