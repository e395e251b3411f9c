"""A real OpenSSH server for one seat, as the account that runs this program; no account is made."""

from __future__ import annotations

import contextlib
import getpass
import os
import shlex
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from labcheck.rehearsal.box import Box
from labcheck.rehearsal.programs import program, until

_CONFIG = """{environment}
ListenAddress {host}:{port}
HostKey "{key}"
PidFile none
AuthorizedKeysFile "{authorized}"
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers {user}
UsePAM no
StrictModes no
PrintMotd no
PrintLastLog no
UseDNS no
{sftp}
"""
SEARCHED = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
BANNER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is to be: another server is another of these. ``variables`` are set in its sessions."""

    host: str
    port: int
    host_key: Path
    authorized_keys: Path
    home: Path
    variables: tuple[tuple[str, str], ...]
    sftp: bool = True


def keypair(path: Path) -> str:
    """The public half, "ssh-ed25519 AAAA…", of the private key at ``path``; made when there is none."""
    public = path.with_name(path.name + ".pub")
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        half = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        public.write_bytes(half + b"\n")
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return public.read_text().strip()


def variables(home: Path, more: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What sessions know: where they are at home, and programs, this Python among them at last."""
    base = Path(sys.base_prefix) / "bin"
    path = ":".join((*SEARCHED, str(base)))
    return tuple({"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", **more}.items())


def start(box: Box, settings: Settings, folder: Path) -> None:
    """Start the server in its box, and wait until it introduces itself. Raises SeatFailed."""
    config = folder / "sshd_config"
    quoted = " ".join(f'"{name}={value}"' for name, value in settings.variables)
    sftp = f'Subsystem sftp internal-sftp -d "{settings.home}"' if settings.sftp else ""
    config.write_text(
        _CONFIG.format(
            environment=f"SetEnv {quoted}",
            host=settings.host,
            port=settings.port,
            key=settings.host_key,
            authorized=settings.authorized_keys,
            user=getpass.getuser(),
            sftp=sftp,
        )
    )
    if os.geteuid() == 0:
        box.run("mkdir -p /run/sshd")  # it refuses to start without
    box.run(f"{program('sshd')} -D -e -f {shlex.quote(str(config))} &")
    if not until(lambda: introduces_itself(settings.host, settings.port)):
        raise box.failed("sshd")


def introduces_itself(host: str, port: int) -> bool:
    """Whether an SSH server says so there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), BANNER_SECONDS) as probe:
        return probe.recv(64).startswith(b"SSH-2.0-")
    return False


def free_port(host: str, wanted: int = 0) -> int:
    """``wanted`` if nothing listens there, else one that is free. Raises OSError when the address is none."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, wanted))
        except OSError:
            if not wanted:
                raise
            return free_port(host)
        return int(probe.getsockname()[1])
