"""``install``: software onto the workstation, in steps between which the controller sends the files.

``{"step": "stage"}`` says which files are needed and where to put them; ``{"step": "apply"}`` verifies every
one, and only then switches, runs the install command and the after-check; what fails goes back by itself.
``{"step": "repair"}`` runs install command and after-check once more; ``{"step": "rollback"}`` goes back to
the version before. All need the lock."""

from __future__ import annotations

import json
import os

from . import change
from .commands import SECONDS, run_in
from .lock import require_lock
from .package import MARK, Package, differences, parse, sha256
from .paths import expand, names
from .protocol import Conversation, Json, Refused
from .store import Store, remove, sync_folder, write
from .typed import Any

PART = ".part"
"""What the controller is still sending has this after its name."""
PROGRAM_STARTS = (b"#!", b"\x7fELF")


def install(conversation: Conversation, wanted: Json) -> Json:
    """Carry out one step. ``seconds`` is what each of the software's commands may take."""
    require_lock()
    package = parse(wanted.get("software"))
    store = Store(package.name)
    seconds = float(wanted.get("seconds") or SECONDS)
    steps: dict[str, Any] = {"stage": _stage, "apply": _apply, "repair": _repair, "rollback": _rollback}
    step = steps.get(str(wanted.get("step")))
    if step is None:
        raise Refused("bad-request", "no such step of an installation")
    store.require_apart(package.answers)
    os.makedirs(store.path("versions"), exist_ok=True)
    answer: Json = step(conversation, store, package, seconds)
    return answer


def _stage(_conversation: Conversation, store: Store, package: Package, seconds: float) -> Json:
    """``{folder, needed: [paths], recovered}``."""
    recovered = change.recover(store, seconds)
    folder = store.path("staging", package.id())
    for name in names(store.path("staging")):
        if name != package.id():
            remove(store.path("staging", name))
    os.makedirs(folder, exist_ok=True)
    _clear_strangers(folder, package)
    lacking = differences(package, folder)
    for path in lacking["changed"]:
        remove(os.path.join(folder, *path.split("/")))
    needed = [
        path for path in lacking["missing"] + lacking["changed"] if not _reuse(store, package, folder, path)
    ]
    return {"folder": folder, "needed": needed, "recovered": recovered}


def _clear_strangers(folder: str, package: Package) -> None:
    """Only the package's files, and what is being sent of them, may be in its folder."""
    for above, folders, files in os.walk(folder):
        for name in files + [name for name in folders if os.path.islink(os.path.join(above, name))]:
            path = os.path.relpath(os.path.join(above, name), folder).replace(os.sep, "/")
            known = path[: -len(PART)] if path.endswith(PART) else path
            if known not in package.files:
                remove(os.path.join(above, name))


def _reuse(store: Store, package: Package, folder: str, path: str) -> bool:
    """Take a file with the same content from a version that is here. The folder for it is made in any
    case."""
    target = os.path.join(folder, *path.split("/"))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    for version in {store.current_id(), store.previous_id()}:
        known = store.record(version)
        for other, digest in known.files.items() if known and version else ():
            there = os.path.join(store.folder_of(str(version)), *other.split("/"))
            if digest == package.files[path] and os.path.isfile(there) and sha256(there) == digest:
                import shutil  # noqa: PLC0415 - brings five compressors

                shutil.copyfile(there, target + PART)
                os.replace(target + PART, target)
                return True
    return False


def _apply(conversation: Conversation, store: Store, package: Package, seconds: float) -> Json:
    """``{version, previous}``. Raises Refused: not-verified, in-use, install-failed, after-check-failed."""
    staged = store.path("staging", package.id())
    conversation.progress(step="verify")
    _clear_strangers(staged, package)
    lacking = differences(package, staged)
    if lacking["missing"] or lacking["changed"]:
        for path in lacking["changed"]:
            remove(os.path.join(staged, *path.split("/")))
        raise Refused("not-verified", "files that came are not the ones described", **lacking)
    before = store.record(store.current_id())
    to = change.free_id(store, package)
    _make_ready(staged, package, to)
    write(store.path("records", to), json.dumps(package.raw))
    if package.answers:
        os.makedirs(expand(package.answers), exist_ok=True)
    change.bring_in(store, package, to, staged, seconds, conversation.progress)
    return {"version": package.version, "previous": before.version if before else None}


def _make_ready(staged: str, package: Package, to: str) -> None:
    """Give programs the right to run, the folder its mark, and make all of it last."""
    folders = {staged}
    for path in package.files:
        there = os.path.join(staged, *path.split("/"))
        folders.add(os.path.dirname(there))
        with open(there, "rb") as file:
            if file.read(4).startswith(PROGRAM_STARTS):
                os.chmod(there, 0o755)  # noqa: S103 - programs must run
    write(os.path.join(staged, MARK), to)
    for folder in folders:
        sync_folder(folder)


def _repair(conversation: Conversation, store: Store, package: Package, seconds: float) -> Json:
    """``{version}``; for a version whose files are whole but whose after-check fails."""
    if change.base(store.current_id()) != package.id():
        raise Refused("not-installed", "that version is not the one in use")
    for step, words, code in (
        ("install", package.install, "install-failed"),
        ("check", package.check, "after-check-failed"),
    ):
        conversation.progress(step=step)
        outcome = run_in(store.current, words, package, seconds)
        if not outcome.good:
            message = f"the {step} command of the software failed, once more"
            raise Refused(code, message, **outcome.json(), now=package.version, problem=None)
    return {"version": package.version}


def _rollback(conversation: Conversation, store: Store, _package: Package, seconds: float) -> Json:
    """``{version}``."""
    change.recover(store, seconds)
    return {"version": change.go_back(store, seconds, conversation.progress)}
