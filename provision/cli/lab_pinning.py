"""A room's fingerprints, and the question which of them to pin."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from typing import Any

import click
from rich.markup import escape
from rich.table import Table

from labcheck.trust import Trust, alike, to_pin
from provision.cli.lab_scope import Meant, typed
from provision.cli.lab_tables import trouble
from provision.cli.screen import console, table
from provision.errors import N_
from provision.labroom import credentials_of, stations_of
from provision.labtrust import Shown, shown_by_jump, shown_in
from provision.locale import gettext as _
from provision.locale import ngettext
from provision.site.model import Room, Workstation
from provision.site.pins import JUMP, pin
from provision.site.site import open_site

_WORDS = {
    Trust.PINNED: (N_("pinned"), "green"),
    Trust.UNKNOWN: (N_("NEW"), "bold yellow"),
    Trust.CHANGED: (N_("CHANGED"), "bold red"),
}


class Pinning:
    """Shows, asks and pins, room by room."""

    def __init__(self, expected: Collection[str] | None, ask_passphrase: bool, *, quiet: bool) -> None:
        """``expected`` are fingerprints that may be pinned unasked; None: a person is asked."""
        self._expected, self._ask_passphrase, self._quiet = expected, ask_passphrase, quiet
        self._out = console()
        self.data: list[dict[str, Any]] = []
        self.count = 0
        self.all_trusted = True

    def room(
        self, wanted: Meant, room: Room, stations: Sequence[Workstation], replaced: Sequence[str]
    ) -> None:
        """The jump host first: nothing goes through one that is not trusted."""
        file = wanted.site.inventory_file
        seats = {s.seat for own in stations_of([room], self._here(room, replaced)).values() for s in own}
        replace = frozenset(seats if replaced else ()) | ({JUMP} if JUMP_WORD in replaced else set())
        jump = shown_by_jump(room)
        if jump is not None and self._pin(wanted, room, [jump], replace):
            room = next(r for r in open_site(file.parent).inventory.rooms if r.number == room.number)
        credentials = credentials_of(wanted.site, room, self._typed(wanted, jump))
        self._pin(wanted, room, shown_in(room, stations, credentials), replace)

    def _here(self, room: Room, replaced: Sequence[str]) -> Sequence[str]:
        """Of the seats that are named those of this room."""
        names = {w.seat for w in room.workstations}
        return [s for s in replaced if s != JUMP_WORD and (s.removeprefix(f"{room.number}-") in names)]

    def _typed(self, wanted: Meant, jump: Shown | None) -> Any:
        """Something is logged in to only where there is a jump host."""
        from provision.labroom import Secrets  # noqa: PLC0415 - the empty one

        return Secrets() if jump is None else typed(wanted, ask_passphrase=self._ask_passphrase)

    def _pin(self, wanted: Meant, room: Room, shown: Sequence[Shown], replace: frozenset[str]) -> bool:
        """Whether something was pinned."""
        if not self._quiet:
            self._show(room, shown)
        offered = {one.seat: one.key for one in shown if one.key is not None}
        pins = to_pin({one.seat: one.pinned for one in shown}, offered, replace=replace)
        fingerprints = {one.seat: one.fingerprint for one in shown}
        if self._expected is not None:
            pins = {seat: key for seat, key in pins.items() if fingerprints[seat] in self._expected}
        if pins and not self._agreed(len(pins)):
            pins = {}
        if pins:
            pin(wanted.site.inventory_file, {(room.number, seat): key for seat, key in pins.items()})
            self._say(
                ngettext("{n} key pinned in {file}.", "{n} keys pinned in {file}.", len(pins)).format(
                    n=len(pins), file=wanted.site.inventory_file.name
                )
            )
        self.count += len(pins)
        self.all_trusted &= all(one.trust is Trust.PINNED or one.seat in pins for one in shown)
        self.data += [_data(room, one, pinned_now=one.seat in pins) for one in shown]
        return bool(pins)

    def _agreed(self, count: int) -> bool:
        if self._expected is not None:
            return True
        if self._quiet or not sys.stdin.isatty():
            self._say(_("Nothing was pinned: there is nobody to ask. For scripts: --yes --fingerprint …"))
            return False
        text = ngettext(
            "Do you trust this key, and pin it in inventory.yaml?",
            "Do you trust these {n} keys, and pin them in inventory.yaml?",
            count,
        )
        return click.confirm(text.format(n=count), err=True)

    def _show(self, room: Room, shown: Sequence[Shown]) -> None:
        self._out.print(_trust_table(room, shown))
        groups = alike({one.seat: one.key for one in shown if one.key is not None})
        for group in groups:
            self._say(
                _(
                    "! The same key at {seats}: copies of one disk image. Nobody can tell these computers"
                    " apart; let each make keys of its own (ssh-keygen -A after deleting the old ones)."
                ).format(seats=", ".join(group))
            )
        changed = [one.seat for one in shown if one.trust is Trust.CHANGED]
        if changed:
            self._say(
                _(
                    "! CHANGED: {seats}. Find out why first (reinstalled? another computer?), then pin it:"
                    " --replace SEAT"
                ).format(seats=", ".join(map(_seat, changed)))
            )

    def _say(self, line: str) -> None:
        if not self._quiet:
            self._out.print(line, markup=False, soft_wrap=True)


JUMP_WORD = "jump"
"""Names the jump host as a seat."""


def _seat(seat: str) -> str:
    return seat or JUMP_WORD


def _trust_table(room: Room, shown: Sequence[Shown]) -> Table:
    rows = []
    for one in shown:
        if one.error is not None:
            no_key = _("no key")
            words, remark = f"[red]{no_key}[/]", trouble(one.error, _seat(one.seat))
        else:
            word, style = _WORDS[one.trust or Trust.UNKNOWN]
            words, remark = f"[{style}]{_(word)}[/]", one.fingerprint
        rows.append((_seat(one.seat), escape(one.host), words, escape(remark)))
    headings = (N_("seat"), N_("workstation"), N_("key"), N_("fingerprint"))
    return table(_("Room {room}").format(room=room.number), headings, rows)


def _data(room: Room, one: Shown, *, pinned_now: bool) -> dict[str, Any]:
    return {
        "room": room.number,
        "seat": _seat(one.seat),
        "trust": "unreachable" if one.trust is None else one.trust.value,
        "fingerprint": one.fingerprint or None,
        "pinned_now": pinned_now,
        "message": trouble(one.error, _seat(one.seat)) if one.error else "",
    }
