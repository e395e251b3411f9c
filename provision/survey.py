"""One look at the whole site: what is here, what must be, what was done. Everything shown starts here.

Opens what the inbox holds, in memory only; a material that cannot be used stops its exam and no other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from printing.errors import PrintingError
from provision.copies import CopyBook, copies
from provision.errors import N_, Phrase, ProvisionError
from provision.intake.catalog import archive_of, catalogue, read_tasks
from provision.intake.codes import entries_for, read_codes
from provision.intake.model import Catalog, CodeEntry, CodeList, Kind
from provision.intake.variants import sources, variants
from provision.ledger import Ledger, LedgerJournal, Refs, assignments, bindings
from provision.plan import ListedCode, Materials, Plan, Pupil, Request, make_plan
from provision.secret import Secret
from provision.site.model import Exam, Inventory, Seating
from provision.site.seating import read_seating_list
from provision.site.site import Site
from provision.work import attempted_kits

if TYPE_CHECKING:  # takes long to import
    from provision.press import Press


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an exam's materials cannot be used. English template, cure, parameters; ``code`` is the error's."""

    code: str
    template: str
    cure: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Survey:
    """What one look found. ``presses`` are the opened variants of the exams looked into, ready to be
    printed; ``troubles`` say why an exam has none."""

    site: Site
    ledger: Ledger
    journal: LedgerJournal
    copies: CopyBook
    catalog: Catalog
    plan: Plan
    presses: Mapping[str, Press] = field(repr=False)
    troubles: Mapping[str, tuple[Trouble, ...]]

    @property
    def exams(self) -> tuple[Exam, ...]:
        """The exams looked into, in the order of the day."""
        chosen = [e for e in self.site.inventory.exams if e.id in self.troubles]
        return tuple(sorted(chosen, key=lambda e: (e.date, e.start, e.part, e.id)))


def survey(site: Site, exams: Collection[str], ciphers: Sequence[Secret] = ()) -> Survey:
    """Look at the site, opening the materials of ``exams`` (ids). ``ciphers`` are those typed by hand.

    Raises what concerns the whole site (LedgerDamaged, unreadable inbox); what concerns one exam is in the
    result.
    """
    ledger = Ledger(site.state)
    ledger.verify()
    record = assignments.recorded(ledger)
    refs = Refs.of_site(site.state, fresh=not record)
    journal = LedgerJournal(ledger)
    catalog = catalogue(site.inbox, site.inventory, bindings.recorded(ledger), ciphers)
    seed = assignments.seed(ledger)
    presses: dict[str, Press] = {}
    troubles: dict[str, tuple[Trouble, ...]] = {}
    materials: dict[str, Materials] = {}
    lists = _CodeLists(site.inventory.profile.code_pattern)
    archives = _Archives(site.inventory, catalog, seed, ciphers)
    for exam in site.inventory.exams:
        opened = _Opened(exam, catalog, refs, lists)
        if exam.id in exams:
            opened.open_variants(archives)
            troubles[exam.id] = tuple(opened.troubles)
            if opened.press is not None:
                presses[exam.id] = opened.press
        if opened.codes:
            pages = opened.pages if not opened.troubles else None
            materials[exam.id] = Materials(opened.codes, pages, opened.sources)
    request = Request(
        inventory=site.inventory,
        pupils=_pupils(site, refs),
        materials=materials,
        record=record,
        attempted=attempted_kits(journal.entries()),
        seed=seed,
        seating_list=_seating_list(site),
    )
    plan = make_plan(request)
    return Survey(site, ledger, journal, copies(ledger), catalog, plan, presses, troubles)


class _CodeLists:
    """Lists of codes, each read once however many exams it is for."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._read: dict[Path, CodeList | ProvisionError] = {}

    def of(self, path: Path) -> CodeList:
        if path not in self._read:
            try:
                self._read[path] = read_codes(path, self._pattern)
            except ProvisionError as error:
                self._read[path] = error
        found = self._read[path]
        if isinstance(found, ProvisionError):
            raise found
        return found


class _Archives:
    """Variants in task archives, each opened once however many exams have them."""

    def __init__(self, inventory: Inventory, catalog: Catalog, seed: int, ciphers: Sequence[Secret]) -> None:
        self._inventory, self._catalog, self._seed, self._ciphers = inventory, catalog, seed, ciphers
        self._opened: dict[object, tuple[Press, Mapping[str, str]] | ProvisionError | PrintingError] = {}

    def of(self, exam: Exam) -> tuple[Press, Mapping[str, str]]:
        """The exam's press, and what its variants were made from. Raises why there is none."""
        arrival = archive_of(self._catalog, exam.id)
        key = (arrival.path, arrival.members.get(exam.id))
        if key not in self._opened:
            try:
                self._opened[key] = self._open(exam)
            except (ProvisionError, PrintingError) as error:
                self._opened[key] = error
        found = self._opened[key]
        if isinstance(found, Exception):
            raise found
        press, made_from = found
        return press.for_exam(exam), made_from

    def _open(self, exam: Exam) -> tuple[Press, Mapping[str, str]]:
        from provision.press import Press  # noqa: PLC0415 - not before there is something to open

        members = read_tasks(self._catalog, exam.id, self._ciphers)
        return Press(variants(members), self._inventory, exam, self._seed), sources(members)


class _Opened:
    """What could be opened of one exam's materials."""

    def __init__(self, exam: Exam, catalog: Catalog, refs: Refs, lists: _CodeLists) -> None:
        self.exam, self.catalog = exam, catalog
        self.troubles: list[Trouble] = []
        self.press: Press | None = None
        self.pages: Mapping[str, int] | None = None
        self.sources: Mapping[str, str] = {}
        self.codes = self._codes(refs, lists)

    def _codes(self, refs: Refs, known: _CodeLists) -> tuple[ListedCode, ...]:
        lists: list[CodeList] = []
        for arrival in self.catalog.of(self.exam.id, Kind.CODES):
            try:
                lists.append(known.of(arrival.path))
            except ProvisionError as error:
                self._trouble(error)
        if not lists and not self.troubles:
            self.troubles.append(_MISSING_CODES)
        return tuple(
            ListedCode(refs.code(entry.code), entry.code, _place(found, entry))
            for found in lists
            for entry in entries_for(found, self.exam)
        )

    def open_variants(self, archives: _Archives) -> None:
        if self.exam.oral:
            self.pages = {}
            return
        try:
            self.press, self.sources = archives.of(self.exam)
            self.pages = self.press.pages
        except (ProvisionError, PrintingError) as error:
            self._trouble(error)

    def _trouble(self, error: ProvisionError | PrintingError) -> None:
        self.troubles.append(Trouble(error.code, error.template, error.remedy, error.params))


def _place(found: CodeList, entry: CodeEntry) -> Phrase:
    return Phrase("{file}, {place}", {"file": found.source.name, "place": entry.place})


def _pupils(site: Site, refs: Refs) -> dict[str, tuple[Pupil, ...]]:
    by_class: dict[str, list[Pupil]] = {}
    for one in site.roster.participants:
        pupil = Pupil(
            ref=refs.pupil(one.class_name, one.name.reveal()),
            class_name=one.class_name,
            name=one.name,
            row=one.row,
            room=one.room,
            seat=one.seat,
            code=one.code,
            large_print=one.large_print,
            absent=one.absent,
        )
        by_class.setdefault(one.class_name, []).append(pupil)
    return {name: tuple(pupils) for name, pupils in by_class.items()}


def _seating_list(site: Site) -> Mapping[tuple[str, str], str]:
    profile = site.inventory.profile
    if profile.seating is not Seating.LIST or profile.seating_list is None:
        return {}
    return read_seating_list(Path(site.root / profile.seating_list))


_MISSING_CODES = Trouble(
    "codes-missing",
    N_("the list of participant codes is not in the inbox"),
    N_("Download it and put it into the inbox; see 'provision intake'."),
    {},
)
