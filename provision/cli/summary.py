"""What is shown of a morning: the summary table, the notes below it, the dry run, and all of it as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from provision.cli.common import fill
from provision.cli.evidence import checked, evidence_json, evidence_notes
from provision.cli.lab_summary import lab_cell, lab_json, lab_notes
from provision.cli.tables import WHAT_WORDS, fraction, right, table, verdict
from provision.errors import N_
from provision.intake.model import Kind
from provision.locale import gettext as _
from provision.locale import ngettext
from provision.plan.model import PrinterLoad, Refusal
from provision.rooms import Todo
from provision.site.model import Exam
from provision.status import KIND_WORDS, NEXT, ExamStatus, Verdict
from provision.survey import Trouble
from provision.work import Standing, What

_COLUMNS = (
    N_("exam"),
    N_("room"),
    right(N_("kits")),
    right(N_("codes")),
    right(N_("protocol")),
    right(N_("briefing")),
    N_("printer"),
    N_("checked"),
    N_("state"),
)


def exam_name(exam: Exam) -> str:
    """ "Математика 7А", with the part where there are two."""
    part = "" if exam.part == 1 and not exam.follows else _(", part {part}").format(part=exam.part)
    oral = _(", oral") if exam.oral else ""
    return f"{exam.subject} {exam.class_name}{part}{oral}"


def status_table(statuses: Sequence[ExamStatus]) -> Table:
    """One line per exam and room."""
    rows = []
    for status in statuses:
        name = escape(exam_name(status.exam))
        if not status.rooms:
            rows.append((name, ", ".join(status.exam.rooms), *["—"] * 6, verdict(status.verdict)))
        for room in status.rooms:
            done = [
                fraction(room.done.get(what))
                for what in (What.KITS, What.CODES, What.PROTOCOL, What.BRIEFING)
            ]
            evidence = ", ".join(filter(None, (checked(room.voices), lab_cell(room.lab))))
            words = (escape(room.printer), evidence, verdict(room.verdict))
            rows.append((name, room.room, *done, *words))
    days = sorted({str(status.exam.date) for status in statuses})
    return table(", ".join(days), [*_COLUMNS], rows)


def exam_notes(statuses: Sequence[ExamStatus]) -> Iterator[str]:
    """What a person has to know or do, one line each, most urgent first."""
    for status in statuses:
        name = escape(exam_name(status.exam))
        reasons: tuple[Trouble | Refusal, ...] = (*status.troubles, *status.refusals)
        for reason in reasons:
            text = f"{name}: {escape(fill(reason.template, reason.params))}"
            yield f"[red]✗[/] {text} — {escape(_(reason.cure))}"
        for room in status.rooms:
            for standing in room.unknown:
                text = _("room {room}, {what}: may or may not be on paper").format(
                    room=room.room, what=_document(standing)
                )
                yield f"[red]?[/] {name}, {escape(text)} — provision resolve {escape(standing.key)}"
            for standing in room.spoiled:
                pages = ", ".join(map(str, standing.spoiled))
                text = ngettext(
                    "room {room}, kit {kit}: page {pages} is spoiled",
                    "room {room}, kit {kit}: pages {pages} are spoiled",
                    len(standing.spoiled),
                ).format(room=room.room, kit=standing.name, pages=pages)
                order = f"provision reprint {standing.name} --exam {status.exam.id}"
                yield f"[red]✗[/] {name}, {escape(text)} — {escape(order)}"
            yield from evidence_notes(name, status.exam.id, room)
            yield from lab_notes(name, room.lab)
        for notice in status.notices:
            yield f"[yellow]![/] {name}: {escape(fill(notice.template, notice.params))}"
    yield from _not_necessary(statuses)
    verdicts = {room.verdict for status in statuses for room in status.rooms}
    for one in (
        Verdict.UNKNOWN,
        Verdict.DISAGREE,
        Verdict.CLAIMED,
        Verdict.LAB,
        Verdict.HELD,
        Verdict.MOVING,
    ):
        if one in verdicts:
            yield f"{verdict(one)}: {escape(_(NEXT[one]))}"


def _not_necessary(statuses: Sequence[ExamStatus]) -> Iterator[str]:
    """What could be in the inbox and is not; one line for all exams that lack the same."""
    lacking: dict[tuple[Kind, ...], list[str]] = {}
    for status in statuses:
        kinds = tuple(m.kind for m in status.missing if not m.needed)
        if kinds:
            lacking.setdefault(kinds, []).append(exam_name(status.exam))
    for kinds, names in lacking.items():
        words = ", ".join(_(KIND_WORDS[kind]) for kind in kinds)
        text = _("not in the inbox (not necessary): {kinds}").format(kinds=words)
        whose = "" if len(names) == len(statuses) else f"{', '.join(names)}: "
        yield f"[dim]· {escape(whose + text)}[/]"


def _document(standing: Standing) -> str:
    """ "cover", "kits 201-05"."""
    word = _(WHAT_WORDS[standing.what])
    return word if standing.name == standing.what else f"{word} {standing.name}"


def dry_run_tables(todo: Sequence[Todo], forecast: Sequence[PrinterLoad]) -> Iterator[Table]:
    """What would be printed, by exam and room; and how long each printer would need."""
    by_room: dict[tuple[str, str, str], list[Todo]] = {}
    for one in todo:
        name = exam_name(one.item.room.exam)
        by_room.setdefault((name, one.item.room.room, one.item.printer), []).append(one)
    rows = [
        (escape(name), room, escape(printer), _contents(items), str(sum(i.sheets for i in items)))
        for (name, room, printer), items in by_room.items()
    ]
    if rows:
        headings = (N_("exam"), N_("room"), N_("printer"), N_("documents"), right(N_("sheets")))
        yield table(_("To print"), [*headings], rows)
    times = [
        (
            escape(load.printer),
            str(load.sheets),
            ngettext("{count} minute", "{count} minutes", round(load.minutes)).format(
                count=round(load.minutes)
            ),
            f"{load.session:%Y-%m-%d %H:%M}",
            f"{load.latest_start:%H:%M}",
        )
        for load in forecast
    ]
    if times:
        headings = (
            N_("printer"),
            right(N_("sheets")),
            right(N_("printing takes")),
            N_("exam starts"),
            N_("begin no later than"),
        )
        yield table(_("Printers"), [*headings], times)


def _contents(items: Sequence[Todo]) -> str:
    """ "cover, kits 13, protocol": kinds, with the number of kits or codes."""
    found = []
    for what in What:
        here = [one.item for one in items if one.item.what is what]
        if here:
            count = sum(len(item.places) for item in here)
            found.append(f"{_(WHAT_WORDS[what])} {count}" if count else _(WHAT_WORDS[what]))
    return ", ".join(found)


def todo_json(todo: Sequence[Todo]) -> list[dict[str, Any]]:
    """The work as data; kits by number, never by code."""
    return [
        {
            "exam": one.item.room.exam.id,
            "room": one.item.room.room,
            "what": str(one.item.what),
            "kits": [place.number for place in one.item.places],
            "printer": one.item.printer,
            "sheets": one.sheets,
        }
        for one in todo
    ]


def status_json(statuses: Sequence[ExamStatus]) -> dict[str, Any]:
    """The status as data."""
    return {"exams": [_exam_json(status) for status in statuses]}


def _exam_json(status: ExamStatus) -> dict[str, Any]:
    exam = status.exam
    return {
        "id": exam.id,
        "subject": exam.subject,
        "class": exam.class_name,
        "date": str(exam.date),
        "start": f"{exam.start:%H:%M}",
        "state": str(status.verdict),
        "missing": [{"kind": str(m.kind), "needed": m.needed} for m in status.missing],
        "troubles": [
            {"error": t.code, "message": fill(t.template, t.params), "remedy": _(t.cure)}
            for t in status.troubles
        ],
        "refusals": [{"message": fill(r.template, r.params), "remedy": _(r.cure)} for r in status.refusals],
        "notices": [fill(n.template, n.params) for n in status.notices],
        "rooms": [
            {
                "room": room.room,
                "printer": room.printer,
                "state": str(room.verdict),
                "done": {str(w): {"delivered": d, "planned": p} for w, (d, p) in room.done.items()},
                "unknown": [standing.key for standing in room.unknown],
                "evidence": evidence_json(room.voices),
                "lab": lab_json(room.lab),
                "spoiled": {standing.name: list(standing.spoiled) for standing in room.spoiled},
            }
            for room in status.rooms
        ],
    }
