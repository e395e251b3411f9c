"""A real OpenSSH server per test workstation, each at a loopback address of its own: 127.0.204.N.

Nothing of the system is used or changed: own host key, own login key, own home, own configuration in a folder
of its own. Started as root it serves root, started by a user that user: no account is made.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from labcheck.transport.base import Credentials, Endpoint
from tests.services.process import Process, program, until

_CONFIG = """ListenAddress {host}:{port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
PrintMotd no
PrintLastLog no
UseDNS no
LogLevel VERBOSE
{sftp}
"""


@dataclass(frozen=True, slots=True)
class Sshd:
    """A server that answers; ``home`` is the folder that its sessions start in and call HOME."""

    endpoint: Endpoint
    credentials: Credentials
    home: Path
    folder: Path
    process: Process

    def stop(self) -> None:
        """End the server and its sessions, which are in process groups of their own."""
        sessions: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            sessions += psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        for session in sessions:
            with contextlib.suppress(psutil.NoSuchProcess):
                session.kill()

    def sessions(self) -> list[str]:
        """The command lines of its connections and what they run."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(" ".join(process.cmdline()))
        return found

    def log(self) -> str:
        """What the server said of all its connections, which end first: it answers before it writes."""
        until(lambda: not self._connections(), f"the end of all connections to {self.endpoint.host}")
        return (self.folder / "log").read_text(errors="replace")

    def _connections(self) -> list[str]:
        """The titles of the processes that serve connections: since OpenSSH 9.8 of a program of their own."""
        titles = [line for line in self.sessions() if line.startswith(("sshd: ", "sshd-session: "))]
        return [title for title in titles if "[listener]" not in title]


def keygen(path: Path, kind: str = "ed25519", passphrase: str = "") -> str:
    """Make a key pair at ``path`` and ``path``.pub; return its public half, "ssh-ed25519 AAAA…"."""
    path.unlink(missing_ok=True)
    command = [program("ssh-keygen"), "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.with_name(path.name + ".pub").read_text().strip()


def banner(host: str, port: int) -> bool:
    """Whether an SSH server introduces itself there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=2) as probe:
        return probe.recv(64).startswith(b"SSH-2.0-")
    return False


def free_port_at(host: str) -> int:
    """A TCP port that nothing listens on at this loopback address."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def start(
    folder: Path,
    number: int,
    *,
    port: int | None = None,
    options: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    key_kind: str = "ed25519",
    command: Sequence[str] = (),
    user: str = "",
    sftp: str | None = "internal-sftp",
) -> Sshd:
    """Start the server of seat "204-NN" at 127.0.204.``number`` and wait until it introduces itself.

    ``folder`` must be empty or of an earlier start, whose keys and home are kept. ``options`` are lines of
    sshd_config that come first and so win; ``environment`` is set in its sessions. ``command`` stands before
    sshd's own, ``user`` is who logs in. Without ``sftp`` there is no such subsystem."""
    folder.mkdir(parents=True, exist_ok=True)
    host = f"127.0.204.{number}"
    port = port or free_port_at(host)
    home = folder / "home"
    home.mkdir(exist_ok=True)
    for name, kind in (("host_key", key_kind), ("user_key", "ed25519")):
        if not (folder / name).exists():
            keygen(folder / name, kind)
    (folder / "authorized_keys").write_text((folder / "user_key.pub").read_text())
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it refuses to start without
    variables = {**({} if user else {"HOME": str(home)}), **(environment or {})}
    settings = " ".join(f'"{key}={value}"' for key, value in variables.items())
    lines = [*options, f"SetEnv {settings}" if settings else ""]
    where = f" -d {home}" if sftp == "internal-sftp" and not user else ""
    subsystem = f"Subsystem sftp {sftp}{where}" if sftp else ""
    text = _CONFIG.format(host=host, port=port, folder=folder, sftp=subsystem)
    (folder / "sshd_config").write_text("\n".join(lines) + "\n" + text)
    process = Process(
        [*command, program("sshd"), "-D", "-e", "-f", str(folder / "sshd_config")], folder / "log"
    )
    process.wait_ready(lambda: banner(host, port), f"sshd at {host}:{port}")
    return Sshd(
        endpoint=Endpoint(
            seat=f"204-{number:02}",
            host=host,
            port=port,
            user=user or getpass.getuser(),
            host_key=" ".join((folder / "host_key.pub").read_text().split()[:2]),
        ),
        credentials=Credentials(key_files=(folder / "user_key",)),
        home=home,
        folder=folder,
        process=process,
    )


@contextlib.contextmanager
def sshd(folder: Path, number: int, **settings: object) -> Iterator[Sshd]:
    """:func:`start`, stopped at the end."""
    server = start(folder, number, **settings)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.stop()
