"""Which workstations of a room answer: a connection to the SSH port, and what answers there.

That is all that can be said so far. An answer is no proof of working software, headphones or
microphones, and nothing here calls a workstation ready.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

from labcheck.errors import N_, NoWorkstations

CONNECT_SECONDS = 5.0
"""Deadline for one workstation, from name look-up to the banner."""
AT_ONCE = 64
"""Connections under way at the same time; a lab has 10-30 workstations."""
BANNER_BYTES = 8192
"""A server may send lines before its identification (RFC 4253, 4.2); no more than this is read."""


class Reach(StrEnum):
    """What came of one workstation."""

    ANSWERS = "answers"
    NOT_SSH = "not-ssh"
    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    UNREACHABLE = "unreachable"
    NO_SUCH_HOST = "no-such-host"


REMEDIES = {
    Reach.NOT_SSH: N_("Something else than SSH answers: correct host or port in inventory.yaml."),
    Reach.REFUSED: N_("The computer is on, but SSH is not running: start the SSH server there."),
    Reach.TIMED_OUT: N_("Switch the computer on, check its cable, and that its firewall lets SSH in."),
    Reach.UNREACHABLE: N_("Check the network cable of the computer and of the room's switch."),
    Reach.NO_SUCH_HOST: N_("Correct the host in inventory.yaml, or write its IP address there."),
}
"""What to do, in plain words, for everything but ANSWERS."""


@dataclass(frozen=True, slots=True)
class Target:
    """A workstation to call."""

    seat: str
    host: str
    port: int = 22
    reserve: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of it; ``banner`` is the server's own word, cut to printable ASCII."""

    target: Target
    reach: Reach
    milliseconds: float
    banner: str = ""


def reach_room(room: str, targets: Sequence[Target], seconds: float = CONNECT_SECONDS) -> tuple[Reached, ...]:
    """Call all workstations of a room at once; results in the order given.

    ``seconds`` bounds each call. A dead machine holds up no other. Raises NoWorkstations.
    """
    if not targets:
        raise NoWorkstations(N_("room {room} has no workstations in the inventory"), room=room)
    return asyncio.run(_reach_all(targets, seconds))


async def _reach_all(targets: Sequence[Target], seconds: float) -> tuple[Reached, ...]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(target: Target) -> Reached:
        async with gate:
            return await _reach(target, seconds)

    return tuple(await asyncio.gather(*(one(target) for target in targets)))


async def _reach(target: Target, seconds: float) -> Reached:
    began = monotonic()
    banner = ""
    try:
        async with asyncio.timeout(seconds):
            banner = await _banner(target)
        reach = Reach.ANSWERS if banner else Reach.NOT_SSH
    except TimeoutError:
        reach = Reach.TIMED_OUT
    except ConnectionRefusedError:
        reach = Reach.REFUSED
    except (socket.gaierror, UnicodeError):  # UnicodeError: not even a possible name
        reach = Reach.NO_SUCH_HOST
    except OSError:
        reach = Reach.UNREACHABLE
    return Reached(target, reach, (monotonic() - began) * 1000, banner)


async def _banner(target: Target) -> str:
    """The SSH identification line ("SSH-2.0-..."), or "" when something else answers or the line ends."""
    reader, writer = await asyncio.open_connection(target.host, target.port, limit=BANNER_BYTES)
    try:
        read = 0
        while read < BANNER_BYTES:
            untrusted_line = await reader.readline()
            if not untrusted_line:
                return ""
            if untrusted_line.startswith(b"SSH-"):
                return "".join(chr(c) for c in untrusted_line[:255] if 32 <= c < 127)
            read += len(untrusted_line)
    except (ValueError, ConnectionResetError):  # a line over the limit; hung up on us
        return ""
    else:
        return ""
    finally:
        writer.close()
