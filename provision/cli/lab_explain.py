"""``labcheck headset --explain SEAT``: what the last check found of a headset, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from labcheck.headset.plain import ALL_WELL, Explanation, explain
from provision.cli.common import emit
from provision.cli.exits import Exit
from provision.cli.lab_scope import meant, one_station, opened_ledger
from provision.cli.lab_tables import shortly
from provision.ledger.lab import Checked, last_heard
from provision.locale import gettext as _
from provision.reports.headsets import mark, untold


def tell(folder: Path, rooms: Sequence[str], name: str, *, as_json: bool) -> int:
    """Tell it, and return the exit code."""
    wanted = meant(folder, rooms, [name], every=False)
    room, station = one_station(wanted, name)
    seat = f"{room.number}-{station.seat}"
    with opened_ledger(wanted.site) as ledger:
        checked, missed = last_heard(ledger, room.number, station.seat)
    said = explain(checked.result.findings if checked else ())
    if as_json:
        emit("labcheck headset", {"explained": _data(seat, said, checked, missed)})
    else:
        zone = wanted.site.zone
        for line in _missed(seat, station.seat, missed, zone):
            click.echo(line)
        for line in _lines(seat, station.seat, said, checked, zone):
            click.echo(line)
    return Exit.DONE if said.outcome.good and missed is None else Exit.INCOMPLETE


def _when(checked: Checked, zone: ZoneInfo) -> str:
    return checked.at.astimezone(zone).strftime("%d.%m.%Y, %H:%M")


def _missed(name: str, seat: str, missed: Checked | None, zone: ZoneInfo) -> Iterator[str]:
    """The last check, where it did not come to the headset."""
    if missed is None:
        return
    text = _("{seat}: the last check ({when}) did not come to the headset.")
    yield text.format(seat=name, when=_when(missed, zone))
    for finding in missed.result.findings:
        if not finding.outcome.good:
            yield f"  {shortly(finding, seat)}"
            yield _("What to do: {remedy}").format(remedy=finding.remedy.said(_))
            return


def _lines(name: str, seat: str, said: Explanation, checked: Checked | None, zone: ZoneInfo) -> Iterator[str]:
    if checked is None:
        yield _("{seat}: the headset was not tested yet.").format(seat=name)
        yield _("What to do: {remedy}").format(
            remedy=_("run 'labcheck --seat {seat}'; the headset must be plugged in.").format(seat=name)
        )
        return
    state = _("{seat}: headset {state} (checked {when})")
    yield state.format(seat=name, state=_(mark(said.outcome)), when=_when(checked, zone))
    if not said.points:
        yield _("What was heard: {heard}").format(heard=ALL_WELL.said(_))
        yield "  (" + "; ".join(shortly(finding, seat) for finding in said.findings) + ")"
    for point in said.points:
        yield ""
        yield _("What was heard: {heard}").format(heard=point.heard.said(_))
        yield f"  ({shortly(point.finding, seat)})"
        yield _("What should be heard: {expected}.").format(expected=point.expected.said(_))
        yield _("Why: {why}").format(why=point.why.said(_))
        remedy = point.remedy.said(_)
        if remedy:
            yield _("What to do: {remedy}").format(remedy=remedy)
    if said.open:
        yield ""
        yield untold(said, _)


def _data(seat: str, said: Explanation, checked: Checked | None, missed: Checked | None) -> dict[str, Any]:
    return {
        "seat": seat,
        "outcome": said.outcome.value,
        "checked": checked.at.isoformat() if checked else None,
        "missed": missed.at.isoformat() if missed else None,
        "points": [
            {
                "cause": point.finding.cause.value if point.finding.cause else None,
                "heard": point.heard.said(_),
                "expected": point.expected.said(_),
                "why": point.why.said(_),
                "remedy": point.remedy.said(_),
                "measured": point.finding.measured.said(_),
                "limit": point.finding.limit.said(_),
            }
            for point in said.points
        ],
        "open": [check.value for check in said.open],
    }
