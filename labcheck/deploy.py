"""The oral-test software on one workstation: what is to do, and doing it.

``plan`` looks and changes nothing; ``apply`` does what is missing, and nothing when nothing is. Files are
sent one by one and resumed where a connection broke; the workstation verifies all of them, and the
signature over their list, before it runs anything; it switches to the new version at once, and goes back by
itself when the software's own check fails. What it goes through is in :mod:`labcheck.agent.store` and
:mod:`labcheck.agent.change`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any

from labcheck.deployerrors import failure, source_changed, source_missing
from labcheck.errors import N_
from labcheck.link import AgentBroken, AgentRefused, Link
from labcheck.requirements import Software
from labcheck.transport.base import Transport

INSTALL_SECONDS = 600.0
"""What the software's own commands may take, each."""
ANSWER_SECONDS = 60.0


class Action(StrEnum):
    """What is to do on a workstation."""

    NOTHING = "nothing"
    INSTALL = "install"
    REPLACE = "replace"
    REPAIR = "repair"
    FINISH = "finish"
    """An earlier run was cut."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``have`` is the version in use there, None for none; ``bytes_to_send`` is the most that may be sent."""

    seat: str
    action: Action
    have: str | None
    want: str
    bytes_to_send: int
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployed:
    """What was done. ``changed`` is whether anything on the workstation is other than before."""

    seat: str
    action: Action
    changed: bool
    version: str
    previous: str | None
    sent_bytes: int


@dataclass(frozen=True, slots=True)
class Package:
    """The software and where its files are here: path below its folder -> file."""

    software: Software
    sources: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class _Found:
    action: Action
    version: str | None
    previous: str | None
    damaged: tuple[str, ...]
    works: bool
    """Whether the software's own check did not say otherwise."""


_ACTIONS = {
    "absent": Action.INSTALL,
    "other": Action.REPLACE,
    "damaged": Action.REPAIR,
    "unfinished": Action.FINISH,
    "installed": Action.NOTHING,
}
Say = Callable[[str, int, int], None]
"""Called with a step (send, verify, switch, install, check, rollback), and for send bytes done and in all."""


def plan(link: Link, package: Package, *, deadline: float = ANSWER_SECONDS) -> Plan:
    """What is to do. Writes nothing, here or there. Raises DeployError, and what a link does."""
    found = _look(link, package, deadline=deadline, check=False)
    paths: set[str] = set()
    if found.action is not Action.NOTHING:
        paths = set(found.damaged) or {file.path for file in package.software.files}
    size = sum(_source(package, path).stat().st_size for path in paths)
    return Plan(link.seat, found.action, found.version, package.software.version, size, found.damaged)


def apply(
    link: Link,
    transport: Transport,
    package: Package,
    *,
    owner: str,
    deadline: float,
    say: Say | None = None,
) -> Deployed:
    """Do what is to do. ``owner`` is told to others that meet our lock. Raises DeployError, and what link and
    transport do; run again, it goes on where it was.
    """
    until = monotonic() + deadline
    tell = say or (lambda *_: None)

    def left() -> float:
        return max(0.0, until - monotonic())

    with locked(link, owner, f"install {package.software.name}"):
        found = _look(link, package, deadline=left(), check=True)
        version = package.software.version
        if found.action is Action.NOTHING and found.works:
            return Deployed(link.seat, Action.NOTHING, False, version, found.previous, 0)
        if found.action is Action.NOTHING:  # the files are right, and their check fails: installed once more
            _ask(link, "install", package, step="repair", deadline=left(), say=tell)
            return Deployed(link.seat, Action.REPAIR, True, version, found.previous, 0)
        staged = _ask(link, "install", package, step="stage", deadline=left())
        sent = _send(transport, package, staged, left, tell)
        done = _ask(link, "install", package, step="apply", deadline=left(), say=tell)
        previous = done.get("previous") and str(done["previous"])
        return Deployed(link.seat, found.action, True, version, previous, sent)


def rollback(link: Link, package: Package, *, owner: str, deadline: float) -> str:
    """Go back to the version before, and return which that is. Raises DeployError."""
    with locked(link, owner, f"roll back {package.software.name}"):
        return str(_ask(link, "install", package, step="rollback", deadline=deadline)["version"])


def uninstall(link: Link, package: Package, *, owner: str, deadline: float) -> bool:
    """Take the software away; answers stay. Returns whether there was any. Raises DeployError."""
    with locked(link, owner, f"uninstall {package.software.name}"):
        return bool(_ask(link, "uninstall", package, deadline=deadline)["changed"])


@contextmanager
def locked(link: Link, owner: str, purpose: str) -> Iterator[None]:
    """Nobody else changes this workstation meanwhile. Raises WorkstationLocked."""
    try:
        link.call("lock", {"owner": owner, "purpose": purpose}, deadline=ANSWER_SECONDS)
    except AgentRefused as refused:
        raise failure(link.seat, refused) from None
    try:
        yield
    finally:
        _unlock(link)


def _unlock(link: Link) -> None:
    try:
        link.call("unlock", deadline=ANSWER_SECONDS)
    except Exception:  # noqa: BLE001 - the lock falls when the agent ends; what happened before matters more
        link.close()


def _look(link: Link, package: Package, *, deadline: float, check: bool) -> _Found:
    untrusted = _ask(link, "verify", package, deadline=deadline, check=check)
    try:
        versions = [untrusted[which] and str(untrusted[which]) for which in ("version", "previous")]
        damaged = tuple(str(path) for path in (*untrusted["missing"], *untrusted["changed"]))
        works = untrusted["check"] is None or untrusted["check"]["status"] == 0
        return _Found(_ACTIONS[untrusted["state"]], versions[0], versions[1], damaged, works)
    except (KeyError, TypeError):
        raise AgentBroken(N_("{seat}: the agent answers without an answer"), seat=link.seat) from None


def _ask(
    link: Link, do: str, package: Package, *, deadline: float, say: Say | None = None, **more: object
) -> dict[str, Any]:
    given = {"software": described(package.software, link.hello.system), "seconds": INSTALL_SECONDS, **more}

    def progress(at: Mapping[str, Any]) -> None:
        if say is not None:
            say(str(at.get("step")), 0, 0)

    try:
        return link.call(do, given, deadline=deadline, progress=progress)
    except AgentRefused as refused:
        raise failure(link.seat, refused) from None


def described(software: Software, system: str) -> dict[str, Any]:
    """The software as the agent is told of it, see labcheck.agent.package."""
    steps = software.steps.get(system)
    return {
        "name": software.name,
        "version": software.version,
        "files": [{"path": file.path, "sha256": file.sha256} for file in software.files],
        "install": list(steps.install) if steps else [],
        "check": list(steps.check) if steps else [],
        "uninstall": list(steps.uninstall) if steps else [],
        "answers": steps.answers if steps else "",
        "public_key": software.public_key,
        "signature": software.signature,
    }


def _send(
    transport: Transport,
    package: Package,
    staged: Mapping[str, Any],
    left: Callable[[], float],
    tell: Say,
) -> int:
    """Send what is needed to where the agent says; returns the bytes that went over the network."""
    sources = {str(path): _source(package, str(path)) for path in staged.get("needed") or ()}
    total = sum(source.stat().st_size for source in sources.values())
    folder = str(staged.get("folder")).replace("\\", "/")
    before = sent = 0

    def progress(done: int, _size: int) -> None:
        tell("send", before + done, total)

    for path, source in sources.items():
        sent += transport.put(source, f"{folder}/{path}", deadline=left(), progress=progress)
        before += source.stat().st_size
    return sent


def _source(package: Package, path: str) -> Path:
    """The file here. Raises SourceMissing."""
    source = package.sources.get(path)
    if source is None or not source.is_file():
        raise source_missing(path)
    return source


def check_sources(package: Package) -> None:
    """Compare the files here with the profile's checksums, once for all workstations.

    Raises SourceMissing, SourceChanged.
    """
    for file in package.software.files:
        with _source(package, file.path).open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != file.sha256:
                raise source_changed(file.path)
