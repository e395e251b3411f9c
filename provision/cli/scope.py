"""Which exams and rooms a command means, checked before anything is opened."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from provision.errors import N_, ProvisionError
from provision.intake.errors import CipherNeeded
from provision.locale import gettext as _
from provision.rooms import Morning, Scope, exams_of, next_day
from provision.secret import Secret
from provision.site.model import Inventory
from provision.site.names import normal_class
from provision.site.site import Site, open_site
from provision.survey import survey
from provision.work import What


class NoExamDay(ProvisionError):
    """No exam from today on, and none was named."""

    code = "no-exam-day"
    remedy = N_("Name a day with --date (or --date all), or an exam with --exam.")


class NoSuchThing(ProvisionError):
    """A command names an exam, room or subject that the inventory does not have."""

    code = "no-such-thing"
    remedy = N_("See inventory.yaml for the names.")


def open_morning(
    folder: Path,
    exams: Sequence[str],
    rooms: Sequence[str],
    date: str | None,
    *,
    ask_cipher: bool = False,
    what: frozenset[What] = frozenset(What),
) -> Morning:
    """Open the site and look at what the command means."""
    site = open_site(folder)
    inventory = site.inventory
    for name in exams:
        _known(name, [exam.id for exam in inventory.exams], N_("there is no exam {name}; there are: {names}"))
    for name in rooms:
        _known(
            name, [room.number for room in inventory.rooms], N_("there is no room {name}; there are: {names}")
        )
    chosen = exams_of(inventory, exams, _day(site, date) if not exams else None)
    if rooms:
        chosen = _in_rooms(inventory, chosen, rooms)
    ciphers = typed_ciphers() if ask_cipher else []
    scope = Scope(chosen, frozenset(rooms) or None, what)
    return Morning(survey(site, chosen, ciphers), scope)


def exams_of_subject(folder: Path, subject: str, class_name: str | None) -> tuple[str, ...]:
    """Ids of the exams whose subject begins so, of the class if one is given."""
    inventory = open_site(folder).inventory
    wanted = normal_class(class_name) if class_name is not None else None
    found = tuple(
        exam.id
        for exam in inventory.exams
        if exam.subject.casefold().startswith(subject.casefold()) and wanted in {None, exam.class_name}
    )
    if not found:
        names = ", ".join(sorted({f"{exam.subject} {exam.class_name}" for exam in inventory.exams}))
        name = f"{subject} {class_name or ''}".strip()
        raise NoSuchThing(N_("there is no exam {name}; there are: {names}"), name=name, names=names)
    return found


def exam_in_room(folder: Path, exam: str | None, room: str, date: str | None) -> str:
    """The exam that is meant by a room and a day (None: the next), unless it is named."""
    site = open_site(folder)
    inventory = site.inventory
    _known(room, [one.number for one in inventory.rooms], N_("there is no room {name}; there are: {names}"))
    if exam is not None:
        _known(exam, [one.id for one in inventory.exams], N_("there is no exam {name}; there are: {names}"))
        return exam
    day = exams_of(inventory, (), _day(site, date))
    here = [one.id for one in inventory.exams if one.id in day and room in one.rooms]
    if not here:
        raise NoSuchThing(N_("no exam of that day is in room {name}"), name=room)
    if len(here) > 1:
        raise click.UsageError(
            _("Room {room} has several exams; say --exam: {exams}").format(room=room, exams=", ".join(here))
        )
    return here[0]


def kinds_of(text: str) -> frozenset[What]:
    """The kinds of document of ``--what``: names with commas, or "all"."""
    if text == "all":
        return frozenset(What)
    names = [name.strip() for name in text.split(",")]
    for name in names:
        _known(name, list(What), N_("there is no document {name}; there are: {names}"))
    return frozenset(What(name) for name in names)


def _known(name: str, names: Sequence[str], template: str) -> None:
    if name not in names:
        raise NoSuchThing(template, name=name, names=", ".join(names))


def _in_rooms(inventory: Inventory, chosen: frozenset[str], rooms: Sequence[str]) -> frozenset[str]:
    """The exams of ``chosen`` that use one of the rooms."""
    exams = [exam for exam in inventory.exams if exam.id in chosen]
    found = frozenset(exam.id for exam in exams if set(exam.rooms) & set(rooms))
    if not found:
        raise NoSuchThing(
            N_("no exam that is meant is in room {name}; they are in: {names}"),
            name=", ".join(rooms),
            names=", ".join(sorted({room for exam in exams for room in exam.rooms})),
        )
    return found


def _day(site: Site, text: str | None) -> dt.date | None:
    """The day meant; None for all."""
    if text == "all":
        return None
    if text is not None:
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            raise NoSuchThing(N_("'{name}' is no date; write it as 2027-04-15"), name=text) from None
        _known(str(day), sorted({str(e.date) for e in site.inventory.exams}), _NO_DAY)
        return day
    found = next_day(site.inventory, site.now().date())
    if found is None:
        raise NoExamDay(N_("the inventory has no exam from today on"))
    return found


def typed_ciphers() -> list[Secret]:
    """The ciphers of the day's archives, typed without showing; where nobody can type, the lines of standard
    input. Raises CipherNeeded when there is none."""
    if sys.stdin.isatty():
        lines = [click.prompt(_("Cipher of the archive"), hide_input=True, err=True)]
        another = _("Another archive's cipher (Enter: no other)")
        while line := click.prompt(another, default="", hide_input=True, show_default=False, err=True):
            lines.append(line)
    else:
        lines = sys.stdin.read().splitlines()
    found = [Secret(line.strip()) for line in lines if line.strip()]
    if not found:
        raise CipherNeeded(N_("no cipher was typed, and none came by standard input"))
    return found


_NO_DAY = N_("there is no exam on {name}; there are exams on: {names}")
