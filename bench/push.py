"""200 MB to one workstation and to eight at once: ours beside OpenSSH's sftp and scp on the same servers.

``python -m bench push``. Each workstation is an sshd of its own on loopback. Files lie in memory (/dev/shm
where it is large enough), so that no disk is measured. Each way logs in anew, as sftp and scp must. OpenSSH
runs as it comes and with the cipher that is fastest here; what ours is compared with is the quickest of its
four ways. Ways take turns; of each the best turn counts. Last, a push is cut at random places and must go
on where it was.

Seconds of CPU, ours and the servers', say what walls do not on a machine that has other work.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from bench.common import in_memory, print_result, print_table
from labcheck.transport.core import share_core
from labcheck.transport.errors import ConnectionLost
from labcheck.transport.ssh import connect
from tests.services.cable import Cable
from tests.services.process import program, until
from tests.services.sshd import Sshd, sshd

BYTES = 200_000_000
WORKSTATIONS = 8
TURNS = {1: 9, WORKSTATIONS: 3}
"""One push takes a second, in which a busy machine shows; so there are more of them."""
CUTS = 5
FAST = ("-c", "aes128-gcm@openssh.com")

Way = Callable[[Path, Sequence[Sshd]], None]


def ours(source: Path, servers: Sequence[Sshd]) -> None:
    """One thread for each workstation."""
    with ThreadPoolExecutor(len(servers), initializer=share_core) as pool:
        list(pool.map(lambda server: _push(source, server), servers))


def _push(source: Path, server: Sshd) -> None:
    transport = connect(server.endpoint, server.credentials)
    transport.put(source, str(server.home / "pushed"), deadline=300)
    transport.close()


def openssh(name: str, *more: str) -> Way:
    """One process for each workstation."""

    def push(source: Path, servers: Sequence[Sshd]) -> None:
        started = [_start(name, source, server, more) for server in servers]
        if any(process.wait() for process in started):
            raise SystemExit(f"{name} failed")

    return push


def _start(name: str, source: Path, server: Sshd, more: Sequence[str]) -> subprocess.Popen[bytes]:
    end = server.endpoint
    options = ["-F", "none", "-q", "-i", str(server.credentials.key_files[0]), *more]
    for option in ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"):
        options += ["-o", option]
    where, target = f"{end.user}@{end.host}", str(server.home / "pushed")
    if name == "scp":
        command = [program("scp"), "-P", str(end.port), *options, str(source), f"{where}:{target}"]
        return subprocess.Popen(command, stdin=subprocess.DEVNULL)
    command = [program("sftp"), "-P", str(end.port), *options, "-b", "-", where]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(f"put {source} {target}\n".encode())
    process.stdin.close()
    return process


WAYS: dict[str, Way] = {
    "sftp": openssh("sftp"),
    "sftp, aes128-gcm": openssh("sftp", *FAST),
    "scp": openssh("scp"),
    "scp, aes128-gcm": openssh("scp", *FAST),
    "ours": ours,
}


@dataclass(frozen=True, slots=True, order=True)
class Push:
    """Wall seconds of one turn; CPU seconds of the side that pushed, and of the servers."""

    wall: float
    cpu: float
    servers: float


def measure(way: Way, source: Path, digest: str, servers: Sequence[Sshd]) -> Push:
    """One turn; what arrived is checked."""
    theirs, cpu, wall = _servers_cpu(servers), _cpu(), time.perf_counter()
    way(source, servers)
    cpu, wall = _cpu() - cpu, time.perf_counter() - wall
    for server in servers:
        until(lambda one=server: not one.sessions(), "a server still works")  # type: ignore[misc]
        pushed = server.home / "pushed"
        with pushed.open("rb") as arrived:
            if hashlib.file_digest(arrived, "sha256").hexdigest() != digest:
                raise SystemExit("something else arrived")
        pushed.unlink()
    return Push(wall, cpu, _servers_cpu(servers) - theirs)


def _cpu() -> float:
    """Of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _servers_cpu(servers: Sequence[Sshd]) -> float:
    """Of all sessions that have ended."""
    times = [psutil.Process(server.process.pid).cpu_times() for server in servers]
    return float(sum(one.children_user + one.children_system for one in times))


def resumes(data: bytes, server: Sshd) -> bool:
    """Cut a push at random places until it is through; what had arrived must not be sent again."""
    chance, target = random.Random(204), str(server.home / "resumed")
    for _ in range(CUTS):
        wire = Cable((server.endpoint.host, server.endpoint.port))
        try:
            transport = connect(replace(server.endpoint, host=wire.host, port=wire.port), server.credentials)
            wire.fail("cut", after=chance.randrange(8_000_000, 30_000_000))
            try:
                transport.put(io.BytesIO(data), target, deadline=120)
            except ConnectionLost:
                pass
            else:
                return False  # it was never cut
            finally:
                transport.close()
        finally:
            wire.close()
    transport = connect(server.endpoint, server.credentials)
    sent = transport.put(io.BytesIO(data), target, deadline=120)
    transport.close()
    arrived = (server.home / "resumed").read_bytes()
    return arrived == data and sent <= len(data) - CUTS * 5_000_000


def main() -> None:
    """Run all ways in turns, print the table and the line of JSON."""
    data = os.urandom(BYTES)
    digest = hashlib.sha256(data).hexdigest()
    best: dict[tuple[str, int], Push] = {}
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(dir=in_memory((WORKSTATIONS + 2) * BYTES)))
        )
        source = folder / "source"
        source.write_bytes(data)
        servers = [
            stack.enter_context(sshd(folder / str(number), number)) for number in range(1, WORKSTATIONS + 1)
        ]
        for count, turns in TURNS.items():
            for _turn in range(turns):
                for name, way in WAYS.items():
                    taken = measure(way, source, digest, servers[:count])
                    best[name, count] = min(taken, best.get((name, count), taken))
        resumed = resumes(data, servers[0])
    rows = [(name, *(text for count in TURNS for text in _row(best[name, count], count))) for name in WAYS]
    columns = ("MB/s", "CPU s", "servers'")
    print_table(("way", *(f"{count}: {column}" for count in TURNS for column in columns)), rows)
    print_result(
        {
            "one_vs_scp": _ratio(best, 1),
            "eight_vs_scp": _ratio(best, WORKSTATIONS),
            "resume_ok": resumed,
        }
    )


def _row(push: Push, count: int) -> tuple[str, ...]:
    return f"{count * BYTES / 1e6 / push.wall:.0f}", f"{push.cpu:.2f}", f"{push.servers:.2f}"


def _ratio(best: dict[tuple[str, int], Push], count: int) -> float:
    """The seconds of OpenSSH's quickest way, divided by ours."""
    theirs = min(push.wall for (name, number), push in best.items() if number == count and name != "ours")
    return round(theirs / best["ours", count].wall, 2)


if __name__ == "__main__":
    main()
