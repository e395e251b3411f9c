"""The end of an exam day: what need not be kept any more is removed, with proof, and written down.

Removed is what lies in this site: downloads bound to the day's exams, prints in folders, entered marks,
collected answers, and vault items that were downloads of the day. Never the record. A file is gone when
nothing names it any more; what a disk keeps beneath its file system is not ours to know, which is why disks
are encrypted (``provision audit``).
"""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from labcheck.naming import folder_name
from provision.answervault import KIND as VAULTED
from provision.errors import N_, ProvisionError
from provision.forms.marks_store import FOLDER as MARKS
from provision.gone import gone
from provision.intake.catalog import catalogue
from provision.labexam import ANSWERS, kept_in
from provision.ledger import Draft, Ledger, arrivals, bindings
from provision.runbook.board import Level
from provision.runbook.facts import WIPED
from provision.runbook.look import Board
from provision.runbook.reading import load_keep
from provision.safe import Safe
from provision.site.site import Site
from provision.vault import Kind as VaultKind
from provision.vault import OpenVault


class NothingToWipe(ProvisionError):
    """Nothing of the day may be removed now."""

    code = "nothing-to-wipe"
    remedy = N_("'provision wipe' says from when on; the days are in procedure.yaml (keep).")


class Sort(StrEnum):
    """What is removed, each with its time to be kept."""

    MATERIALS = "materials"
    PRINTS = "prints"
    MARKS = "marks"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing: a file, or an item of the vault (``item``, then ``path`` is the vault's folder). ``due`` is
    the first day on which it may be removed."""

    sort: Sort
    path: Path
    due: dt.date
    item: str = ""


@dataclass(frozen=True, slots=True)
class Wiping:
    """What would be removed on a day: ``due`` now, ``later`` then; ``locked``: downloads of the day in the
    vault, which is not open."""

    date: dt.date
    due: tuple[Target, ...]
    later: tuple[Target, ...]
    locked: int


@dataclass(frozen=True, slots=True)
class Wiped:
    """What was removed. ``stayed`` are files that another name leads to, or that could not be removed."""

    removed: int
    bytes: int
    stayed: tuple[Path, ...]


def plan(site: Site, ledger: Ledger, date: dt.date, today: dt.date, vault: OpenVault | None) -> Wiping:
    """What of the exam day ``date`` may be removed, and when. Removes nothing."""
    keep = load_keep(site.root)
    days = {
        Sort.MATERIALS: keep.materials,
        Sort.PRINTS: keep.prints,
        Sort.MARKS: keep.marks,
        Sort.ANSWERS: keep.answers,
    }
    found = [
        Target(sort, path, date + dt.timedelta(days=days[sort]), item)
        for sort, path, item in _targets(site, ledger, date, vault)
    ]
    kept = _in_vault(site, ledger, date) | _answers_in_vault(site, ledger, date)
    return Wiping(
        date,
        tuple(one for one in found if one.due <= today),
        tuple(one for one in found if one.due > today),
        len(kept) if vault is None else 0,
    )


def _targets(
    site: Site, ledger: Ledger, date: dt.date, vault: OpenVault | None
) -> Iterator[tuple[Sort, Path, str]]:
    yield from _files_of(site, ledger, date)
    if vault is not None:
        hashes = _in_vault(site, ledger, date)
        answers = tuple(f"{ANSWERS}/{folder_name(room)}/" for room in _rooms(site, date))
        for item in vault.items():
            if item.kind is VaultKind.ANSWERS and item.name.startswith(answers):
                yield Sort.ANSWERS, vault.folder, item.id
            elif item.sha256 in hashes or item.name.startswith(f"day/{date}/inbox/"):
                yield Sort.MATERIALS, vault.folder, item.id


def _files_of(site: Site, ledger: Ledger, date: dt.date) -> Iterator[tuple[Sort, Path, str]]:
    ids = {exam.id for exam in site.inventory.exams if exam.date == date}
    over = {exam.id for exam in site.inventory.exams if exam.date <= date}
    for one in catalogue(site.inbox, site.inventory, bindings.recorded(ledger)).arrivals:
        if ids & set(one.exams) and set(one.exams) <= over:  # what a later day needs stays for that day
            yield Sort.MATERIALS, one.path, ""
    prints = [path for path in _files(site.out) if ids & {*path.relative_to(site.out).parts}]
    yield from ((Sort.PRINTS, path, "") for path in prints)
    marks = [path for path in _files(site.state / MARKS) if path.name.split(".")[0] in ids]
    yield from ((Sort.MARKS, path, "") for path in marks)
    for room in _rooms(site, date):
        for path in _files(kept_in(site, site.inventory.room(room))):
            yield Sort.ANSWERS, path, ""


def _rooms(site: Site, date: dt.date) -> list[str]:
    """The rooms whose answers are of that day: of its oral exams, unless a later day has one there."""
    oral = [exam for exam in site.inventory.exams if exam.oral]
    here = {room for exam in oral if exam.date == date for room in exam.rooms}
    return sorted(here - {room for exam in oral if exam.date > date for room in exam.rooms})


def _in_vault(site: Site, ledger: Ledger, date: dt.date) -> frozenset[str]:
    """The SHA-256 of the downloads of the day that are in the vault and that no later day needs."""
    over = {exam.id for exam in site.inventory.exams if exam.date <= date}
    ids = {exam.id for exam in site.inventory.exams if exam.date == date}
    return frozenset(
        one.sha256
        for one in arrivals.arrived(ledger)
        if one.where == arrivals.VAULT and ids & set(one.exams) and set(one.exams) <= over
    ) - _gone_before(ledger)


def _answers_in_vault(site: Site, ledger: Ledger, date: dt.date) -> frozenset[str]:
    """The SHA-256 of the collected answers of the day that are in the vault."""
    rooms = set(_rooms(site, date))
    events = ledger.events([VAULTED])
    found = (event.body["sha256"] for event in events if event.subject.rpartition("/")[0] in rooms)
    return frozenset(found) - _gone_before(ledger)


def _gone_before(ledger: Ledger) -> frozenset[str]:
    return frozenset(one for event in ledger.events([WIPED]) for one in event.body["vault"])


def _files(folder: Path) -> list[Path]:
    """Every file below, links themselves included, never what they lead to."""
    return sorted(
        Path(here) / name for here, _folders, names in os.walk(folder, followlinks=False) for name in names
    )


def wipe(
    board: Board,
    ledger: Ledger,
    wiping: Wiping,
    safe: Safe | None,
    vault: OpenVault | None,
    told: Callable[[Target], object],
) -> Wiped:
    """Remove what is due, and write down what was removed and which steps were proved until then.

    The steps are written down first, so that a run that is killed loses no proof; run again, it goes on.
    Raises NothingToWipe."""
    if not wiping.due:
        raise NothingToWipe(N_("nothing of {date} may be removed now"), date=wiping.date)
    proved = [name for name, fact in board.facts.items() if fact.level is Level.PROVED]
    _record(ledger, wiping.date, "begun", proved, (), Counter(), 0, 0)
    removed, size, stayed = Counter[str](), 0, list[Path]()
    hashes: list[str] = []
    for target in wiping.due:
        if target.item and safe is not None and vault is not None:
            item = vault.item(target.item)
            safe.remove(target.item)
            hashes.append(item.sha256)
            removed[target.sort.value] += 1
        else:
            length = gone(target.path)
            if length is None:
                stayed.append(target.path)
                continue
            removed[target.sort.value] += 1
            size += length
        told(target)
    _record(ledger, wiping.date, "done", proved, hashes, removed, size, len(stayed))
    return Wiped(sum(removed.values()), size, tuple(stayed))


def _record(
    ledger: Ledger,
    date: dt.date,
    phase: str,
    proved: Sequence[str],
    vault: Sequence[str],
    removed: Counter[str],
    size: int,
    stayed: int,
) -> None:
    body = {
        "phase": phase,
        "proved": list(proved),
        "vault": list(vault),
        "removed": dict(removed),
        "bytes": size,
        "stayed": stayed,
    }
    ledger.append(Draft(WIPED, str(date), body))
