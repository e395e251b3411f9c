"""At the scanner: lines in, an answer to each at once; and what the whole session came to."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click
from rich.markup import escape

from provision.cli.common import fill
from provision.cli.evidence import doubt_line, evidence_json, numbers
from provision.cli.tables import verdict
from provision.evidence.confirm import Accepted, Refused, Report
from provision.locale import gettext as _
from provision.locale import ngettext
from provision.status import NEXT, verdict_of

_BELL = "\a"
_LINE_ABOVE = "\x1b[1A\x1b[2K"
"""Moves up to what the scanner typed and erases it: 36 digits that say nothing to a person."""
_ALIEN = frozenset({"foreign", "other-exam", "other-room", "not-planned", "other-code", "void"})
"""Reasons for a refusal that name a paper which must not stay in the bundle."""


def lines_of(scan: Path | None, *, waits: bool) -> TextIO | None:
    """Where the lines come from: a file, standard input, or nowhere."""
    if scan is not None and str(scan) != "-":
        return io.StringIO(scan.read_text(encoding="utf-8-sig", errors="replace"))
    if scan is not None or (waits and sys.stdin.isatty()):
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")
        return sys.stdin
    return None


class Desk:
    """The person with the scanner. ``quiet`` answers nothing while it goes on."""

    def __init__(self, source: TextIO | None, room: str, *, quiet: bool) -> None:
        """``source`` gives the lines; None when there is nothing to scan."""
        self._source, self._room = source, room
        self._live = source is not None and source.isatty()
        self._quiet = quiet
        self._number = 0

    def lines(self) -> Iterator[str]:
        """The lines, to the end of the file or, on a terminal, to an empty one."""
        if self._source is None:
            return
        if self._live:
            click.echo(_("Room {room}: scan; an empty line ends.").format(room=self._room), err=True)
        while True:
            if self._live:
                click.echo("> ", nl=False, err=True)
            line = self._source.readline()
            if not line or (self._live and not line.strip()):
                return
            self._number += 1
            yield line

    def tell(self, _line: str, told: Accepted | Refused) -> None:
        """Answer one line. Of a file, only what is wrong is told."""
        if self._quiet:
            return
        if self._live:
            erase = _LINE_ABOVE if os.environ.get("TERM", "dumb") != "dumb" else ""
            click.echo(erase + answer(told))
        elif isinstance(told, Refused) or told.again or told.stray:
            line = _("line {number}: {answer}").format(number=self._number, answer=answer(told, bell=""))
            click.echo(line)


def answer(told: Accepted | Refused, bell: str = _BELL) -> str:
    """ "✓ 204-07 p. 1"; what needs the person's attention rings."""
    if isinstance(told, Refused):
        return f"✗ {fill(told.template, told.params)} — {_(told.cure)}{bell}"
    words = _("{kit} p. {page}").format(kit=told.kit, page=told.page) if told.page else told.kit
    if told.copy > 1:
        words += ", " + _("copy {copy}").format(copy=told.copy)
    if told.spare:
        words += ", " + _("spare")
    if told.again and told.page:
        return f"! {words}: " + _("scanned before. Is it a second paper? Lay it apart.") + bell
    if told.stray:
        return f"! {words}: " + _("by all records this was never printed. Lay it apart.") + bell
    return f"✓ {words}"


def needs_hands(report: Report) -> bool:
    """Whether the person has something left to do with this room."""
    return not report.voices.ready or any(refused.code in _ALIEN for _line, refused in report.refused)


def report_lines(room: str, report: Report) -> Iterator[str]:
    """What the session came to, for a person; the verdict last."""
    if report.accepted or report.refused:
        taken, refused = len(report.accepted), len(report.refused)
        words = ngettext("{count} sheet scanned", "{count} sheets scanned", taken).format(count=taken)
        yield words + ", " + _("{count} refused").format(count=refused)
    for one in report.resolved:
        printed = _("Noted: {work} is on paper and is not printed again.")
        unprinted = _("Noted: {work} is not on paper. 'provision rooms' prints it.")
        yield escape((printed if one.printed else unprinted).format(work=one.work))
    for doubt in report.voices.doubts:
        yield f"[red]✗[/] {escape(doubt_line(doubt))}"
    if len(report.duplicates) > 1:
        yield escape(_("If these papers were scanned in an earlier session too, start over with --again."))
    for work in report.unknown:
        words = _("{work}: may or may not be on paper; scan every page of it, or 'provision resolve'")
        yield f"[red]?[/] {escape(words.format(work=work))}"
    if report.unscanned and not report.voices.ready:
        yield escape(_("Not scanned yet: {kits}").format(kits=numbers(report.unscanned)))
    if not report.voices.ready:
        words = _("Scanned {seen} of {kits} kits; sheets to count in all: {sheets}.")
        voices = report.voices
        yield words.format(seen=voices.scan.heard, kits=voices.scan.of, sheets=voices.count.of)
    found = verdict_of(report.standings, report.voices)
    where = _("Room {room}").format(room=room)
    yield f"{escape(where)}: {verdict(found)}. {escape(_(NEXT[found]))}"


def report_json(exam: str, room: str, report: Report) -> dict[str, Any]:
    """The session as data; kits by number, never by code."""
    return {
        "exam": exam,
        "room": room,
        "state": str(verdict_of(report.standings, report.voices)),
        "accepted": [
            {"kit": one.kit, "page": one.page, "copy": one.copy, "again": one.again, "stray": one.stray}
            for one in report.accepted
        ],
        "refused": [
            {
                "line": line,
                "reason": one.code,
                "message": fill(one.template, one.params),
                "remedy": _(one.cure),
            }
            for line, one in report.refused
        ],
        "duplicates": list(report.duplicates),
        "missing": [{"kit": one.kit, "pages": list(one.pages)} for one in report.missing],
        "resolved": [{"work": one.work, "printed": one.printed} for one in report.resolved],
        "unscanned": list(report.unscanned),
        "unknown": list(report.unknown),
        "evidence": evidence_json(report.voices),
    }
