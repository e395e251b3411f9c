"""``uninstall``: the software away again; answers stay."""

from __future__ import annotations

import os

from . import change
from .commands import SECONDS, run_in
from .lock import require_lock
from .package import parse
from .protocol import Conversation, Json, Refused
from .store import Store, remove


def uninstall(_conversation: Conversation, wanted: Json) -> Json:
    """``{"software"}`` -> ``{changed, version}``. Runs the uninstall command that came with the version in
    use.

    Raises Refused (``uninstall-failed``, ``answers-inside``): then all is left as it is.
    """
    require_lock()
    described = parse(wanted.get("software"))
    store = Store(described.name)
    if not os.path.isdir(store.root):
        return {"changed": False, "version": None}
    store.require_apart(described.answers)
    store.require_no_answers()
    seconds = float(wanted.get("seconds") or SECONDS)
    change.recover(store, seconds)
    package = store.record(store.current_id())
    if package is not None:
        outcome = run_in(store.current, package.uninstall, package, seconds)
        if not outcome.good:
            raise Refused(
                "uninstall-failed", "the uninstall command of the software failed", **outcome.json()
            )
    store.switch(None)
    remove(store.root)
    return {"changed": package is not None, "version": package.version if package else None}
