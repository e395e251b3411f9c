"""The use case behind ``provision day``: one look at the site, and every step of the procedure in its row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from provision.errors import N_, Phrase, ProvisionError
from provision.forms.standing import statuses as form_statuses
from provision.ledger import Ledger
from provision.ledger.arrivals import arrived
from provision.ledger.people import refused
from provision.ledger.signoffs import Signoff, signoffs
from provision.rooms import Morning, Scope, next_day
from provision.runbook.board import Fact, Level, Row, rows
from provision.runbook.clock import Day, day_of
from provision.runbook.facts import AUDIT, INCIDENT, WIPED, Look, facts
from provision.runbook.formfacts import MARKS
from provision.runbook.model import Procedure
from provision.runbook.reading import load_procedure
from provision.site.model import Inventory
from provision.site.site import Site
from provision.status import status_of
from provision.survey import survey


class NoSuchDay(ProvisionError):
    """A day without an exam was named."""

    code = "no-such-day"
    remedy = N_("Name a day of inventory.yaml with --date, as 2027-04-15.")


class NoSuchMoment(ProvisionError):
    """A time that is none."""

    code = "no-such-moment"
    remedy = N_("Write it as 07:40, or with the day as 2027-04-14T16:00.")


@dataclass(frozen=True, slots=True)
class Board:
    """The procedure of one exam day as it was seen; ``at`` gives the rows of another moment without looking
    again."""

    site: Site
    procedure: Procedure
    day: Day
    facts: Mapping[str, Fact]
    signed: Mapping[str, Sequence[Signoff]]
    events: int
    last_hash: str
    wrong: Mapping[str, int] = field(default_factory=dict)
    """Subject of a signature -> how many wrong passphrases were typed for it."""

    def moment(self, text: str | None) -> dt.datetime:
        """The time now on the school's clock, or the one that was typed: 07:40 of the exam's day, or
        2027-04-14T16:00. Raises NoSuchMoment."""
        if text is None:
            return self.site.now()
        try:
            typed = text.strip().replace(" ", "T")
            full = typed if "T" in typed else f"{self.day.date}T{typed.zfill(5)}"
            return dt.datetime.fromisoformat(full).replace(tzinfo=self.day.zone)
        except ValueError:
            raise NoSuchMoment(N_("'{text}' is no time"), text=text[:40]) from None

    def at(self, now: dt.datetime) -> tuple[Row, ...]:
        """Every step as it stands at a moment."""
        return rows(self.procedure, self.day, self.facts, self.signed, now)


def chosen_day(inventory: Inventory, today: dt.date, named: dt.date | None = None) -> dt.date:
    """The exam day that is meant: the named one, else the next (today included), else the last. Raises
    NoSuchDay."""
    dates = sorted({exam.date for exam in inventory.exams})
    if named is not None and named not in dates:
        names = ", ".join(map(str, dates))
        raise NoSuchDay(
            N_("there is no exam on {name}; there are exams on: {names}"), name=named, names=names
        )
    return named or next_day(inventory, today) or dates[-1]


def board(site: Site, date: dt.date) -> Board:
    """Look at the site for one exam day. Raises what concerns the whole site: ProblemsError, LedgerDamaged,
    an unreadable inbox."""
    procedure = load_procedure(site.root)
    day = day_of(site, date)
    exams = tuple(exam for exam in site.inventory.exams if exam.date == date)
    chosen = frozenset(exam.id for exam in exams)
    found = survey(site, chosen)
    ledger = found.ledger
    everything = tuple(ledger.events())
    moments = (dt.datetime.fromisoformat(event.at) for event in everything)
    look = Look(
        day,
        exams,
        found.catalog,
        frozenset(found.presses),
        status_of(Morning(found, Scope(chosen))),
        form_statuses(site, ledger),
        arrived(ledger),
        tuple(event for event in everything if event.kind in {AUDIT, INCIDENT, MARKS, WIPED}),
        next((at for at in moments if at.astimezone(day.zone).date() == date), None),
        site.inventory.profile.lab.software is not None,
    )
    known = {**facts(procedure, look), **_before_wipe(look)}
    last = everything[-1].hash if everything else ""
    signed, wrong = signoffs(ledger), refused(ledger)
    ledger.close()  # whoever watches looks again and again
    return Board(site, procedure, day, known, signed, len(everything), last, wrong)


def unseen(site: Site, date: dt.date) -> Board:
    """The board of one exam day with its signatures alone: nothing is looked at or opened."""
    procedure = load_procedure(site.root)
    with closing(Ledger(site.state)) as ledger:
        return Board(site, procedure, day_of(site, date), {}, signoffs(ledger), 0, "")


def _before_wipe(look: Look) -> Mapping[str, Fact]:
    """What was proved when the day was wiped: the things that proved it are gone, the record is not."""
    found = [one for one in look.events if one.kind == WIPED and one.subject == str(look.day.date)]
    said = Phrase(N_("proved before the materials were removed"), {})
    return {name: Fact(Level.PROVED, said) for name in (found[-1].body.get("proved", ()) if found else ())}
