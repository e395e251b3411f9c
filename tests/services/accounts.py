"""Accounts that exist for one server and its children only: a mount namespace with an /etc of its own.

Passwords, their ageing and sudo are judged by the real login programs; the machine's own accounts are
neither used nor changed. Needs root; nothing is left behind when the last process has ended.
"""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.services.process import ServiceFailed, program


@dataclass(frozen=True, slots=True)
class Account:
    """``expired``: the password must be changed at the next login. ``sudo``: its line of sudoers."""

    name: str
    password: str
    expired: bool = False
    sudo: str = ""
    uid: int = 20401


def namespace(folder: Path, *accounts: Account) -> list[str]:
    """What must stand before a command so that it sees these accounts, each with a home in ``folder``.

    Others must be able to enter the folder."""
    if os.geteuid() != 0:
        msg = "tests with accounts of their own need root"
        raise ServiceFailed(msg)
    etc = folder / "etc"
    etc.mkdir(parents=True)
    today = int(time.time() // 86400)
    added: dict[str, list[str]] = {"passwd": [], "shadow": [], "group": [], "sudoers": []}
    for one in accounts:
        home = folder / f"home-{one.name}"
        home.mkdir()
        os.chown(home, one.uid, one.uid)
        added["passwd"].append(f"{one.name}:x:{one.uid}:{one.uid}::{home}:/bin/sh")
        added["group"].append(f"{one.name}:x:{one.uid}:")
        changed = 0 if one.expired else today
        added["shadow"].append(f"{one.name}:{_hashed(one.password)}:{changed}:0:99999:7:::")
        added["sudoers"].append(f"{one.name} {one.sudo}" if one.sudo else "")
    mounts = []
    for name, lines in added.items():
        there, ours = Path("/etc") / name, etc / name
        ours.write_text(there.read_text() + "\n".join(lines) + "\n")
        ours.chmod(there.stat().st_mode & 0o777)
        os.chown(ours, there.stat().st_uid, there.stat().st_gid)
        mounts.append(f"mount --bind '{ours}' '{there}'")
    script = " && ".join([*mounts, 'exec "$@"'])
    return [program("unshare"), "--mount", "--propagation", "private", "sh", "-c", script, "sh"]


def _hashed(password: str) -> str:
    command = [program("openssl"), "passwd", "-6", "-stdin"]
    return subprocess.run(command, input=password, capture_output=True, text=True, check=True).stdout.strip()
