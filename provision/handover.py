"""The whole day as one sealed archive, for the deputy or an inspector: what was downloaded and collected, and
the record of what was done, through the vault.

The archive is the vault's sealed copy (:mod:`provision.vault.archive`): age, one passphrase of its own. The
record goes in as people read it (print journal and checklist as PDF) and as it is (the ledger's events).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from printing.documents.journal import journal
from provision.intake.catalog import catalogue
from provision.intake.model import Kind
from provision.ledger import Ledger, arrivals, bindings
from provision.locale import translator
from provision.printjournal import account
from provision.printjournal.words import on_paper
from provision.rooms import Morning, Scope
from provision.runbook.look import Board
from provision.runbook.paper import checklist_of
from provision.safe import Safe
from provision.secret import Secret
from provision.survey import survey
from provision.vault import Item, OpenVault
from provision.vault import Kind as VaultKind
from provision.vault.archive import Copied, choose, export, sound

FOLDER = "day"
"""In the vault, and so in the archive."""
_KINDS = {
    Kind.CIPHER: VaultKind.CIPHER,
    Kind.CODES: VaultKind.CODES,
    Kind.FORM: VaultKind.FORM,
    Kind.UNKNOWN: VaultKind.OTHER,  # bound by a person: it could be a list of pupils
}


def hand_over(
    board: Board, safe: Safe, vault: OpenVault, target: Path, phrase: Secret, readme: str, *, names: bool
) -> Copied:
    """Put the day's record and materials into the vault and write the sealed archive of them, of the answers
    and of what was taken in for the day. Raises what the vault does, FileExistsError."""
    prefix = f"{FOLDER}/{board.day.date}/"
    for name, kind, data in _record(board, safe.ledger):
        _put(safe, vault, prefix + name, kind, data)
    items, damaged = sound(vault, _items(board, safe.ledger, vault, prefix))
    chosen = choose(items, names=names)
    export(vault, chosen, target, phrase, readme)
    for item, _name in chosen.items:
        safe.taken(item, "archive")
    lost = {*damaged, *safe.unreadable(vault)}
    return Copied(len(chosen.items), chosen.left_out, chosen.renamed, tuple(sorted(lost)))


def _put(safe: Safe, vault: OpenVault, name: str, kind: VaultKind, data: bytes) -> None:
    """Put it in; then an older one of that name goes."""
    before = [item for item in vault.items() if item.name == name]
    safe.put_bytes(name, kind, data)
    for item in before:
        safe.remove(item.id)


def _items(board: Board, ledger: Ledger, vault: OpenVault, prefix: str) -> tuple[Item, ...]:
    """What is of the day: what was put in now, what came in for its exams, and its answers."""
    ids = {exam.id for exam in board.site.inventory.exams if exam.date == board.day.date}
    here = arrivals.arrived(ledger)
    hashes = {one.sha256 for one in here if one.where == arrivals.VAULT and ids & set(one.exams)}
    return tuple(
        item
        for item in vault.items()
        if item.name.startswith(prefix) or item.sha256 in hashes or item.kind is VaultKind.ANSWERS
    )


def _record(board: Board, ledger: Ledger) -> Iterator[tuple[str, VaultKind, bytes]]:
    """The record, and the downloads that lie in the inbox."""
    site, date = board.site, board.day.date
    language = site.inventory.school.language
    translate = translator(language)
    ids = frozenset(exam.id for exam in site.inventory.exams if exam.date == date)
    found = account(Morning(survey(site, ids), Scope(ids)))
    paper = journal(on_paper(found, site.inventory.school.name, translate), translate)
    yield "journal.pdf", VaultKind.OTHER, paper
    yield "checklist.pdf", VaultKind.OTHER, checklist_of(board, site.now())
    yield "ledger.jsonl", VaultKind.OTHER, _events(ledger)
    for one in catalogue(site.inbox, site.inventory, bindings.recorded(ledger)).arrivals:
        if ids & set(one.exams):
            kind = _KINDS.get(one.kind, VaultKind.MATERIAL)
            yield f"inbox/{one.path.relative_to(site.inbox).as_posix()}", kind, one.path.read_bytes()


def _events(ledger: Ledger) -> bytes:
    """Every event, one JSON object a line; with the hashes, so that the chain can be computed again."""
    lines = [
        json.dumps(
            {"seq": e.seq, "at": e.at, "kind": e.kind, "subject": e.subject, "body": e.body, "hash": e.hash},
            ensure_ascii=False,
            sort_keys=True,
        )
        for e in ledger.events()
    ]
    return ("\n".join(lines) + "\n").encode()
