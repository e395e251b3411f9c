"""What lies in a site of each exam day, in the open and in the vault; and what belongs to none.

A day's are: downloads bound to its exams, prints in folders, filled forms, entered marks, collected answers.
What several days share belongs to the last of them. In the vault they are known by the record, which needs no
key; where the vault is open, by their names too.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from labcheck.naming import folder_name
from provision.answervault import KIND as VAULTED
from provision.forms.away import lying_of
from provision.forms.desk import found_file, mappings
from provision.forms.errors import FormRefused
from provision.forms.mapping import FOLDER as FORMS
from provision.forms.mapping import FormKind, FormMapping
from provision.forms.marks_store import FOLDER as MARKS
from provision.intake.catalog import catalogue
from provision.labexam import ANSWERS
from provision.ledger import Ledger, arrivals, bindings
from provision.ledger import forms as forms_log
from provision.site.site import Site
from provision.vault import Item, OpenVault, Vault
from provision.vault import Kind as VaultKind

EVIDENCE: Final = "evidence"
"""Recordings of the headsets' tests, in the site's state."""
_RECORD: Final = re.compile(r"day/[^/]+/(journal\.pdf|checklist\.pdf|ledger\.jsonl)")
"""The record of a day as it was handed over: never removed."""


class Sort(StrEnum):
    """What belongs to a day, each with its time to be kept."""

    MATERIALS = "materials"
    PRINTS = "prints"
    FORMS = "forms"
    MARKS = "marks"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Thing:
    """A file, or an item of the vault: then ``path`` is the vault's folder."""

    sort: Sort
    path: Path
    item: str = ""


@dataclass(frozen=True, slots=True)
class _Day:
    """The exams of one day, and those that are over when it is."""

    site: Site
    date: dt.date

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(exam.id for exam in self.site.inventory.exams if exam.date == self.date)

    def owns(self, exams: tuple[str, ...]) -> bool:
        """Whether what is of these exams is of this day: the last of theirs."""
        dates = {exam.id: exam.date for exam in self.site.inventory.exams}
        return max((dates[one] for one in exams if one in dates), default=None) == self.date

    def fills(self, form: FormMapping) -> bool:
        """Whether a form is of this day; one that names no exams is for all."""
        return self.owns(form.exams or tuple(exam.id for exam in self.site.inventory.exams))

    def rooms(self) -> list[str]:
        """The rooms whose answers are of that day: of its oral exams, unless a later day has one there."""
        oral = [exam for exam in self.site.inventory.exams if exam.oral]
        here = {room for exam in oral if exam.date == self.date for room in exam.rooms}
        return sorted(here - {room for exam in oral if exam.date > self.date for room in exam.rooms})


class Belongings:
    """One look at a site. ``vault`` is None where there is none; open, it is an OpenVault."""

    def __init__(self, site: Site, ledger: Ledger, vault: Vault | None) -> None:
        """Look. Raises ProblemsError for a mapping of a form that is wrong."""
        self._site, self._vault = site, vault
        self._arrivals = catalogue(site.inbox, site.inventory, bindings.recorded(ledger)).arrivals
        self._arrived = arrivals.arrived(ledger)
        self._forms = {mapping.key: mapping for mapping in mappings(site)}
        self._sealed_forms = [(one.form, item) for one in forms_log.recorded(ledger) for item in one.items]
        self._sealed_marks = [
            (event.subject, event.body.get("item", "")) for event in ledger.events([forms_log.MARKS_KIND])
        ]
        self._sealed_answers = [
            (event.subject.rpartition("/")[0], event.body["item"]) for event in ledger.events([VAULTED])
        ]
        self._present = frozenset(vault.ids()) if vault else frozenset()
        self._items: Mapping[str, Item] = (
            {item.id: item for item in vault.items()} if isinstance(vault, OpenVault) else {}
        )

    def of(self, date: dt.date) -> tuple[Thing, ...]:
        """What belongs to an exam day."""
        day = _Day(self._site, date)
        files = tuple(Thing(s, p) for p, s in {path: sort for sort, path in self._files(day)}.items())
        if self._vault is None:
            return files
        items = dict(sorted((item, sort) for sort, item in self._in_vault(day) if item in self._present))
        return files + tuple(Thing(sort, self._vault.folder, item) for item, sort in items.items())

    def unbound(self) -> tuple[Path, ...]:
        """Files of the site that belong to no exam day, where such things lie."""
        site, state = self._site, self._site.root / ".provision"
        bound = {thing.path for day in self._days() for thing in self.of(day) if not thing.item}
        tops = (site.inbox, site.out, *(state / name for name in (MARKS, ANSWERS, EVIDENCE)))
        return tuple(path for top in tops for path in files_below(top) if path not in bound)

    def unbound_items(self) -> tuple[str, ...]:
        """Items of the vault of which is not known that they belong to an exam day. Where it is open, without
        what belongs to none: people, logins, the record."""
        bound = {thing.item for day in self._days() for thing in self.of(day)}
        lasting = {
            item.id
            for item in self._items.values()
            if item.kind in {VaultKind.PEOPLE, VaultKind.LOGIN} or _RECORD.fullmatch(item.name)
        }
        return tuple(sorted(self._present - bound - lasting))

    def _days(self) -> list[dt.date]:
        return sorted({exam.date for exam in self._site.inventory.exams})

    def _files(self, day: _Day) -> Iterator[tuple[Sort, Path]]:
        site = self._site
        for arrival in self._arrivals:
            if day.owns(arrival.exams):
                yield Sort.MATERIALS, arrival.path
        for path in files_below(site.out):
            if day.ids & {*path.relative_to(site.out).parts}:
                yield Sort.PRINTS, path
        yield from ((Sort.FORMS, path) for path in self._form_files(day))
        for path in files_below(site.state / MARKS):
            if path.name.split(".")[0] in day.ids:
                yield Sort.MARKS, path
        for room in day.rooms():
            for path in files_below(site.state / ANSWERS / folder_name(room)):
                yield Sort.ANSWERS, path

    def _form_files(self, day: _Day) -> Iterator[Path]:
        for mapping in self._forms.values():
            if not day.fills(mapping):
                continue
            try:
                source = found_file(self._site, mapping)
            except FormRefused:  # several could be it: then by its mapping
                source = None
            yield from lying_of(self._site, mapping, source)
            if source is not None and mapping.kind is FormKind.RESULTS:  # it may have come with codes
                yield source

    def _in_vault(self, day: _Day) -> Iterator[tuple[Sort, str]]:
        rooms = day.rooms()
        yield from ((Sort.ANSWERS, item) for room, item in self._sealed_answers if room in rooms)
        yield from ((Sort.MARKS, item) for exam, item in self._sealed_marks if exam in day.ids)
        forms = {key for key, mapping in self._forms.items() if day.fills(mapping)}
        yield from ((Sort.FORMS, item) for form, item in self._sealed_forms if form in forms)
        yield from ((Sort.MATERIALS, one.item) for one in self._arrived if day.owns(one.exams))
        names = {
            Sort.ANSWERS: tuple(f"{ANSWERS}/{folder_name(room)}/" for room in rooms),
            Sort.MARKS: tuple(f"{MARKS}/{exam}." for exam in day.ids),
            Sort.FORMS: tuple(f"{FORMS}/{key}/" for key in forms),
            Sort.MATERIALS: (f"day/{day.date}/inbox/",),
        }
        for known in self._items.values():
            yield from ((sort, known.id) for sort, tops in names.items() if known.name.startswith(tops))


def files_below(folder: Path) -> list[Path]:
    """Every file below, links themselves included, never what they lead to."""
    return sorted(
        Path(here) / name for here, _folders, names in os.walk(folder, followlinks=False) for name in names
    )
