"""A lab being watched: a table with what goes wrong first on a terminal, else a line for every change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from labcheck.incidents import TITLES, Incident, ranked
from labcheck.watch import News, Watch
from provision.cli.screen import console, table
from provision.errors import N_
from provision.locale import gettext as _
from provision.site.model import Room

_REFRESH = 2
_AROUND = 8
"""Lines of the screen that are not incidents."""
_LINES = 3
"""That an incident with its remedy takes."""
Watches = Sequence[tuple[Room, Watch]]


class Watching:
    """Shows how the rooms stand."""

    def __init__(self, watches: Watches, zone: ZoneInfo, *, quiet: bool) -> None:
        """``quiet`` shows nothing; times are shown in the ``zone``."""
        self._watches, self._zone, self._quiet = watches, zone, quiet
        self._console = console(err=True)
        self._live: Live | None = None
        if not quiet and self._console.is_terminal:
            self._live = Live(
                console=self._console,
                get_renderable=self._table,
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

    def tell(self, room: Room, news: News) -> None:
        """Something came from a workstation."""
        if self._quiet or self._live:
            return
        for incident in news.changed:
            self._say(f"{self._time(incident.ended or incident.noted)} {_line(room, incident)}")

    def end(self) -> None:
        """The account of the whole watch: every incident, and the time that each seat may have lost."""
        if self._quiet:
            return
        if self._live:
            self._live.stop()
        for room, watch in self._watches:
            rows = [self._row(room, watch, incident) for incident in watch.incidents()]
            if rows:
                title = _("Room {room}: what was noted").format(room=room.number)
                self._console.print(table(title, _HEADINGS, rows))
            for line in _sums(room, watch):
                self._say(line)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)

    def _time(self, at: dt.datetime) -> str:
        return f"{at.astimezone(self._zone):%H:%M:%S}"

    def _table(self) -> Group:
        rows: list[tuple[str, ...]] = []
        for room, watch in self._watches:
            lasting = ranked(i for state in watch.states.values() for i in state.open.values())
            rows += [self._row(room, watch, incident) for incident in lasting]
        most = max(3, (self._console.height - _AROUND) // _LINES)
        if len(rows) > most:
            rows = [*rows[: most - 1], ("…", _("{n} more").format(n=len(rows) - most + 1), "", "", "")]
        calm = [Text(line) for room, watch in self._watches for line in _calm(room, watch)]
        now = self._time(self._watches[0][1].now()) if self._watches else ""
        return Group(table(_("{time}  Ctrl-C ends the watch").format(time=now), _HEADINGS, rows), *calm)

    def _row(self, room: Room, watch: Watch, incident: Incident) -> tuple[str, ...]:
        style = "dim" if incident.ended else "bold red" if incident.kind.stops else "yellow"
        time = self._time(incident.noted)
        if incident.ended:
            time = f"{time}-{self._time(incident.ended)}"
        until = incident.ended or watch.now()
        lost = _span(until - incident.noted) if incident.kind.stops else ""
        remedy = "" if incident.ended else _remedy(room, incident)
        return (
            f"{room.number}-{incident.seat}",
            f"[{style}]{escape(_what(incident))}[/]",
            time,
            lost,
            escape(remedy),
        )


_HEADINGS = (N_("seat"), N_("what"), N_("noted"), N_("lost"), N_("what to do"))


def _what(incident: Incident) -> str:
    detail = incident.detail.said(_).removeprefix(f"{incident.seat}: ")
    title = _(TITLES[incident.kind])
    return f"{title} ({detail})" if detail else title


def _remedy(room: Room, incident: Incident) -> str:
    return _(incident.remedy).format(seat=f"{room.number}-{incident.seat}")


def _line(room: Room, incident: Incident) -> str:
    words = {"seat": f"{room.number}-{incident.seat}", "what": _what(incident)}
    if incident.ended is not None:
        return _("{seat}: over: {what}, after {span}").format(
            span=_span(incident.ended - incident.noted), **words
        )
    return _("{seat}: NOTED: {what}. {remedy}").format(remedy=_remedy(room, incident), **words)


def _calm(room: Room, watch: Watch) -> Iterator[str]:
    """Who is well, and who was not seen yet; they are never the same."""
    words = {"room": room.number}
    well = [seat for seat, state in watch.states.items() if state.seen and not state.open]
    if well:
        yield _("Room {room}, nothing wrong: {seats}").format(seats=", ".join(well), **words)
    waiting = [seat for seat in well if watch.states[seat].limits.program and not watch.states[seat].pids]
    if waiting:
        yield _("Room {room}, the exam program has not been seen running: {seats}").format(
            seats=", ".join(waiting), **words
        )
    yield from _deaf(room, watch)
    unseen = [seat for seat, state in watch.states.items() if not state.seen and not state.open]
    if unseen:
        yield _("Room {room}, NOT SEEN YET: {seats}").format(seats=", ".join(unseen), **words)


def _deaf(room: Room, watch: Watch) -> Iterator[str]:
    """Whose microphone cannot be listened to, and why; that it is well is not said of them."""
    by_why: dict[str, list[str]] = {}
    for seat, state in watch.states.items():
        if state.heard.why is not None:
            by_why.setdefault(state.heard.why.said(_), []).append(seat)
    for why, seats in by_why.items():
        text = _("Room {room}, microphone not listened to: {seats} ({why})")
        yield text.format(room=room.number, seats=", ".join(seats), why=why)


def _sums(room: Room, watch: Watch) -> Iterator[str]:
    for seat in watch.states:
        lost = watch.lost(seat)
        if lost:
            yield _("{seat}: up to {span} lost").format(seat=f"{room.number}-{seat}", span=_span(lost))
    yield from _calm(room, watch)


def _span(lost: dt.timedelta) -> str:
    minutes, seconds = divmod(round(lost.total_seconds()), 60)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=seconds)


def watch_json(room: Room, watch: Watch) -> dict[str, Any]:
    """A room's watch as data, incidents that last first."""
    return {
        "room": room.number,
        "incidents": [
            {
                "seat": incident.seat,
                "kind": incident.kind.value,
                "noted": incident.noted.isoformat(timespec="milliseconds"),
                "ended": incident.ended.isoformat(timespec="milliseconds") if incident.ended else None,
                "what": _what(incident),
                "remedy": _remedy(room, incident),
            }
            for incident in watch.incidents()
        ],
        "seats": [
            {
                "seat": seat,
                "seen": state.seen is not None,
                "lost_s": round(watch.lost(seat).total_seconds(), 1),
                "listened": state.heard.times,
                "not_listened": state.heard.why.said(_) if state.heard.why else None,
            }
            for seat, state in watch.states.items()
        ],
    }
