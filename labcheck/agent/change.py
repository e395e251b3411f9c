"""From one version to another, or back: switch, install, check; what fails or was cut goes back by itself."""

from __future__ import annotations

import os
from collections.abc import Callable

from .commands import DONE, Outcome, run_in
from .package import Package
from .protocol import Json, Refused
from .store import Store, remove, sync_folder, write
from .typed import Any

Say = Callable[..., None]


def base(version: str | None) -> str | None:
    """The package's id without the count of its repairs."""
    return version.split("~")[0] if version else None


def free_id(store: Store, package: Package) -> str:
    """A name for this version that no folder has."""
    wanted = package.id()
    taken = {store.current_id(), *os.listdir(store.path("versions"))}
    count = 1
    while (wanted if count == 1 else f"{wanted}~{count}") in taken:
        count += 1
    return wanted if count == 1 else f"{wanted}~{count}"


def bring_in(store: Store, package: Package, to: str, staged: str, seconds: float, say: Say) -> None:
    """Make what is staged, and verified, the version in use. Raises Refused after going back to the former
    one."""
    note = {"from": store.current_id(), "to": to, "step": "switch"}
    store.write_journal(note)
    os.rename(staged, store.path("versions", to))
    sync_folder(store.path("versions"))
    _carry_out(store, note, package, seconds, say)
    if note["from"] and base(note["from"]) != base(to):
        write(store.path("previous"), str(note["from"]))
    store.write_journal(None)
    store.prune()


def go_back(store: Store, seconds: float, say: Say) -> str:
    """Make the previous version the one in use, as a person asked. Raises Refused."""
    former, to = store.current_id(), store.previous_id()
    package = store.record(to)
    if to is None or package is None:
        raise Refused("no-previous-version", "there is no previous version to go back to")
    _uninstall(store, former, seconds)
    note = {"from": former, "to": to, "step": "switch"}
    store.write_journal(note)
    _carry_out(store, note, package, seconds, say)
    if former:
        write(store.path("previous"), former)
    store.write_journal(None)
    return package.version


def _carry_out(store: Store, note: Json, package: Package, seconds: float, say: Say) -> None:
    try:
        say(step="switch")
        store.switch(note["to"])
    except Refused:
        undo(store, note, seconds)
        raise
    for step, words, code in (
        ("install", package.install, "install-failed"),
        ("check", package.check, "after-check-failed"),
    ):
        note["step"] = step
        store.write_journal(note)
        say(step=step)
        outcome = run_in(store.current, words, package, seconds)
        if not outcome.good:
            say(step="rollback")
            problem = undo(store, note, seconds, keep=False)
            now = store.record(store.current_id())
            raise Refused(
                code,
                f"the {step} command of the software failed; the former version is in use again"
                if now
                else f"the {step} command of the software failed; it was taken away again",
                **outcome.json(),
                now=now.version if now else None,
                problem=problem,
            )


def undo(store: Store, note: Json, seconds: float, *, keep: bool = True) -> str | None:
    """Go back to what was in use before the change; ``keep`` what was brought, as staged. Can be cut and done
    again.

    Returns what else went wrong, None when nothing did.
    """
    to, former = note["to"], note["from"]
    begun = note["step"] != "switch"
    outcomes = []
    if begun and to != former and store.current_id() == to:
        outcomes.append(_uninstall(store, to, seconds))
    store.switch(former)
    package = store.record(former)
    if begun and package is not None:
        outcomes.append(run_in(store.current, package.install, package, seconds))
    brought = store.path("versions", to)
    if os.path.isdir(brought) and to != store.previous_id():
        staged = store.path("staging", str(base(to)))
        if keep and not os.path.exists(staged):
            os.makedirs(store.path("staging"), exist_ok=True)
            os.rename(brought, staged)
        else:
            remove(brought)
    store.write_journal(None)
    return next((outcome.said or "a command failed" for outcome in outcomes if not outcome.good), None)


def _uninstall(store: Store, version: str | None, seconds: float) -> Outcome:
    package: Any = store.record(version)
    return run_in(store.current, package.uninstall, package, seconds) if package else DONE


def recover(store: Store, seconds: float) -> bool:
    """Go back from a change that was cut. Returns whether there was one."""
    note = store.journal()
    if note is not None:
        undo(store, note, seconds)
    return note is not None
