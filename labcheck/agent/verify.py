"""``verify``: how the software stands on the workstation. Nothing is written."""

from __future__ import annotations

from . import change
from .commands import SECONDS, run_in
from .package import differences, parse
from .protocol import Conversation, Json
from .store import Store
from .typed import Any


def verify(_conversation: Conversation, wanted: Json) -> Json:
    """``{"software", "check": bool}`` -> ``{state, version, previous, missing, changed, check}``.

    ``state``: absent, other (another version is in use), damaged (files are not as described), unfinished (a
    change was cut), installed. ``check`` is ``{status, output}`` of the after-check, null when it was not
    run: it was not asked for, or there is nothing to check."""
    package = parse(wanted.get("software"))
    store = Store(package.name)
    now, before = store.record(store.current_id()), store.record(store.previous_id())
    lacking: dict[str, Any] = {"missing": [], "changed": []}
    checked = None
    if store.journal() is not None:
        state = "unfinished"
    elif store.current_id() is None:
        state = "absent"
    elif change.base(store.current_id()) != package.id():
        state = "other"
    else:
        lacking = differences(package, store.current)
        state = "damaged" if lacking["missing"] or lacking["changed"] else "installed"
        if state == "installed" and wanted.get("check"):
            seconds = float(wanted.get("seconds") or SECONDS)
            checked = run_in(store.current, package.check, package, seconds).json()
    return {
        "state": state,
        "version": now.version if now else None,
        "previous": before.version if before else None,
        **lacking,
        "check": checked,
    }
