"""The virtual lab: all its seats started together, changed while it runs, and stopped whatever happens."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from labcheck.errors import N_
from labcheck.rehearsal import programs
from labcheck.rehearsal.errors import AddressTaken, FaultNotPossible, FaultUnknown
from labcheck.rehearsal.faults import ISOLATED_ONLY, Fault
from labcheck.rehearsal.seat import Keys, Place, Seat
from labcheck.rehearsal.sshserver import free_port, keypair

AT_ONCE = 4
"""Seats that are started at the same time."""
NEEDED = ("sshd", "pulseaudio", "pactl", "pacat", "parec", programs.COMPILER)
LOGIN_KEY = "login_key"
PLACE_BYTES = 75
"""unix(7): a socket's path has at most 107 bytes, and "/lab-xxxxxxxx/123/sound/native" is ours."""


def host_keys(keys: Path, places: Iterable[Place]) -> dict[str, str]:
    """Seat -> the host key that it has while nothing is wrong with it; made when there is none yet."""
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {place.seat: keypair(_keys(keys, place).host) for place in places}


def check_possible(faults: Iterable[Fault]) -> None:
    """Raises FaultNotPossible, ProgramMissing for one that cannot be made on this computer."""
    isolated = bool(programs.namespaces())
    for fault in faults:
        mounts = fault in ISOLATED_ONLY or (fault is Fault.NOT_WRITABLE and os.geteuid() == 0)
        if mounts and not isolated:
            raise FaultNotPossible(
                N_("'{fault}' needs name spaces of its own, which this computer or container does not allow"),
                fault=fault.value,
            )
        if fault is Fault.CLOCK_OFF:
            programs.program(programs.COMPILER)


class Lab:
    """``keys`` is a folder whose keys are used again when they are there; ``login_key`` is the private key
    to log in with, as the account that runs this program."""

    def __init__(self, places: Sequence[Place], keys: Path, *, utc_offset_minutes: int) -> None:
        """Nothing is started yet."""
        self._places = {place.seat: place for place in places}
        self._key_folder = keys
        self._offset = utc_offset_minutes
        self._folder = Path()
        self._crossed: set[str] = set()
        self.login_key = keys / LOGIN_KEY
        self.seats: dict[str, Seat] = {}

    def start(self, faults: Mapping[str, Collection[Fault]]) -> None:
        """Start all seats, seat -> its faults. What was begun is ended when one fails.

        Raises RehearsalError, OSError."""
        for name in NEEDED:
            programs.program(name)
        for seat, wanted in faults.items():
            self._known(seat, wanted)
            check_possible(wanted)
        for place in self._places.values():
            if free_port(place.host, place.port) != place.port:
                raise AddressTaken(N_("{host}:{port} is in use"), host=place.host, port=place.port)
        host_keys(self._key_folder, self._places.values())
        self._folder = Path(tempfile.mkdtemp(prefix="lab-", dir=_short_place()))
        try:
            authorized = self._folder / "authorized_keys"
            authorized.write_text(keypair(self.login_key) + "\n")
            with ThreadPoolExecutor(AT_ONCE) as pool:
                begun = [
                    pool.submit(self._start, place, authorized, faults.get(seat, ()))
                    for seat, place in self._places.items()
                ]
            for one in begun:
                one.result()
            self._cross()
        except BaseException:
            self.close()
            raise

    def _start(self, place: Place, authorized: Path, faults: Collection[Fault]) -> None:
        keys = _keys(self._key_folder, place, authorized)
        keypair(keys.other)
        seat = Seat(place, self._folder / place.host.rpartition(".")[2], keys, self._offset)
        self.seats[place.seat] = seat
        seat.set(faults)

    def set(self, seat: str, faults: Collection[Fault]) -> None:
        """Let a seat have these faults and no others, while the lab runs. Raises RehearsalError, OSError."""
        self._known(seat, faults)
        check_possible(faults)
        self.seats[seat].set(faults)
        self._cross()

    def _cross(self) -> None:
        """Let seats whose earphones are plugged in at each other's hear each other. Raises SeatFailed."""
        names = list(self._places)
        heard: dict[str, str] = {}
        for number, name in enumerate(names):
            if Fault.NEIGHBOUR_PLUG in (self.seats[name].faults or ()) and name not in heard:
                neighbour = (names[number + 1 :] or names[number - 1 :])[0]
                heard[name], heard[neighbour] = neighbour, name
        for _again in range(2):  # who gets new devices the first time has cut off who listened to the old
            for name in heard.keys() | self._crossed:
                self.seats[name].hear(self.seats[heard[name]].sound_server if name in heard else None)
        self._crossed = set(heard)

    def exam(self, codes: Iterator[str], seconds: int) -> dict[str, str]:
        """A wave of an exam: seat -> code of the pupil who speaks there now, for so long. Codes are taken
        for seats where the exam program is installed and can run. Raises SeatFailed."""
        speaking: dict[str, str] = {}
        for name in self._places:
            seat = self.seats[name]
            code = next(codes, None) if seat.takes_pupils else None  # none is taken that nobody speaks for
            if code is not None:
                seat.record(code, seconds)
                speaking[name] = code
        return speaking

    def close(self) -> None:
        """Stop everything, and leave nothing of it. May be called twice."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(Seat.close, self.seats.values()))
        self.seats.clear()
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)

    def _known(self, seat: str, faults: Collection[Fault] = ()) -> None:
        if seat not in self._places:
            raise FaultUnknown(
                N_("there is no seat '{seat}'; there are: {seats}"), seat=seat, seats=", ".join(self._places)
            )
        if Fault.NEIGHBOUR_PLUG in faults and len(self._places) == 1:
            raise FaultNotPossible(
                N_("'{fault}' needs a neighbour: rehearse with two seats or more"), fault="neighbour-plug"
            )

    def __enter__(self) -> Lab:
        """As it is; ``start`` starts it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.close()


def _short_place() -> str:
    """Where temporary files go, if that is plain and short enough for the sockets in a seat's folder."""
    usual = tempfile.gettempdir()
    return usual if usual.isascii() and " " not in usual and len(usual) <= PLACE_BYTES else "/tmp"  # noqa: S108


def _keys(folder: Path, place: Place, authorized: Path = Path()) -> Keys:
    name = place.host.rpartition(".")[2]
    return Keys(folder / f"host_{name}", folder / f"host_{name}_other", authorized)
