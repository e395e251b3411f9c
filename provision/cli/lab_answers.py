"""What came of collecting answers: a table by pupil code of what is to be seen to, lines, and data."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from labcheck.answers import Fault, Problem, left_there
from labcheck.cleaning import clean
from labcheck.collect import State
from labcheck.errors import LabcheckError
from labcheck.naming import folder_name
from provision.answervault import FOLDER as ANSWERS
from provision.answervault import in_the_open
from provision.cli.common import fill
from provision.cli.lab_tables import trouble
from provision.cli.screen import table
from provision.errors import N_, ProvisionError
from provision.labanswers import Outcome, faults
from provision.locale import gettext as _
from provision.locale import ngettext
from provision.site.model import Room

PATH_CHARACTERS = 120
FAULT_WORDS = {
    Fault.MISSING: (
        N_("NO ANSWER"),
        N_(
            "Was the pupil here? Look into the answers folder of the workstation where the pupil sat, and at"
            " the reserves; then collect again."
        ),
    ),
    Fault.UNSEEN: (
        N_("not seen yet"),
        N_(
            "Not every workstation could be asked, and none of those that were has it: collect again when"
            " those that are named below can be reached."
        ),
    ),
    Fault.NOT_READ: (
        N_("NOT READ"),
        N_(
            "The account that connects may not read it, or it is a link to another place: answers may lie in"
            " it. Give that account the right to read it, or copy it at the workstation itself; then collect"
            " again."
        ),
    ),
    Fault.NOT_COPIED: (
        N_("not copied yet"),
        N_(
            "End the exam program there, see that the computer is on, wait a minute, and collect again: what"
            " was written to just now is not taken for finished."
        ),
    ),
    Fault.EMPTY: (N_("EMPTY"), N_("Nothing was recorded. Look for another file at that workstation.")),
    Fault.TRUNCATED: (
        N_("CUT OFF"),
        N_("The recording was not ended properly. Keep it; listen to it, and tell the coordinator."),
    ),
    Fault.WRONG_CODE: (
        N_("code not in the plan"),
        N_("A wrong code was typed, or a pupil of another room: find out whose answer it is."),
    ),
    Fault.NO_CODE: (N_("no code in the name"), N_("Find out whose answer it is, by workstation and time.")),
    Fault.TWO_SEATS: (
        N_("at two workstations"),
        N_("Two pupils with one code? If the pupil changed seats, note it with 'labcheck move'."),
    ),
    Fault.FEWER: (N_("fewer files than the others"), N_("See whether a task's recording is missing.")),
}
_NOTHING = (Fault.MISSING, Fault.UNSEEN)
_NO_PLAN = N_(
    "The plan is not known, so nobody can say whose answer is missing: see 'provision status' for the exam."
)


def problem_table(room: Room, outcome: Outcome) -> Table | None:
    """A line for everything to be seen to, by pupil code; None when there is nothing."""
    problems = _problems(outcome)
    rows = [_row(room, problem) for problem in problems if problem.fault not in _NOTHING]
    for fault in _NOTHING:  # of them nothing else can be said: together
        codes = [problem.code for problem in problems if problem.fault is fault]
        word, remedy = FAULT_WORDS[fault]
        if codes:
            rows.insert(0, (", ".join(codes), _(word), "—", escape(_(remedy))))
    if not rows:
        return None
    headings = (N_("code"), N_("what"), N_("where"), N_("what to do"))
    return table(_("Answers to be seen to"), headings, rows)


def _problems(outcome: Outcome) -> tuple[Problem, ...]:
    """Of some workstations only: what is left there, which needs no plan."""
    return outcome.problems if outcome.whole_room else left_there(outcome.answers)


def _row(room: Room, problem: Problem) -> tuple[str, ...]:
    word, remedy = FAULT_WORDS[problem.fault]
    where = f"{room.number}-{problem.seat}" if problem.seat else "—"
    if problem.path:
        where = f"{where}: {clean(problem.path, PATH_CHARACTERS)}"
    return problem.code or "—", _(word), escape(where), escape(_(remedy))


def outcome_lines(room: Room, outcome: Outcome, folder: Path) -> Iterator[str]:
    """Who could not be asked, how much is here, and where it lies."""
    for seat, error in faults(outcome):
        yield f"[bold red]✗[/] {escape(f'{room.number}-{seat}')}: {escape(trouble(error, seat))}"
    for one in outcome.collected:
        if one.folder_missing:
            words = _("has no answers folder: the exam program has recorded nothing there")
            yield f"[yellow]![/] {escape(f'{room.number}-{one.seat}')}: {escape(words)}"
    counts = _counts(outcome)
    new, here = counts[State.COPIED], counts[State.HERE]
    copied = ngettext("{n} file copied now", "{n} files copied now", new).format(n=new)
    known = ngettext("{n} was here already", "{n} were here already", here).format(n=here)
    yield escape(_("Room {room}: {copied}, {known}.").format(room=room.number, copied=copied, known=known))
    if outcome.expected.codes is None:
        yield f"[yellow]![/] {escape(_(_NO_PLAN))}"
    elif not outcome.whole_room:
        yield escape(_("Only some workstations were asked; the plan is compared when all are."))
    else:
        have, of = len(outcome.here), len(outcome.expected.codes)
        words = _("Answers of {have} of {of} pupils are here.").format(have=have, of=of)
        yield f"[{'bold green' if outcome.complete else 'bold red'}]{escape(words)}[/]"
    if outcome.unrecorded is not None:
        yield _fault(outcome.unrecorded)
    yield from _places(room, outcome, folder)


def _fault(error: ProvisionError | LabcheckError) -> str:
    """What failed here, and its cure."""
    return f"[bold red]✗[/] {escape(fill(error.template, error.params))} — {escape(_(error.remedy))}"


def _places(room: Room, outcome: Outcome, folder: Path) -> Iterator[str]:
    """Where they lie: in the vault, in the open, and why."""
    vaulted = outcome.vaulted
    if vaulted is None:
        where = _("They lie in {folder}; nothing was deleted at the workstations.").format(folder=folder)
        yield escape(where)
        bare = _("They are not encrypted: this site has no vault (provision vault init).")
        yield f"[yellow]![/] {escape(bare)}"
        return
    words = _("In the vault, encrypted: {there}. Nothing was deleted at the workstations.")
    yield escape(words.format(there=vaulted.there))
    if vaulted.error is not None:
        yield _fault(vaulted.error)
    if vaulted.lost:
        words = _(
            "LOST or damaged in the vault, and not here either: {count}. Bring the vault's folder back from "
            "a backup, then collect again; until then wipe nothing, here and at the workstations."
        )
        yield f"[bold red]✗[/] {escape(words.format(count=vaulted.lost))}"
    if vaulted.open:
        words = _("Not encrypted in {folder}: {count}. Collect again when what is named above is put right.")
        yield f"[bold red]✗[/] {escape(words.format(folder=folder, count=vaulted.open))}"
    else:
        label, into = folder_name(room.number), _("DIR")
        take = f"provision vault take {ANSWERS}/{shlex.quote(label)}/ --to {into}"
        yield escape(_("To hear or hand them on: {command}").format(command=take))


def _counts(outcome: Outcome) -> Counter[State]:
    return Counter(item.state for one in outcome.collected for item in one.items)


def outcome_json(room: Room, outcome: Outcome, folder: Path) -> dict[str, Any]:
    """The same as data."""
    counts = _counts(outcome)
    return {
        "room": room.number,
        "folder": str(folder),
        "exams": [exam.id for exam in outcome.expected.exams],
        "expected": None if outcome.expected.codes is None else len(outcome.expected.codes),
        "pupils_here": len(outcome.here),
        "complete": outcome.complete,
        "in_vault": None if outcome.vaulted is None else outcome.vaulted.there,
        "lost_from_vault": 0 if outcome.vaulted is None else outcome.vaulted.lost,
        "in_the_open": in_the_open(folder) if outcome.vaulted is None else outcome.vaulted.open,
        **{state.value: counts[state] for state in State},
        "problems": [
            {"fault": p.fault.value, "code": p.code, "seat": p.seat, "path": p.path}
            for p in _problems(outcome)
        ],
        "workstations": [
            {
                "seat": one.seat,
                "files": len(one.items),
                "bytes": one.fetched,
                "complete": one.complete,
                "folder_missing": one.folder_missing,
                "error": one.error.code if one.error else None,
            }
            for one in outcome.collected
        ],
    }
