"""Live progress: a bar per printer on a terminal, lines elsewhere; faults as they happen."""

from __future__ import annotations

import select
import sys
from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from printing.dispatch import Progress as Step
from printing.journal import Delivery
from printing.queues.reasons import describe, stops
from provision.cli.common import fill
from provision.cli.tables import console
from provision.crew import Offer
from provision.locale import gettext as _
from provision.locale import ngettext
from provision.rooms import Todo
from provision.station import PrinterNow

YES, NO = frozenset({"y", "yes", "д", "да"}), frozenset({"n", "no", "н", "нет"})
"""Answers, whatever the language of the screen."""


class Live:
    """Shows how the printers stand, and asks what only a person may decide."""

    def __init__(self, *, quiet: bool) -> None:
        """``quiet`` shows nothing but faults and asks nothing."""
        self._console = console(err=True)
        self._quiet = quiet
        self._asks = not quiet and self._console.is_terminal and sys.stdin.isatty()
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn(_("sheets")),
            TextColumn("{task.fields[note]}"),
            console=self._console,
            disable=quiet or not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._left: Counter[str] = Counter()
        self._told: dict[str, tuple[str, ...]] = {}
        self._stopped: set[str] = set()
        """Printers of which was said what stops them, and not yet that they go on."""
        self._asked: str | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def expect(self, todo: Sequence[Todo]) -> None:
        """What is going to come, by exam and room."""
        for one in todo:
            self._left[_room_of(one.item.key)] += one.sheets

    def progress(self, printer: str, step: Step) -> None:
        """A document came further."""
        if step.state is Delivery.UNKNOWN or (step.state is Delivery.FAILED and step.reasons):
            for reason in step.reasons:
                self._fault(f"{printer}, {_document(step)}", reason)
        room = _room_of(step.work.key)
        if not step.state.delivered or room not in self._left:
            return
        self._left[room] -= step.work.sheets
        if self._left[room] <= 0 and not self._quiet and not self._console.is_terminal:
            self._say(_("{exam}, room {number}: sent").format(**_words(room)))

    def look(self, board: Sequence[PrinterNow], offer: Offer | None) -> bool | None:
        """Show the printers; ask about ``offer`` without waiting for the answer."""
        for now in board:
            self._faults(now)
            if now.printer not in self._tasks:
                self._tasks[now.printer] = self._bars.add_task(escape(now.printer), total=None, note="")
            self._bars.update(
                self._tasks[now.printer], completed=now.done, total=now.total or None, note=_note(now)
            )
        return self._ask(offer)

    def _faults(self, now: PrinterNow) -> None:
        """Say what is new, and when a printer goes on."""
        before = self._told.get(now.printer, ())
        for reason in now.reasons:
            if reason not in before:
                self._fault(now.printer, reason)
        if any(map(stops, now.reasons)):
            self._stopped.add(now.printer)
        elif now.printer in self._stopped and not now.still and now.at:
            # Not sooner: between the end of one job and the next it prints nothing that could go on.
            self._stopped.discard(now.printer)
            self._say(_("{printer}: goes on.").format(printer=now.printer))
        self._told[now.printer] = now.reasons

    def _fault(self, where: str, keyword: str) -> None:
        reason = describe(keyword)
        params = {"keyword": reason.keyword}
        self._say(f"{where}: {fill(reason.what, params)} {fill(reason.cure, params)}".rstrip())

    def _ask(self, offer: Offer | None) -> bool | None:
        if offer is None:
            if self._asked is not None:
                self._say(_("{printer}: nothing is moved.").format(printer=self._asked))
            self._asked = None
            return None
        if offer.printer != self._asked:
            self._asked = offer.printer
            self._put(offer)
        if not self._asks:
            self._asked = None
            return False
        answer = _typed()
        if answer is None:
            return None
        if answer not in YES | NO:
            self._put(offer)
            return None
        self._asked = None
        return answer in YES

    def _put(self, offer: Offer) -> None:
        """Say what could be moved, and how."""
        words = {
            "printer": offer.printer,
            "documents": ngettext("{n} document", "{n} documents", offer.documents).format(n=offer.documents),
            "sheets": ngettext("{n} sheet", "{n} sheets", offer.sheets).format(n=offer.sheets),
            "rooms": ", ".join(offer.rooms),
            "others": ", ".join(offer.others),
        }
        self._say(
            _("{printer} has stopped; never sent to it (rooms {rooms}): {documents}, {sheets}.").format(
                **words
            )
        )
        if self._asks:
            self._say(_("Print them on {others}? Type y or n, then Enter.").format(**words))
        else:
            self._say(_("To print them on {others}: run the command again with --move yes.").format(**words))

    def _say(self, line: str) -> None:
        self._bars.console.print(line, markup=False, soft_wrap=True)


def _typed() -> str | None:
    """A line that was typed by now; the end of the input says no."""
    if not select.select([sys.stdin], [], [], 0)[0]:
        return None
    line = sys.stdin.readline()
    return line.strip().casefold() if line else "n"


def _note(now: PrinterNow) -> str:
    """What a printer does: "math 7a, room 201 · 12 min left"."""
    if now.still:
        stopped = _("STOPPED")
        return f"[bold red]{stopped}[/]"
    if not now.at:
        return ""
    minutes = round(now.seconds / 60)
    left = _("{n} min left").format(n=minutes) if minutes else _("less than a minute left")
    where = _("{exam}, room {number}").format(**_words(now.at))
    return escape(f"{where} · {left}")


def _document(step: Step) -> str:
    """What a step is about, for people: "ma-7a, room 201, 201-05"."""
    room = _("{exam}, room {number}").format(**_words(_room_of(step.work.key)))
    return ", ".join([room, *step.work.covers[:1]])


def _room_of(key: str) -> str:
    """Exam and room of a work key."""
    return "/".join(key.split("/")[:2])


def _words(room: str) -> dict[str, str]:
    exam, _slash, number = room.partition("/")
    return {"exam": exam, "number": number}
