"""A lab under way: a table by seat on a terminal, a line for each result elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.cells import cell_len
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from labcheck.finding import Check
from labcheck.outcome import Outcome
from labcheck.visit import Phase, Visited
from provision.cli.lab_summary import OUTCOME_WORDS
from provision.cli.lab_tables import shortly
from provision.cli.screen import GAP, console, table
from provision.errors import N_
from provision.locale import gettext as _
from provision.site.model import Room, Workstation

_PHASES = {
    Phase.CONNECT: N_("connecting"),
    Phase.AGENT: N_("starting our agent"),
    Phase.DEPLOY: N_("exam program"),
    Phase.CHECKS: N_("checking"),
    Phase.WAIT: N_("waits for the others"),
    Phase.SOUND: N_("opening the sound"),
    Phase.PLAY: N_("playing, listening"),
    Phase.MEASURE: N_("measuring"),
}
_STEPS = {
    "send": N_("sending"),
    "verify": N_("verifying"),
    "switch": N_("switching over"),
    "install": N_("installing"),
    "check": N_("trying it"),
    "rollback": N_("going back"),
}
_REFRESH = 8
_AROUND = 7
"""Lines of the screen that are not the table's rows."""
_LEAST = 12
"""Columns, at least, for what is found."""


class LabLive:
    """Shows how the workstations of a room stand. Implements labcheck.room.Observer."""

    def __init__(self, room: Room, stations: Sequence[Workstation], *, quiet: bool) -> None:
        """``quiet`` shows nothing."""
        self._room, self._stations = room, stations
        self._console = console(err=True)
        self._plain = not quiet and not self._console.is_terminal
        self._at: dict[str, tuple[Phase, str]] = {}
        self._done: dict[str, Visited] = {}
        self._live: Live | None = None
        if not quiet and self._console.is_terminal:
            self._live = Live(
                console=self._console,
                get_renderable=self.picture,
                refresh_per_second=_REFRESH,
                transient=True,
            )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def phase(self, seat: str, phase: Phase) -> None:
        """A phase begins."""
        self._at[seat] = (phase, "")

    def step(self, seat: str, step: str, done: int, size: int) -> None:
        """An installation came further."""
        words = _(_STEPS.get(step, step))
        self._at[seat] = (Phase.DEPLOY, f"{words} {100 * done // size} %" if size else words)

    def ended(self, *visited: Visited) -> None:
        """Results of seats are there."""
        for one in visited:
            self._done[one.seat] = one
            if self._plain:
                word, _style = OUTCOME_WORDS[one.outcome]
                line = f"{self._room.number}-{one.seat}: {_(word)}"
                self._console.print(": ".join(filter(None, (line, _why(one)))), markup=False, soft_wrap=True)

    def picture(self) -> Table:
        """What a terminal shows now."""
        ready = sum(visited.outcome.good for visited in self._done.values())
        title = _("Room {room}: {done} of {all} done, {ready} ready").format(
            room=self._room.number, done=len(self._done), all=len(self._stations), ready=ready
        )
        rows = [self._row(station) for station in self._shown()]
        hidden = len(self._stations) - len(rows)
        if hidden:
            rows.append(("…", _("{n} more").format(n=hidden), "", ""))
        made = table(title, (N_("seat"), N_("workstation"), N_("state"), N_("what is found or done")), rows)
        self._one_line_each(made)
        return made

    def _one_line_each(self, made: Table) -> None:
        """A row is a line, and no column moves while the words in it change: what does not fit is told in
        full at the end."""
        states = [word for word, _style in OUTCOME_WORDS.values()] + list(_PHASES.values())
        words = (
            [station.seat for station in self._stations],
            [station.host for station in self._stations],
            [_(state) for state in states],
        )
        *columns, last = made.columns
        for column, these in zip(columns, words, strict=True):
            column.width = max(map(cell_len, (str(column.header), *these)))
        last.width = max(_LEAST, self._console.width - sum(GAP + (c.width or 0) for c in columns))
        for column in made.columns:
            column.no_wrap, column.overflow = True, "ellipsis"

    def _shown(self) -> Sequence[Workstation]:
        """All; where the screen is too low, what is under way and what is not well."""
        most = max(3, self._console.height - _AROUND)
        if len(self._stations) <= most:
            return self._stations
        urgent = sorted(self._stations, key=self._urgency)[:most]
        return [station for station in self._stations if station in urgent]

    def _urgency(self, station: Workstation) -> int:
        done = self._done.get(station.seat)
        if done is None:
            return 1 if station.seat in self._at else 2
        return 3 if done.outcome.good else 0

    def _row(self, station: Workstation) -> tuple[str, ...]:
        done = self._done.get(station.seat)
        if done is not None:
            word, style = OUTCOME_WORDS[done.outcome]
            return station.seat, escape(station.host), f"[{style}]{_(word)}[/]", escape(_why(done))
        if station.seat not in self._at:
            waits = _("waits")
            return station.seat, escape(station.host), f"[dim]{waits}[/]", ""
        phase, step = self._at[station.seat]
        return station.seat, escape(station.host), f"[cyan]{_(_PHASES[phase])}[/]", escape(step)


def _why(visited: Visited) -> str:
    """The worst thing found, in few words."""
    outcomes = list(Outcome)
    found = [f for f in visited.findings if f.outcome is not Outcome.PASS]
    worst = max(found, key=lambda f: outcomes.index(f.outcome), default=None)
    if worst is None:
        return ""
    if worst.check is Check.CONNECTION:  # the state says so
        return worst.said_at(visited.seat, _)
    return shortly(worst, visited.seat)
