"""A lab of 40 workstations made ready, first and second run: ours beside Ansible and pyinfra.

``python -m bench room``. Each workstation is an sshd of its own on loopback, the same for all. Each way
gathers about 20 facts and installs a program of 5 MB (its files, its install command, its check); the second
run finds it there. What is timed is the command as a person types it, from start to end: ours reads a whole
inventory besides, judges the facts, and keeps a record. The others run with what makes them fast: as many
hosts at once as there are, Ansible with pipelining and kept connections. Ways take turns; of each the best
turn counts. Workstations and controller share this machine's processors, so that what a way costs over there
counts as much as here; their files lie in memory, because they share a disk, too.

The others live in an environment of their own (bench/others/requirements.lock, filled on the first run): they
want another paramiko than ours, and nothing but this benchmark needs them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.common import in_memory, print_result, print_table
from tests.e2e.lab import Lab, lab, payload
from tests.services.bundles import VENV
from tests.services.sshd import Sshd, keygen, start

WORKSTATIONS = 40
FIRST_NUMBER = 101
BYTES = 5_000_000
TURNS = 2
HERE = Path(__file__).parent / "others"
OTHERS = VENV / "bench-others"
LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Run:
    """One command: wall and CPU seconds of it and its children, their peak memory in MB (10⁶ bytes)."""

    wall: float
    cpu: float
    peak_mb: float
    out: str


def main() -> None:
    """Run and print."""
    _others()
    runs: dict[tuple[str, str], list[Run]] = {}
    changed: list[int] = []
    place = in_memory(4 * WORKSTATIONS * BYTES)
    with tempfile.TemporaryDirectory(dir=place) as folder, _farm(Path(folder)) as servers:
        site = _lab(Path(folder), servers)
        ways = {
            "ours": _ours(site),
            "pyinfra": _pyinfra(Path(folder), site, servers),
            "ansible": _ansible(Path(folder), site, servers),
        }
        for turn in range(TURNS):
            for name, (command, environment) in ways.items():
                _clean(servers, site)
                for which in ("first", "second"):
                    run = _timed(command, environment, site.site)
                    runs.setdefault((name, which), []).append(run)
                    print(f"turn {turn + 1}: {name}, {which}: {run.wall:.1f} s", file=sys.stderr)
                    if name == "ours":
                        _all_ready(run)
                        if which == "second":
                            changed.append(json.loads(run.out)["changed"])
    best = {key: min(found, key=lambda run: run.wall) for key, found in runs.items()}
    rows = [
        (f"{name}, {which} run", f"{run.wall:.2f}", f"{run.cpu:.2f}", f"{run.peak_mb:.0f}")
        for (name, which), run in best.items()
    ]
    print_table(("way", "seconds", "CPU here", "peak MB"), rows)
    print_result(
        {
            "workstations": WORKSTATIONS,
            "first_s": round(best["ours", "first"].wall, 2),
            "second_s": round(best["ours", "second"].wall, 2),
            **{
                f"vs_{name}_{which}": round(best[name, which].wall / best["ours", which].wall, 2)
                for name in ("ansible", "pyinfra")
                for which in ("first", "second")
            },
            "changed_second": max(changed),
        }
    )


def _others() -> None:
    """The environment of Ansible and pyinfra; made once for each lock."""
    lock = HERE / "requirements.lock"
    stamp = OTHERS / "lock"
    if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return
    print("Installing Ansible and pyinfra for this benchmark …", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "--clear", OTHERS], check=True)
    pip = [str(OTHERS / "bin" / "pip"), "install", "--quiet", "--require-hashes", "-r", str(lock)]
    subprocess.run(pip, check=True)
    stamp.write_bytes(lock.read_bytes())


@contextlib.contextmanager
def _farm(folder: Path) -> Iterator[list[Sshd]]:
    """The workstations; one key opens all of them."""
    keygen(folder / "key")
    servers: list[Sshd] = []
    try:
        for number in range(WORKSTATIONS):
            own = folder / f"seat-{number + 1}"
            own.mkdir()
            for end in ("", ".pub"):
                shutil.copy(folder / f"key{end}", own / f"user_key{end}")
            servers.append(start(own, FIRST_NUMBER + number))
        yield servers
    finally:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(Sshd.stop, servers))


def _lab(folder: Path, servers: Sequence[Sshd]) -> Lab:
    endpoints = [server.endpoint for server in servers]
    made = lab(folder / "site", endpoints, folder / "key", program={"payload.bin": payload(BYTES)})
    made.change("time_zone: Europe/Moscow", "time_zone: UTC")
    return made


def _clean(servers: Sequence[Sshd], site: Lab) -> None:
    """Everything as before the first run."""
    for server in servers:
        for inside in server.home.iterdir():
            shutil.rmtree(inside) if inside.is_dir() else inside.unlink()
    shutil.rmtree(site.site / ".provision", ignore_errors=True)


Way = tuple[Sequence[object], Mapping[str, str]]


def _ours(site: Lab) -> Way:
    return site.command("--room", "204", "--json"), site.environment()


def _all_ready(run: Run) -> None:
    (room,) = json.loads(run.out)["rooms"]
    assert room["ready"] == WORKSTATIONS, room


def _ansible(folder: Path, site: Lab, servers: Sequence[Sshd]) -> Way:
    lines = ["[all]"]
    for server in servers:
        to = server.endpoint
        lines.append(
            f"{to.seat} ansible_host={to.host} ansible_port={to.port} ansible_user={to.user}"
            f" home={server.home}"
        )
    lines += ["[all:vars]", "ansible_python_interpreter=/usr/bin/python3", f"files={site.site}/software"]
    lines += [f"ansible_ssh_private_key_file={folder}/key"]
    (folder / "hosts").write_text("\n".join(lines) + "\n")
    known = "".join(f"[{s.endpoint.host}]:{s.endpoint.port} {s.endpoint.host_key}\n" for s in servers)
    (folder / "known_hosts").write_text(known)
    environment = {
        **os.environ,
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_FORKS": str(WORKSTATIONS),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=60s"
        f" -o UserKnownHostsFile={folder}/known_hosts",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{folder}/cp",
        "ANSIBLE_LOCAL_TEMP": f"{folder}/tmp",
        "ANSIBLE_NOCOLOR": "1",
    }
    return [OTHERS / "bin" / "ansible-playbook", "-i", folder / "hosts", HERE / "playbook.yml"], environment


def _pyinfra(folder: Path, site: Lab, servers: Sequence[Sshd]) -> Way:
    hosts = [
        (
            server.endpoint.seat,
            {
                "ssh_hostname": server.endpoint.host,
                "ssh_port": server.endpoint.port,
                "ssh_user": server.endpoint.user,
                "ssh_key": str(folder / "key"),
                "ssh_known_hosts_file": str(folder / "known_hosts"),
                "ssh_strict_host_key_checking": "yes",
                "ssh_look_for_keys": False,
                "ssh_allow_agent": False,
                "home": str(server.home),
                "files": str(site.site / "software"),
            },
        )
        for server in servers
    ]
    (folder / "inventory.py").write_text(f"hosts = {hosts!r}\n")
    many = ("--parallel", str(WORKSTATIONS))
    command = [OTHERS / "bin" / "pyinfra", "-y", *many, folder / "inventory.py", HERE / "deploy.py"]
    return command, {**os.environ, "LC_ALL": "C.UTF-8"}


def _timed(command: Sequence[object], environment: Mapping[str, str], folder: Path) -> Run:
    """Run it and look at it meanwhile. Raises CalledProcessError."""
    before = os.times()
    began = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT if "labcheck" not in str(command[0]) else None,
            env=dict(environment),
            cwd=folder,
        )
        memory = _Memory(process.pid)
        code = process.wait()
        wall = time.monotonic() - began
        memory.end()
        after = os.times()
        out.seek(0)
        said = out.read().decode()
    if code:
        print(said[-3000:], file=sys.stderr)
        raise subprocess.CalledProcessError(code, list(map(str, command)))
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(wall, cpu, memory.peak / 1e6, said)


class _Memory:
    """The most that a process and its children had at one time."""

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(pid,))
        self._thread.start()

    def _look(self, pid: int) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            total = 0
            with contextlib.suppress(psutil.Error):
                top = psutil.Process(pid)
                for process in (top, *top.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        total += process.memory_info().rss
            self.peak = max(self.peak, total)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()


if __name__ == "__main__":
    main()
