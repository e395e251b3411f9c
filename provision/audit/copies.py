"""Plain copies of materials, codes and ciphers, in every place where they come to lie."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from provision.audit.examined import Examination
from provision.audit.known import Hit, Sort
from provision.audit.model import Check, Finding, Outcome, Severity
from provision.audit.places import places
from provision.audit.shells import HISTORIES
from provision.audit.walk import Seen
from provision.audit.words import COPY_CURES, DELETE, NOT_LOOKED, said, unseen
from provision.errors import N_, Phrase

_MAIL_TIMES = 4
"""A mail folder may be this many times bigger than any other file that is read."""

_GRAVITY: dict[Sort, tuple[Outcome, Severity]] = {
    Sort.CIPHER: (Outcome.LEAK, Severity.HIGH),
    Sort.TASKS: (Outcome.LEAK, Severity.HIGH),
    Sort.KEY: (Outcome.LEAK, Severity.HIGH),
    Sort.CODES: (Outcome.LEAK, Severity.HIGH),
    Sort.PEOPLE: (Outcome.LEAK, Severity.MEDIUM),
    Sort.CRITERIA: (Outcome.LEAK, Severity.MEDIUM),
    Sort.ARCHIVE: (Outcome.RISK, Severity.MEDIUM),
}
_COPIES = tuple(check for check in Check if check.value.startswith("copies-"))
_OPAQUE = {"key_datas": "telegram", ".pst": "outlook", ".ost": "outlook", "msgstore.db.crypt": "whatsapp"}
"""Names of stores that no program but their own can read; seeing one is a fact, whatever is in it."""


def copies(examination: Examination) -> Iterator[Finding]:
    """A finding for every file that is recognised, and one for every place: looked at, or not wholly."""
    found: dict[Check, int] = dict.fromkeys(_COPIES, 0)
    histories = {home.path / name for home in examination.machine.homes for name in HISTORIES}
    for place in places(examination.machine):
        coverage = examination.coverage(place.check)
        limit = examination.budget.bounds.file_bytes * (_MAIL_TIMES if place.check is Check.MAIL else 1)
        for seen in examination.walker.files(place.top, coverage):
            if seen.path in histories:
                continue  # read line by line by another check
            if closed := _closed(seen.path.name):
                coverage.miss(closed)
                continue
            if hits := examination.hits(seen, coverage, limit):
                found[place.check] += 1
                yield copy_finding(examination, place.check, seen, hits)
    for check in _COPIES:
        yield from _summary(examination, check, found[check])


def copy_finding(examination: Examination, check: Check, seen: Seen, hits: tuple[Hit, ...]) -> Finding:
    """A recognised file; the gravest of what it holds decides. Backups and temporary files that everybody
    may read are a leak even where they are encrypted."""
    outcome, severity = min(
        (_GRAVITY[hit.sort] for hit in hits),
        key=lambda g: (list(Outcome).index(g[0]), list(Severity).index(g[1])),
    )
    what = said(hits)
    if seen.mode & 0o004 and check in {Check.BACKUPS, Check.TEMPORARY, Check.PUBLIC}:
        what = Phrase(N_("{what}; every user of this computer can read it"), {"what": what})
        outcome, severity = Outcome.LEAK, Severity.HIGH
    shown = examination.shown(seen.path)
    return Finding(
        check,
        outcome,
        severity,
        shown,
        what,
        _cure(check, shown, examination.machine.shown(seen.path)),
        at=seen.path,
    )


def _cure(check: Check, shown: str, real: str) -> Phrase:
    command = f"rm -- {shlex.quote(shown)}" if shown == real else DELETE
    template = COPY_CURES.get(check, COPY_CURES[Check.HOME])
    return Phrase(template, {"command": Phrase(command.replace("{", "{{").replace("}", "}}"), {})})


def _summary(examination: Examination, check: Check, found: int) -> Iterator[Finding]:
    coverage = examination.coverage(check)
    if coverage.unseen:
        yield Finding(
            check,
            Outcome.NOT_CHECKED,
            Severity.LOW,
            "",
            Phrase(
                N_("{count} files looked at; not looked at: {unseen}"),
                {"count": coverage.files, "unseen": unseen(coverage.why)},
            ),
            Phrase(NOT_LOOKED, {}),
        )
    elif not found:
        yield Finding(
            check,
            Outcome.OK,
            Severity.NONE,
            "",
            Phrase(
                N_("{count} files looked at, nothing of this school's materials in them"),
                {"count": coverage.files},
            ),
            Phrase("", {}),
        )


def _closed(name: str) -> str:
    return next(
        (
            why
            for mark, why in _OPAQUE.items()
            if name == mark or (mark[0] == "." and name.lower().endswith(mark)) or name.startswith(mark)
        ),
        "",
    )


def outside(examination: Examination, path: Path) -> tuple[Seen, tuple[Hit, ...]] | None:
    """A file that some list points at: recognised, when it lies there and is; never through a link."""
    real = path.parent.resolve() / path.name
    if not examination.machine.holds(real):
        return None
    seen = examination.file(real)
    if seen is None:
        return None
    about = real.parent.stat()
    if (about.st_dev, about.st_ino) in examination.walker.skip:
        return None
    return seen, examination.hits(
        seen, examination.coverage(Check.RECENT), examination.budget.bounds.file_bytes
    )
