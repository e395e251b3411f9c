"""Live progress: one bar per room on a terminal, one line per finished room elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from printing.dispatch import Progress as Step
from printing.queues.reasons import describe
from provision.cli.common import fill
from provision.cli.tables import console
from provision.locale import gettext as _
from provision.rooms import Todo


class Live:
    """Shows what goes through the printers; faults as they happen, once each."""

    def __init__(self, *, quiet: bool) -> None:
        """``quiet`` shows nothing but faults."""
        self._console = console(err=True)
        self._quiet = quiet
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(_("sheets")),
            console=self._console,
            disable=quiet or not self._console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._left: Counter[str] = Counter()
        self._told: dict[str, tuple[str, ...]] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def expect(self, todo: Sequence[Todo]) -> None:
        """What is going to come: a bar per exam and room."""
        for one in todo:
            self._left[_room_of(one.item.key)] += one.sheets
        for room, sheets in self._left.items():
            self._tasks[room] = self._bars.add_task(
                _("{exam}, room {number}").format(**_words(room)), total=sheets
            )

    def progress(self, printer: str, step: Step) -> None:
        """A document came further, or a printer says something."""
        self._faults(printer, step.reasons)
        room = _room_of(step.work.key)
        if not step.state.delivered or room not in self._tasks:
            return
        self._bars.advance(self._tasks[room], step.work.sheets)
        self._left[room] -= step.work.sheets
        if self._left[room] <= 0 and not self._quiet and not self._console.is_terminal:
            self._console.print(_("{exam}, room {number}: sent").format(**_words(room)))

    def _faults(self, printer: str, reasons: tuple[str, ...]) -> None:
        if reasons == self._told.get(printer, ()):
            return
        self._told[printer] = reasons
        for reason in map(describe, reasons):
            params = {"keyword": reason.keyword}
            line = f"{printer}: {fill(reason.what, params)} {fill(reason.cure, params)}"
            self._bars.console.print(line.rstrip(), markup=False)


def _room_of(key: str) -> str:
    """Exam and room of a work key."""
    return "/".join(key.split("/")[:2])


def _words(room: str) -> dict[str, str]:
    exam, _slash, number = room.partition("/")
    return {"exam": exam, "number": number}
