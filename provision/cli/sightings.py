"""The printers as tables, notes and data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from printing.errors import QueueClosed
from printing.queues.facts import Contact, Supply
from printing.queues.reasons import Reason, Severity
from provision.cli.common import fill
from provision.cli.summary import exam_name
from provision.cli.tables import right, table
from provision.errors import N_
from provision.ledger.judged import Judgement
from provision.locale import gettext as _
from provision.locale import ngettext
from provision.printers import Sighting
from provision.site.model import Exam

_YES, _NO, _NOBODY_KNOWS = "[green]✓[/]", "[bold red]✗[/]", "—"

_SUPPLIES = {
    "toner": N_("toner"),
    "ink": N_("ink"),
    "opc": N_("drum"),
    "developer": N_("developer"),
    "fuser": N_("fuser"),
    "waste": N_("waste"),
}
"""Kinds of supply that have a word of ours; of others the printer's own name is shown."""

_MARKS = {
    Severity.ERROR: "[bold red]✗[/]",
    Severity.WARNING: "[yellow]![/]",
    Severity.REPORT: "[dim]·[/]",
}


def sightings_tables(found: Sequence[Sighting], zone: dt.tzinfo) -> Iterator[Table]:
    """How every printer is, and what it has to do."""
    headings = (N_("printer"), N_("state"), N_("options"), N_("A3"), N_("supplies"), N_("test page"))
    rows = [
        (
            escape(one.printer.name),
            _state(one),
            _mark(None if one.facts is None else not one.facts.lacking),
            _mark(one.a3),
            "\n".join(_level(supply) for supply in one.facts.supplies) if one.facts else "",
            _judgement(one.judged, zone),
        )
        for one in found
    ]
    yield table(_("Printers"), headings, rows)
    work = (
        N_("printer"),
        right(N_("planned")),
        right(N_("sent")),
        right(N_("left")),
        right(N_("printing takes")),
        N_("begin no later than"),
    )
    lines = [
        (
            escape(one.printer.name),
            str(one.load.sent + one.load.left),
            str(one.load.sent),
            str(one.load.left),
            _minutes(one.load.minutes) if one.load.left else "",
            f"{one.load.latest_start:%Y-%m-%d %H:%M}" if one.load.latest_start else "",
        )
        for one in found
        if one.load.sent + one.load.left
    ]
    if lines:
        yield table(_("Their sheets"), work, lines)


def sightings_notes(found: Sequence[Sighting], waiting: Sequence[Exam]) -> Iterator[str]:
    """What a person should do about them, the worst of each first."""
    for one in found:
        yield from _troubles(one)
    for exam in waiting:
        text = _("{exam}: not counted, its materials are not complete").format(exam=exam_name(exam))
        yield f"[dim]· {escape(text)}[/]"
    for one in found:
        yield from _spool(one)
    # Several printers may have one server: its settings are told once.
    yield from dict.fromkeys(line for one in found for line in _settings(one))


def _troubles(one: Sighting) -> Iterator[str]:
    name = escape(one.printer.name)
    if one.refusal is not None:
        cure = escape(_(one.refusal.remedy))
        yield f"{_NO} {name}: {escape(fill(one.refusal.template, one.refusal.params))} — {cure}"
    said = {"paused", "stopped"} if isinstance(one.refusal, QueueClosed) else set()
    reasons = [reason for reason in one.reasons if reason.keyword not in said]
    for reason in sorted(reasons, key=lambda r: list(Severity).index(r.severity), reverse=True):
        yield f"{_MARKS[reason.severity]} {name}: {escape(_words(reason))}"
    if one.facts is None:
        return
    for option, wanted in one.facts.lacking:
        text = _("does not offer {option}={wanted}, which every job needs")
        yield f"{_NO} {name}: {escape(text.format(option=option, wanted=wanted))}"
    if one.printer.a3 and one.a3 is False and one.refusal is None:
        text = _("inventory.yaml says that it takes A3; its queue does not offer A3")
        yield f"{_NO} {name}: {escape(text)}"
    for supply in one.facts.supplies:
        if supply.pages is not None:
            yield f"{_mark(supply.pages >= one.load.left)} {name}: {escape(_lasts(supply, one.load.left))}"
        elif supply.short:
            yield f"[yellow]![/] {name}: {escape(_running_out(supply))}"
    if one.judged is not None and not one.judged.good:
        text = _("its test page was judged bad: {note} ({who})")
        note = one.judged.note or "—"
        yield f"[yellow]![/] {name}: {escape(text.format(note=note, who=one.judged.who))}"


def _spool(one: Sighting) -> Iterator[str]:
    """What lies on the print server."""
    if one.spool is None or not one.spool.settings:
        return
    name = escape(one.printer.name)
    kept = len(one.spool.kept) - len(one.doubtful)
    if kept:
        text = ngettext(
            "{count} printed document still lies on the print server, which does not let us remove it",
            "{count} printed documents still lie on the print server, which does not let us remove them",
            kept,
        )
        yield f"{_NO} {name}: {escape(text.format(count=kept))} — cancel -a -x"
    if one.doubtful:
        text = ngettext(
            "{count} document of unknown fate lies on the print server until you decide",
            "{count} documents of unknown fate lie on the print server until you decide",
            len(one.doubtful),
        )
        yield f"[yellow]![/] {name}: {escape(text.format(count=len(one.doubtful)))} — provision resolve"
    if one.spool.waiting:
        count = len(one.spool.waiting)
        text = ngettext("{count} job waits or prints", "{count} jobs wait or print", count)
        yield f"[dim]·[/] {name}: {escape(text.format(count=count))}"
    for file in one.spool.stray or ():
        text = _("a document that belongs to no job lies in the print server's folder")
        yield f"{_NO} {escape(text)} — rm {escape(str(file))}"
    if not (one.spool.kept or one.spool.waiting or one.spool.stray):
        text = _("none of our papers lies on its print server")
        yield f"{_YES} {name}: {escape(text)}"


def _settings(one: Sighting) -> Iterator[str]:
    """What should be changed on the print server, or looked at by a person."""
    settings = one.spool.settings if one.spool else ()
    for each in settings:
        if each.good is False:
            text = _("{place}: {name} is {value}: {why} — write into cupsd.conf: {line}")
            if each.command:
                text = _("{place}: {name} is {value}: {why} — run: {line}")
            filled = text.format(
                place=each.place, name=each.name, value=each.value, why=_(each.why), line=each.line
            )
            yield f"[yellow]![/] {escape(filled)}"
    unread = [each for each in settings if each.good is None]
    if unread:
        text = _("{place}: could not be checked; see that /etc/cups/cupsd.conf says: {lines}")
        lines = ", ".join(each.line for each in unread)
        yield f"[yellow]?[/] {escape(text.format(place=unread[0].place, lines=lines))}"


def _state(one: Sighting) -> str:
    """One word; the notes say the rest."""
    if one.facts is not None and one.usable:
        if one.facts.contact is Contact.NOT_ASKED and not one.printer.queue.startswith("folder:"):
            return _("queue answers")  # which says nothing of the printer behind it
        word = _("answers") if one.facts.contact is Contact.ANSWERS else _("folder")
        return f"[green]{word}[/]"
    if one.facts is None:
        word = _("UNREACHABLE")
    elif one.facts.contact is Contact.SILENT:
        word = _("SILENT")
    else:
        word = _("NEEDS HELP") if one.refusal is None else _("CANNOT BE USED")
    return f"[bold red]{word}[/]"


def _mark(good: bool | None) -> str:
    return _NOBODY_KNOWS if good is None else _YES if good else _NO


def _level(supply: Supply) -> str:
    """ "toner 75 %"; the level of what fills up is how full it is."""
    level = "?" if supply.percent is None else f"{supply.percent} %"
    style = "yellow" if supply.short else ""
    text = escape(f"{_kind(supply)} {level}")
    return f"[{style}]{text}[/]" if style else text


def _kind(supply: Supply) -> str:
    key = "waste" if supply.kind.lower().startswith("waste") else supply.kind
    return _(_SUPPLIES[key]) if key in _SUPPLIES else supply.name


def _running_out(supply: Supply) -> str:
    if supply.kind.lower().startswith("waste"):
        text = _("{name}: {percent} % full. Have a new one ready.")
    else:
        text = _("{name}: {percent} % left. Have a new one ready.")
    return text.format(name=supply.name, percent=supply.percent)


def _lasts(supply: Supply, left: int) -> str:
    text = _("{name}: lasts for {pages} pages by the printer's own word; {left} sheets are left to print")
    return text.format(name=supply.name, pages=supply.pages, left=left)


def _judgement(judged: Judgement | None, zone: dt.tzinfo) -> str:
    if judged is None:
        return _NOBODY_KNOWS
    return f"{_mark(judged.good)} {judged.at.astimezone(zone):%Y-%m-%d %H:%M}"


def _minutes(minutes: float) -> str:
    count = round(minutes)
    return ngettext("{count} minute", "{count} minutes", count).format(count=count)


def _words(reason: Reason) -> str:
    params = {"keyword": reason.keyword}
    return f"{fill(reason.what, params)} {fill(reason.cure, params)}".strip()


def sightings_json(found: Sequence[Sighting]) -> dict[str, Any]:
    """The same as data."""
    return {"printers": [_json(one) for one in found]}


def _json(one: Sighting) -> dict[str, Any]:
    facts, spool, refusal = one.facts, one.spool, one.refusal
    latest = one.load.latest_start
    return {
        "name": one.printer.name,
        "usable": one.usable,
        "error": None
        if refusal is None
        else {
            "error": refusal.code,
            "message": fill(refusal.template, refusal.params),
            "remedy": _(refusal.remedy),
        },
        "printer": None
        if facts is None
        else {
            "model": facts.model,
            "contact": str(facts.contact),
            "stopped": facts.stopped,
            "accepting": facts.accepting,
            "a3": one.a3,
            "offered": {option: list(values) for option, values in facts.offered.items()},
            "lacking": [f"{option}={wanted}" for option, wanted in facts.lacking],
            "loaded": list(facts.loaded),
            "pages_per_minute": facts.pages_per_minute,
            "supplies": [
                {
                    "name": each.name,
                    "kind": each.kind,
                    "percent": each.percent,
                    "short": each.short,
                    "pages": each.pages,
                }
                for each in facts.supplies
            ],
            "counter": facts.counter
            and {"attribute": facts.counter.attribute, "sheets": facts.counter.sheets},
        },
        "reasons": [
            {"keyword": each.keyword, "severity": str(each.severity), "message": _words(each)}
            for each in one.reasons
        ],
        "sheets": {"planned": one.load.sent + one.load.left, "sent": one.load.sent, "left": one.load.left},
        "minutes": round(one.load.minutes, 1),
        "latest_start": latest and latest.isoformat(timespec="minutes"),
        "judged": one.judged
        and {
            "good": one.judged.good,
            "who": one.judged.who,
            "note": one.judged.note,
            "at": one.judged.at.isoformat(timespec="seconds"),
        },
        "spool": None
        if spool is None
        else {
            "kept": len(spool.kept) - len(one.doubtful),
            "doubtful": len(one.doubtful),
            "waiting": len(spool.waiting),
            "stray": None if spool.stray is None else [str(file) for file in spool.stray],
            "settings": [
                {"name": e.name, "value": e.value, "good": e.good, "line": e.line} for e in spool.settings
            ],
        },
    }
