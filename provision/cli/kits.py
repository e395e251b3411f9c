"""What the commands about single kits share: page numbers as typed, who is at work, an order before a run."""

from __future__ import annotations

import getpass
import re
from collections.abc import Sequence

import click

from provision.cli.common import warn
from provision.copies import Order
from provision.errors import N_
from provision.locale import gettext as _
from provision.reprint import order
from provision.rooms import Morning, Scope
from provision.second_person import SecondPersonMissing, authorise, second_person
from provision.secret import Secret
from provision.spoilage import reason_of

_RANGE = re.compile(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?")


def pages_of(texts: Sequence[str]) -> frozenset[int]:
    """The pages of ``--page 3 --page 5``, ``--pages 3,5`` or ``3-5``."""
    pages: set[int] = set()
    for text in texts:
        for part in text.split(","):
            found = _RANGE.fullmatch(part.strip())
            if found is None:
                raise click.BadParameter(_("write page numbers as 3 or 3,5 or 3-5"), param_hint="--page")
            pages |= set(range(int(found[1]), int(found[2] or found[1]) + 1))
    return frozenset(pages)


def staff(who: str | None) -> str:
    """The staff member to be recorded: as named, else the computer's user."""
    return " ".join((who or "").split()) or getpass.getuser()


def ordered_morning(
    morning: Morning, kit: str, pages: frozenset[int], reason: str | None, who: str
) -> Morning:
    """Order the additional print; the morning returned is narrowed to this kit's copies."""
    recorded = reason_of(reason, morning.survey.site.roster) if reason is not None else None
    done = order(morning, kit, pages, recorded, who, lambda event: _authorised(morning, event))
    for event in done.events:
        if isinstance(event, Order):
            _announce(event)
    room = done.target.room
    return Morning(morning.survey, Scope(frozenset({room.exam.id}), frozenset({room.room}), works=done.works))


def _announce(event: Order) -> None:
    listed = ", ".join(map(str, event.pages))
    words = _("Kit {kit}, pages {pages}: copy {copy} is ordered. Earlier sheets of these pages are void.")
    warn(words.format(kit=event.kit, pages=listed, copy=event.copy))
    warn(_("Take the earlier sheets out of the bundle and keep them apart."))


def _authorised(morning: Morning, event: Order) -> str:
    """The second person's name, once the passphrase is right; "" where the profile asks for none."""
    if not morning.survey.site.inventory.profile.second_person_for_reprint:
        return ""
    person = second_person(morning.survey.site.state)
    if person is None:
        raise SecondPersonMissing(N_("no second person has set a passphrase yet"))
    words = _("Additional print of kit {kit}, pages {pages}: to be confirmed by {who}.")
    warn(words.format(kit=event.kit, pages=", ".join(map(str, event.pages)), who=person.who))
    return authorise(person, typed_passphrase)


def typed_passphrase() -> Secret:
    """The second person's, typed without showing."""
    return Secret(click.prompt(_("Passphrase of the second person"), hide_input=True, err=True))
