"""The use case behind ``labcheck trust``: what keys the workstations show, beside those that are pinned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labcheck.each import ask_each
from labcheck.errors import LabcheckError
from labcheck.transport import ssh
from labcheck.transport.base import Credentials, Endpoint
from labcheck.trust import Trust, compare, fingerprint
from provision.labroom import endpoint_of, jump_of
from provision.site.model import Room, Workstation
from provision.site.pins import JUMP

_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a workstation shows. ``seat`` is that of the inventory, JUMP for the computer that they are
    behind; ``key`` is None when there was none to be had, and ``error`` says why."""

    seat: str
    host: str
    pinned: str | None
    key: str | None
    error: LabcheckError | None = None

    @property
    def trust(self) -> Trust | None:
        """Beside the pinned one; None when no key was shown."""
        return None if self.key is None else compare(self.pinned, self.key)

    @property
    def fingerprint(self) -> str:
        """Of the key that is shown; empty when there is none."""
        return "" if self.key is None else fingerprint(self.key)


def shown_by_jump(room: Room) -> Shown | None:
    """What the room's jump host shows; None when the workstations are called directly."""
    jump = jump_of(room)
    if jump is None:
        return None
    return _shown(JUMP, jump, _ask([jump], Credentials())[jump.seat])


def shown_in(room: Room, stations: Sequence[Workstation], credentials: Credentials) -> tuple[Shown, ...]:
    """What those workstations show; the credentials are for the jump host alone, where there is one."""
    endpoints = [endpoint_of(room, station) for station in stations]
    keys = _ask(endpoints, credentials)
    return tuple(_shown(endpoint.seat, endpoint, keys[endpoint.seat]) for endpoint in endpoints)


def _ask(endpoints: Sequence[Endpoint], credentials: Credentials) -> Mapping[str, str | LabcheckError]:
    return ask_each(endpoints, lambda to: ssh.offered_key(to, credentials, deadline=_SECONDS))


def _shown(seat: str, endpoint: Endpoint, answer: str | LabcheckError) -> Shown:
    host = endpoint.host if endpoint.port == 22 else f"{endpoint.host}:{endpoint.port}"
    if isinstance(answer, LabcheckError):
        return Shown(seat, host, endpoint.host_key, None, answer)
    return Shown(seat, host, endpoint.host_key, answer)
