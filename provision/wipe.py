"""The end of an exam day: what need not be kept any more is removed, with proof, and written down.

Removed is what :mod:`provision.belongings` says to be of the day, never the record. A file is gone when
nothing names it any more; what a disk keeps beneath its file system is not ours to know, which is why disks
are encrypted (``provision audit``).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.belongings import Belongings, Sort, Thing
from provision.errors import N_, ProvisionError
from provision.gone import gone
from provision.labexam import ANSWERS
from provision.ledger import Draft, Ledger
from provision.runbook.board import Level
from provision.runbook.facts import WIPED
from provision.runbook.look import Board
from provision.runbook.reading import load_keep
from provision.safe import Safe
from provision.site.site import Site
from provision.vault import OpenVault, Vault
from provision.vault.errors import NoSuchItem


class NothingToWipe(ProvisionError):
    """Nothing of the day may be removed now."""

    code = "nothing-to-wipe"
    remedy = N_("'provision wipe' says from when on; the days are in procedure.yaml (keep).")


@dataclass(frozen=True, slots=True)
class Target:
    """One thing, and the first day on which it may be removed."""

    thing: Thing
    due: dt.date


@dataclass(frozen=True, slots=True)
class Wiping:
    """What would be removed on a day: ``due`` now, ``later`` then. ``unbound`` are files that belong to no
    exam day, ``unbound_items`` such items of the vault; ``locked``: it is closed, and they may be of the
    day."""

    date: dt.date
    due: tuple[Target, ...]
    later: tuple[Target, ...]
    unbound: tuple[Path, ...] = ()
    unbound_items: int = 0
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Wiped:
    """What was removed. ``stayed`` are files that another name leads to, or that could not be removed."""

    removed: int
    bytes: int
    stayed: tuple[Path, ...]


def plan(site: Site, ledger: Ledger, date: dt.date, today: dt.date, vault: Vault | None) -> Wiping:
    """What of the exam day ``date`` may be removed, and when; and what no day has. Removes nothing."""
    keep = load_keep(site.root)
    days = {
        Sort.MATERIALS: keep.materials,
        Sort.PRINTS: keep.prints,
        Sort.FORMS: keep.marks,
        Sort.MARKS: keep.marks,
        Sort.ANSWERS: keep.answers,
    }
    look = Belongings(site, ledger, vault)
    found = [Target(thing, date + dt.timedelta(days=days[thing.sort])) for thing in look.of(date)]
    return Wiping(
        date,
        tuple(one for one in found if one.due <= today),
        tuple(one for one in found if one.due > today),
        look.unbound(),
        len(look.unbound_items()),
        locked=vault is not None and not isinstance(vault, OpenVault),
    )


def wipe(
    board: Board,
    ledger: Ledger,
    wiping: Wiping,
    safe: Safe | None,
    told: Callable[[Target], object],
) -> Wiped:
    """Remove what is due, and write down what was removed and which steps were proved until then.

    The steps are written down first, so that a run that is killed loses no proof; run again, it goes on.
    Raises NothingToWipe."""
    if not wiping.due:
        raise NothingToWipe(N_("nothing of {date} may be removed now"), date=wiping.date)
    proved = [name for name, fact in board.facts.items() if fact.level is Level.PROVED]
    done = Wiped(0, 0, ())
    _record(ledger, wiping, "begun", proved, Counter(), done)
    removed, stayed = Counter[str](), list[Path]()
    for target in wiping.due:
        length = _removed(target.thing, safe)
        if length is None:
            stayed.append(target.thing.path)
            continue
        removed[target.thing.sort.value] += 1
        done = Wiped(done.removed + 1, done.bytes + length, tuple(stayed))
        told(target)
    _clear_folders(board.site)
    done = Wiped(done.removed, done.bytes, tuple(stayed))
    _record(ledger, wiping, "done", proved, removed, done)
    return done


def _removed(thing: Thing, safe: Safe | None) -> int | None:
    """Its length, when nothing names it any more. Bytes of an item are of its encrypted file."""
    if not thing.item:
        return gone(thing.path)
    if safe is None:
        return None
    try:
        size = safe.vault.sealed(thing.item).size
        safe.remove(thing.item)
    except (OSError, NoSuchItem):
        return None
    return None if thing.item in safe.vault.ids() else size


def _clear_folders(site: Site) -> None:
    """The folders that were left empty: their names tell of rooms, exams and seats."""
    for top in (site.out, site.state / ANSWERS):
        for here, _folders, _names in os.walk(top, topdown=False, followlinks=False):
            if Path(here) != top:
                with contextlib.suppress(OSError):  # it is not empty
                    Path(here).rmdir()


def _record(
    ledger: Ledger, wiping: Wiping, phase: str, proved: Sequence[str], removed: Counter[str], done: Wiped
) -> None:
    """Kinds and counts, no names. ``stayed``: with what a closed vault may hold of the day."""
    body = {
        "phase": phase,
        "proved": list(proved),
        "removed": dict(removed),
        "bytes": done.bytes,
        "stayed": len(done.stayed) + (wiping.unbound_items if wiping.locked else 0),
        "later": len(wiping.later),
    }
    ledger.append(Draft(WIPED, str(wiping.date), body))
