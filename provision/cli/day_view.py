"""The steps of the procedure on the screen and as data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provision.cli.common import fill
from provision.cli.day_open import open_lines
from provision.cli.scope import NoSuchThing
from provision.cli.tables import table
from provision.errors import N_
from provision.ledger.signoffs import PASSPHRASE, Signoff
from provision.locale import gettext as _
from provision.locale import language
from provision.runbook.board import Level, Row, State, demands, first_of, now_and_next
from provision.runbook.look import Board, board, chosen_day, unseen
from provision.runbook.words import STATE_WORDS, WHO_WORDS, duration, role_words
from provision.site.site import open_site

_STYLES = {
    State.PROVED: ("✓", "green"),
    State.SIGNED: ("✎", "cyan"),
    State.LATE: ("✗", "bold red"),
    State.NOW: ("▶", "bold yellow"),
    State.NEXT: ("·", "default"),
    State.NEEDLESS: ("–", "dim"),
}
_INDENT = 6


def look(folder: Path, date: str | None, *, seen: bool = True) -> Board:
    """The board of a day that was typed, or of the one that is meant; without ``seen`` its signatures alone.
    Raises NoSuchThing, NoSuchDay."""
    site = open_site(folder)
    try:
        named = dt.date.fromisoformat(date) if date is not None else None
    except ValueError:
        raise NoSuchThing(N_("'{name}' is no date; write it as 2027-04-15"), name=date) from None
    day = chosen_day(site.inventory, site.now().date(), named)
    return board(site, day) if seen else unseen(site, day)


def show(
    out: Console, seen: Board, found: Sequence[Row], now: dt.datetime, *, whole: bool, other: bool = False
) -> None:
    """Late, now, next; or every step. ``other``: the time is not the real one."""
    _head(out, seen, now, other=other)
    if whole:
        out.print(_every(found))
    else:
        _three(out, found, now)
    out.print(_counts(found))
    for line in open_lines(seen.site):
        out.print(Text(f"! {line}", "yellow"))


def _head(out: Console, seen: Board, now: dt.datetime, *, other: bool) -> None:
    day = _("Exam day {date:%d.%m.%Y}").format(date=seen.day.date)
    clock = _("{now:%d.%m.%Y %H:%M}, {zone}").format(now=now, zone=seen.day.zone.key)
    if other:
        clock = _("as it would be at {clock}").format(clock=clock)
    out.print(Text.assemble((day, "bold"), "  ", (clock, "dim")))


def _three(out: Console, found: Sequence[Row], now: dt.datetime) -> None:
    """What is late from earlier days and what is still ahead is one line each: the screen is for now."""
    late, present, coming = now_and_next(found)
    old = [row for row in late if row.deadline.date() < now.date()]
    for title, rows, style, brief in (
        (_("LATE, FROM EARLIER DAYS"), old, "bold red", True),
        (_("LATE"), [row for row in late if row not in old], "bold red", False),
        (_("NOW"), present, "bold yellow", False),
        (_("NEXT"), coming, "bold", True),
    ):
        if rows:
            out.print(Text(f"\n{title}", style))
        for row in rows:
            _headline(out, row, now)
            if not brief:
                _below(out, row)
        if rows and rows is old:
            words = _("What to type for one of them: {command}")
            out.print(Text(words.format(command=f"provision day show {old[0].id}"), "dim"))
    if not (late or present or coming):
        out.print()
        out.print(Text(_("Nothing is left to do: every step is done."), "bold green"))


def show_step(out: Console, row: Row, now: dt.datetime, *, wrong: int = 0) -> None:
    """One step with all that is known of it. ``wrong``: passphrases that were typed for it in vain."""
    _headline(out, row, now)
    _below(out, row)
    if wrong:
        words = _("Wrong passphrases typed for this step: {count}").format(count=wrong)
        out.print(Padding(Text(words, "yellow"), (0, 0, 0, _INDENT)))
    if row.state.open and row.fact.level is Level.OPEN:
        told = _("Done in another way? Then a person signs: {command}").format(command=_sign_line(row))
        out.print(Padding(Text(told, "dim"), (0, 0, 0, _INDENT)))


def _headline(out: Console, row: Row, now: dt.datetime) -> None:
    mark, style = _STYLES[row.state]
    due = Text(due_words(row, now) if row.state.open else _(STATE_WORDS[row.state]), style)
    grid = Table.grid(expand=True)
    grid.add_column(width=_INDENT)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    title = Text(row.step.title.of(language()), "" if row.state is State.NEXT else "bold")
    grid.add_row(Text(f"{mark} {row.id}", style), title, Padding(due, (0, 0, 0, 2)))
    out.print(grid)


def _below(out: Console, row: Row) -> None:
    """Who does it, what is known of it, and what to type."""
    told = "; ".join((_(WHO_WORDS[row.step.who]), *proof_words(row)))
    out.print(Padding(Text(told, "dim"), (0, 0, 0, _INDENT)))
    if row.step.how is not None and row.state.open:
        out.print(Padding(Text(row.step.how.of(language())), (0, 0, 0, _INDENT)))
    for line in what_to_type(row):
        out.print(Padding(Text(f"→ {line}", "bold"), (0, 0, 0, _INDENT)))


def due_words(row: Row, now: dt.datetime) -> str:
    """Until when, and how long that is: "by 07:50, 12 min left"."""
    moment = row.begin if row.state is State.NEXT else row.deadline
    words = {"time": _clock(moment, now), "left": duration(abs(moment - now))}
    if row.state is State.NEXT:
        return _("from {time}, in {left}").format(**words)
    if row.state is State.LATE:
        return _("by {time}, {left} ago").format(**words)
    return _("by {time}, {left} left").format(**words)


def _clock(moment: dt.datetime, now: dt.datetime) -> str:
    return f"{moment:%H:%M}" if moment.date() == now.date() else f"{moment:%d.%m %H:%M}"


def proof_words(row: Row) -> Iterator[str]:
    """What is known of a step: the software's fact, then the signatures."""
    if row.step.skip:
        yield row.step.skip
    if row.fact.said is not None:
        yield fill(row.fact.said.template, row.fact.said.params)
    for one in row.signed:
        words = _("signed with a passphrase: {line}") if one.way == PASSPHRASE else _("signed: {line}")
        yield words.format(line=signed_line(one, row.deadline.tzinfo))
    if row.waits and row.step.second is not None:
        yield _("to be signed by a second person too: {who}").format(who=_(WHO_WORDS[row.step.second]))
    if row.late_by:
        yield _("{by} late").format(by=duration(row.late_by))


def signed_line(one: Signoff, zone: dt.tzinfo | ZoneInfo | None) -> str:
    """ "П.А.И., specialist, 15.04 07:28"."""
    return f"{one.initials}, {_(role_words(one.role))}, {one.at.astimezone(zone):%d.%m %H:%M}"


def what_to_type(row: Row) -> Iterator[str]:
    """What is typed for an open step, and how it is signed where only a person can know."""
    if not row.state.open:
        return
    if row.step.page:
        yield f"provision day open {row.id}"
    if row.step.command:
        yield row.step.command
    by_hand = row.fact.level is Level.UNKNOWN or (row.fact.level is Level.SAID and demands(row.step))
    if by_hand and not first_of(row.step, row.signed):
        yield _sign_line(row)
    elif row.waits and row.fact.level is not Level.OPEN and row.step.second is not None:
        yield f"provision day sign {row.id} --role {row.step.second.value}"


def _sign_line(row: Row) -> str:
    return f"provision day sign {row.id}" + ("" if demands(row.step) else ' --name "…"')


def _every(found: Sequence[Row]) -> Any:
    rows = []
    for row in found:
        mark, style = _STYLES[row.state]
        state = f"[{style}]{mark} {escape(_(STATE_WORDS[row.state]))}[/]"
        told = "; ".join(proof_words(row)) or "—"
        title = f"{row.step.title.of(language())} ({_(WHO_WORDS[row.step.who])})"
        rows.append((row.id, escape(title), f"{row.deadline:%d.%m %H:%M}", state, escape(told)))
    heads = (N_("step"), N_("what (who)"), N_("by"), N_("state"), N_("proof"))
    return table("", heads, rows)


def _counts(found: Sequence[Row]) -> str:
    counts = {state: sum(row.state is state for row in found) for state in State}
    said = [f"{_(STATE_WORDS[state])}: {count}" for state, count in counts.items() if count]
    return "\n" + _("{total} steps").format(total=len(found)) + " — " + ", ".join(said)


def board_json(seen: Board, found: Sequence[Row], now: dt.datetime) -> dict[str, Any]:
    """Every step as data."""
    return {
        "date": str(seen.day.date),
        "now": now.isoformat(timespec="seconds"),
        "time_zone": seen.day.zone.key,
        "steps": [row_json(row) for row in found],
        "in_the_open": [*open_lines(seen.site)],
        "events": seen.events,
        "hash": seen.last_hash,
    }


def row_json(row: Row) -> dict[str, Any]:
    """One step as data."""
    step = row.step
    return {
        "step": row.id,
        "phase": step.phase.value,
        "title": step.title.of(language()),
        "who": step.who.value,
        "second": step.second.value if step.second else None,
        "begin": row.begin.isoformat(),
        "deadline": row.deadline.isoformat(),
        "state": row.state.value,
        "proof": step.proof.value,
        "known": row.fact.level.value,
        "said": fill(row.fact.said.template, row.fact.said.params) if row.fact.said else "",
        "done": row.done.isoformat(timespec="seconds") if row.done else None,
        "late_seconds": int(row.late_by.total_seconds()),
        "signed": [
            {"role": one.role, "initials": one.initials, "way": one.way, "at": one.at.isoformat()}
            for one in row.signed
        ],
        "second_missing": row.waits,
        "command": step.command,
        "page": step.page,
    }
