"""Spoiled sheets and what replaces them: found by the kit's number, recorded before anything is printed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from provision.copies import Order, Spoil, draft
from provision.errors import N_, ProvisionError
from provision.plan.model import Place, RoomPlan
from provision.rooms import Morning
from provision.work import Item


class NoSuchKit(ProvisionError):
    """The number names no kit, or no page of one."""

    code = "no-such-kit"
    remedy = N_(
        "Read number and page from the stamp (204-07), and say the day with --date if it is not today."
    )


class KitAmbiguous(ProvisionError):
    """Exams at different times have kits of the same number."""

    code = "kit-ambiguous"
    remedy = N_("Say which exam is meant with --exam.")


class KitNotPrinted(ProvisionError):
    """What is not known to be on paper can be neither spoiled nor replaced."""

    code = "kit-not-printed"
    remedy = N_(
        "If its fate is unknown: 'provision resolve' first, with --printed when a sheet of it came out; what "
        "is missing is then spoiled. Else 'provision rooms' prints it."
    )


class NothingSpoiled(ProvisionError):
    """An additional print replaces spoiled sheets only."""

    code = "nothing-spoiled"
    remedy = N_("Say what happened with --reason (and --pages, if not the whole kit).")


@dataclass(frozen=True, slots=True)
class Target:
    """One kit of the plan."""

    room: RoomPlan
    place: Place

    @property
    def key(self) -> tuple[str, str, str]:
        """Exam, room and number, as a copy book names kits."""
        return self.room.exam.id, self.room.room, self.place.number

    @property
    def pages(self) -> int:
        """Pages of the whole kit."""
        return self.room.pages[self.place.kit.variant]


def find(morning: Morning, number: str) -> Target:
    """The kit that people call ``number``. Raises NoSuchKit, KitAmbiguous."""
    wanted = number.strip().casefold()
    found = [
        Target(room, place)
        for plan in morning.plans
        for room in plan.rooms
        if morning.scope.has(room)
        for place in room.kits
        if place.number.casefold() == wanted
    ]
    if not found:
        raise NoSuchKit(N_("there is no kit {number} in the plan"), number=number)
    if len(found) > 1:
        exams = ", ".join(target.room.exam.id for target in found)
        raise KitAmbiguous(N_("kit {number} is in several exams: {exams}"), number=number, exams=exams)
    return found[0]


def spoil(morning: Morning, number: str, pages: Collection[int], reason: str, who: str) -> Spoil | None:
    """Record ``pages`` of a kit (none: all) as spoiled; None when they were noted already.

    Raises NoSuchKit, KitAmbiguous, KitNotPrinted.
    """
    target = find(morning, number)
    event = _spoil(morning, target, pages or range(1, target.pages + 1), reason, who)
    if event is not None:
        _record(morning, [event])
    return event


@dataclass(frozen=True, slots=True)
class Ordered:
    """What came of an order: nothing new when an earlier one was still to be printed. ``works`` are the
    keys of all additional prints of the kit that are to be sent."""

    target: Target
    events: tuple[Spoil | Order, ...]
    works: frozenset[str]


def order(
    morning: Morning,
    number: str,
    pages: Collection[int],
    reason: str | None,
    who: str,
    authorise: Callable[[Order], str],
) -> Ordered:
    """Record an additional print of ``pages`` of a kit (none: all that are spoiled); with a ``reason`` they
    are spoiled by the same word. ``authorise`` returns the second person, "" where none is asked for.

    Raises NoSuchKit, KitAmbiguous, KitNotPrinted, NothingSpoiled, and what ``authorise`` raises; nothing is
    recorded then.
    """
    target = find(morning, number)
    noted = dict(morning.survey.copies.spoiled(*target.key))
    wanted = frozenset(pages or noted)
    _check_pages(target, wanted)
    works = _open_works(morning, target)
    if works and wanted <= _open_pages(morning, target) and not wanted & set(noted):
        return Ordered(target, (), works)
    events: list[Spoil | Order] = []
    if reason is not None:
        wanted = wanted or frozenset(range(1, target.pages + 1))
        if (spoiled := _spoil(morning, target, wanted, reason, who)) is not None:
            events.append(spoiled)
            noted |= dict.fromkeys(spoiled.pages, spoiled)
    event = _order(morning, target, wanted, noted, who)
    events.append(replace(event, authorised_by=authorise(event)))
    _record(morning, events)
    return Ordered(target, tuple(events), _open_works(morning, target))


def _order(
    morning: Morning, target: Target, wanted: Collection[int], noted: Mapping[int, Spoil], who: str
) -> Order:
    if not wanted:
        raise NothingSpoiled(N_("no page of kit {number} is noted as spoiled"), number=target.place.number)
    if sound := sorted(set(wanted) - set(noted)):
        raise NothingSpoiled(
            N_("kit {number}: not noted as spoiled: page {pages}"),
            number=target.place.number,
            pages=", ".join(map(str, sound)),
        )
    pages = tuple(sorted(wanted))
    copy = morning.survey.copies.next_copy(*target.key, pages)
    return Order(*target.key, pages, copy, noted[pages[0]].reason, who)


def _spoil(morning: Morning, target: Target, pages: Collection[int], reason: str, who: str) -> Spoil | None:
    _check_pages(target, pages)
    book = morning.survey.copies
    new = sorted(set(pages) - set(book.spoiled(*target.key)))
    if not new:
        return None
    if not morning.work(target.room).on_paper(target.place.number) >= set(new):
        raise KitNotPrinted(N_("kit {number} is not known to be on paper"), number=target.place.number)
    copy = max(book.current(*target.key, page) for page in new)
    return Spoil(*target.key, tuple(new), copy, reason, who)


def _check_pages(target: Target, pages: Collection[int]) -> None:
    for page in sorted(pages):
        if not 1 <= page <= target.pages:
            raise NoSuchKit(
                N_("kit {number} has {pages} pages, and no page {page}"),
                number=target.place.number,
                pages=target.pages,
                page=page,
            )


def _record(morning: Morning, events: Sequence[Spoil | Order]) -> None:
    """Write events to the ledger, all or none, and take them into account."""
    morning.survey.ledger.append(*map(draft, events))
    for event in events:
        morning.survey.copies.note(event)


def _open_items(morning: Morning, target: Target) -> list[Item]:
    items = morning.work(target.room).copy_items()
    return [item for item in items if item.places[0].number == target.place.number]


def _open_works(morning: Morning, target: Target) -> frozenset[str]:
    return frozenset(item.key for item in _open_items(morning, target))


def _open_pages(morning: Morning, target: Target) -> frozenset[int]:
    return frozenset(page for item in _open_items(morning, target) for page in item.places[0].kit.pages)
