"""What would be installed, as a table and as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from labcheck.deploy import Action, Plan
from labcheck.errors import LabcheckError
from labcheck.failure import finding_of, outcome_of
from provision.cli.lab_summary import OUTCOME_WORDS
from provision.cli.lab_tables import trouble
from provision.cli.screen import right, table
from provision.errors import N_
from provision.locale import gettext as _
from provision.site.model import Room

_ACTIONS = {
    Action.NOTHING: (N_("nothing to do"), "green"),
    Action.INSTALL: (N_("install"), "yellow"),
    Action.REPLACE: (N_("replace another version"), "yellow"),
    Action.REPAIR: (N_("put files right"), "yellow"),
    Action.FINISH: (N_("finish what was cut"), "yellow"),
}
Plans = Mapping[str, Plan | LabcheckError]


def plan_table(room: Room, plans: Plans) -> Table:
    """A line for each workstation."""
    headings = (N_("seat"), N_("to do"), N_("has"), N_("is to have"), right(N_("to send, MB")), N_("remark"))
    rows = [_row(seat, plan) for seat, plan in plans.items()]
    return table(_("Room {room}").format(room=room.number), headings, rows)


def _row(seat: str, plan: Plan | LabcheckError) -> tuple[str, ...]:
    if isinstance(plan, LabcheckError):
        word, style = OUTCOME_WORDS[outcome_of(plan)]
        return seat, f"[{style}]{_(word)}[/]", "—", "—", "—", escape(trouble(plan, seat))
    word, style = _ACTIONS[plan.action]
    megabytes = f"{plan.bytes_to_send / 1e6:.1f}" if plan.bytes_to_send else "—"
    damaged = _("damaged: {names}").format(names=", ".join(plan.damaged)) if plan.damaged else ""
    return (
        seat,
        f"[{style}]{_(word)}[/]",
        escape(plan.have or "—"),
        escape(plan.want),
        megabytes,
        escape(damaged),
    )


def plan_json(room: Room, plans: Plans) -> dict[str, Any]:
    """The same as data."""
    return {"room": room.number, "workstations": [_data(seat, plan) for seat, plan in plans.items()]}


def _data(seat: str, plan: Plan | LabcheckError) -> dict[str, Any]:
    if isinstance(plan, LabcheckError):
        finding = finding_of(plan)
        message, remedy = finding.said_at(seat, _), finding.remedy.said(_)
        outcome = outcome_of(plan).value
        return {"seat": seat, "outcome": outcome, "error": plan.code, "message": message, "remedy": remedy}
    return {
        "seat": seat,
        "action": plan.action.value,
        "has": plan.have,
        "wants": plan.want,
        "bytes_to_send": plan.bytes_to_send,
        "damaged": list(plan.damaged),
    }
