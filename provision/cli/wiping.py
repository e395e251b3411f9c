"""What ``provision wipe`` shows before it removes anything."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from provision.belongings import Sort
from provision.cli.scope import NoSuchThing
from provision.cli.vault_common import opened
from provision.errors import N_
from provision.ledger import Ledger
from provision.locale import gettext as _
from provision.runbook.look import NoSuchDay, chosen_day
from provision.safe import Safe
from provision.site.site import Site
from provision.vault import Vault, unlocked
from provision.vault.errors import NoVault, VaultLocked
from provision.wipe import Target, Wiping

SORT_WORDS = {
    Sort.MATERIALS: N_("downloads"),
    Sort.PRINTS: N_("prints in folders"),
    Sort.FORMS: N_("filled forms"),
    Sort.MARKS: N_("entered marks"),
    Sort.ANSWERS: N_("collected answers"),
}


def past_day(site: Site, text: str | None) -> dt.date:
    """The exam day that was typed, or the last one that is over. Raises NoSuchThing, NoSuchDay."""
    today = site.now().date()
    if text is not None:
        try:
            return chosen_day(site.inventory, today, dt.date.fromisoformat(text))
        except ValueError:
            raise NoSuchThing(N_("'{name}' is no date; write it as 2027-04-15"), name=text) from None
    over = [exam.date for exam in site.inventory.exams if exam.date < today]
    if not over:
        raise NoSuchDay(N_("no exam day is over yet"))
    return max(over)


def vault_of(site: Site, ledger: Ledger, role: str) -> tuple[Safe | None, Vault | None]:
    """The site's vault, if there is one: open, if it is unlocked or somebody types the passphrase."""
    try:
        safe = Safe.of(site, ledger)
    except NoVault:
        return None, None
    if sys.stdin.isatty():
        with contextlib.suppress(VaultLocked):
            return safe, opened(safe, role)
    return safe, unlocked.remembered(safe.vault) or safe.vault


def plan_lines(found: Wiping) -> Iterator[str]:
    """What goes now, what later, and what cannot be seen."""
    yield _("Exam day {date:%d.%m.%Y}").format(date=found.date)
    for sort, count in Counter(one.thing.sort for one in found.due).items():
        yield _("  to be removed now: {what}: {count}").format(what=_(SORT_WORDS[sort]), count=count)
    for (sort, due), count in sorted(_later(found.later).items()):
        words = {"what": _(SORT_WORDS[sort]), "count": count, "due": due}
        yield _("  kept until {due:%d.%m.%Y}: {what}: {count}").format(**words)
    yield from _unbound_lines(found)


_SHOWN = 20


def _unbound_lines(found: Wiping) -> Iterator[str]:
    """What stays because nobody said whose it is."""
    if found.unbound:
        yield _("Stays, because it belongs to no exam day: {count} files").format(count=len(found.unbound))
        yield from (f"  {path}" for path in found.unbound[:_SHOWN])
        if len(found.unbound) > _SHOWN:
            yield "  " + _("… and {count} more").format(count=len(found.unbound) - _SHOWN)
    if found.unbound_items and found.locked:
        words = _("The vault is locked: {count} of its items may be of this day (provision vault unlock)")
        yield words.format(count=found.unbound_items)
    elif found.unbound_items:
        words = _("Stays in the vault, because it belongs to no exam day: {count} (provision vault list)")
        yield words.format(count=found.unbound_items)


def _later(targets: tuple[Target, ...]) -> Counter[tuple[Sort, dt.date]]:
    return Counter((one.thing.sort, one.due) for one in targets)


def plan_json(found: Wiping) -> dict[str, Any]:
    """The same as data; kinds and counts, no names of files."""
    return {
        "date": str(found.date),
        "due": {sort.value: count for sort, count in Counter(one.thing.sort for one in found.due).items()},
        "later": [
            {"sort": sort.value, "due": str(due), "count": count}
            for (sort, due), count in sorted(_later(found.later).items())
        ],
        "unbound": len(found.unbound),
        "unbound_items": found.unbound_items,
        "locked": found.locked,
    }
