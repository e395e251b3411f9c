"""Marks on the screen: the quick entry, the sums, the differences of two entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

import click
from rich.markup import escape

from provision.cli.common import emit, warn
from provision.cli.exits import Exit
from provision.cli.forms_shown import said
from provision.cli.screen import console, right, table
from provision.errors import N_, Phrase
from provision.forms.marks import Difference, Fault, Work
from provision.forms.marks_desk import MarksDesk, Sum
from provision.forms.typing import Typed, typed, work_of
from provision.locale import gettext as _

_SHOWN = 20


def enter_marks(desk: MarksDesk, entry: int, who: str, lines: TextIO, *, quiet: bool) -> None:
    """Take lines until an empty one; each is answered and on disk before the next is read."""
    tasks = desk.rules.tasks
    if not quiet:
        most = sum(tasks.values())
        text = _(
            "{exam}: {count} tasks, {most} points at most. Code and marks, then Enter; an empty line ends."
        )
        click.echo(text.format(exam=desk.exam.id, count=len(tasks), most=most))
        click.echo(
            _("Tasks: {tasks}").format(tasks=" ".join(f"{task}({top})" for task, top in tasks.items()))
        )
    source = _lines(lines)
    for line in source:
        found = typed(line)
        if found is None:
            break
        faults = _entered(desk, entry, who, found, source, quiet=quiet)
        for fault in faults:
            warn("  ✗ " + said(fault))
        if faults:
            warn("  " + _("Not taken. Type the line again."))


def _lines(lines: TextIO) -> Iterator[str]:
    """Typed lines; a prompt only where somebody types."""
    while True:
        if lines.isatty():
            click.echo("> ", nl=False, err=True)
        line = lines.readline()
        if not line:
            return
        yield line.rstrip("\r\n")


def _entered(
    desk: MarksDesk, entry: int, who: str, found: Typed, source: Iterator[str], *, quiet: bool
) -> list[Phrase]:
    """One line, kept; or what is wrong with it."""
    code = desk.code(found.code)
    if code is None:
        return [Phrase(N_("this is no participant code"), {})]
    before = desk.held(code, entry)
    variant = found.variant or desk.variant_of(code)
    marks = found.marks
    if marks is None:
        if not quiet:
            warn("  " + (_("variant {variant}, marks:").format(variant=variant) if variant else _("marks:")))
        marks = next(source, "")
    work = work_of(code, variant, marks, desk.rules)
    if isinstance(work, list):
        return work
    faults = desk.faults(work)
    if faults:
        return faults
    desk.put(entry, who, [work], "typed")
    if not quiet:
        click.echo("  ✓ " + _answer(work, before, desk))
    return []


def _answer(work: Work, before: Work | None, desk: MarksDesk) -> str:
    most = sum(desk.rules.tasks.values())
    text = _("absent") if work.absent else _("{points} of {most}").format(points=work.total(), most=most)
    if before is not None and before != work:
        text += " — " + _("corrected")
    return text


def refuse(faults: Sequence[Fault], *, as_json: bool) -> int:
    """A table that was not taken in."""
    told = [
        f"{fault.where if isinstance(fault.where, str) else said(fault.where)}: {said(fault.what)}"
        for fault in faults
    ]
    if as_json:
        emit("forms-results", {"taken": 0, "faults": told})
    else:
        for line in told[:_SHOWN]:
            warn(line)
        if len(told) > _SHOWN:
            warn(_("… and {count} more").format(count=len(told) - _SHOWN))
        warn(_("Nothing was taken in. Correct the table and import it again."))
    return Exit.INCOMPLETE


def show_sums(sums: Sequence[Sum]) -> None:
    """A line for each exam, and every difference."""
    out = console()
    rows = [
        (
            one.exam.id,
            one.exam.class_name,
            str(one.pupils),
            str(one.first),
            str(one.second) if one.second else "—",
            str(one.absent),
            f"{one.points}/{one.most}",
            str(len(one.differences)) if one.second else "—",
            str(one.unmarked) if one.unmarked >= 0 else "—",
        )
        for one in sums
    ]
    headings = (
        N_("exam"),
        N_("class"),
        right(N_("pupils")),
        right(N_("works")),
        right(N_("second entry")),
        right(N_("absent")),
        right(N_("points")),
        right(N_("differences")),
        right(N_("without marks")),
    )
    out.print(table("", headings, rows))
    for one in sums:
        if one.differences:
            title = _("{exam}: where the entries differ").format(exam=one.exam.id)
            shown = [_difference(difference) for difference in one.differences]
            out.print(table(title, (N_("code"), N_("task"), N_("first"), N_("second")), shown))


def _difference(found: Difference) -> tuple[str, str, str, str]:
    return (
        escape(found.code.reveal()),
        _(found.task) if found.task else "",
        escape(_(found.first)),
        escape(_(found.second)),
    )


def sums_json(sums: Sequence[Sum]) -> list[dict[str, Any]]:
    """The same as data, without codes."""
    return [
        {
            "exam": one.exam.id,
            "pupils": one.pupils,
            "works": one.first,
            "second": one.second,
            "absent": one.absent,
            "points": one.points,
            "most": one.most,
            "differences": len(one.differences),
            "unmarked": one.unmarked if one.unmarked >= 0 else None,
        }
        for one in sums
    ]
