"""``provision intake --watch``: downloads are taken into the site as they arrive."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from provision.cli.common import emit, fill
from provision.downloads import Left, Taken, Watcher, downloads_folder, watch
from provision.intake.model import Kind
from provision.ledger.arrivals import VAULT
from provision.locale import gettext as _
from provision.site.site import Site
from provision.site.surnames import Surnames
from provision.status import KIND_WORDS


def take_in(
    site: Site, folder: Path | None, *, existing: bool, vault: bool, once: bool, as_json: bool
) -> bool:
    """Watch, and say what is taken in and what is left; returns whether every plain copy is gone."""
    folder = folder or downloads_folder(Path.home())
    watcher = Watcher(site, folder, existing=existing, all_to_vault=vault)
    found: list[Taken | Left] = []

    def told(one: Taken | Left) -> None:
        found.append(one)
        if not as_json:
            click.echo(line_of(one))

    if not as_json:
        click.echo(_("Watching {folder}; Ctrl-C ends it.").format(folder=folder))
        if watcher.skipped:
            words = _(
                "{count} files lay there before: they are left alone (--existing takes in what is ours)."
            )
            click.echo(words.format(count=watcher.skipped))
    watch(watcher, told, time.sleep, once=once)
    if as_json:
        pupils = Surnames(one.name for one in site.roster.participants)
        emit("intake watch", {"folder": str(folder), "files": [_json(one, pupils) for one in found]})
    return all(one.plain_gone for one in found if isinstance(one, Taken))


def line_of(one: Taken | Left) -> str:
    """What became of one download."""
    kind = _(KIND_WORDS[one.arrival.kind])
    if isinstance(one, Left):
        why = fill(one.arrival.problem, one.arrival.problem_params or {}) if one.arrival.problem else ""
        if one.arrival.kind is not Kind.UNKNOWN and not why:
            why = _("it fits no exam of the inventory")
        return _("Left alone: {name}: {why}").format(name=one.name, why=why or kind)
    where = _("the vault") if one.where == VAULT else _("the inbox")
    words = {"name": one.name, "kind": kind, "exams": ", ".join(one.arrival.exams) or "—", "where": where}
    if one.plain_gone:
        return _("Taken in: {name} ({kind}; {exams}) → {where}; the plain copy is gone.").format(**words)
    return _(
        "Taken in: {name} ({kind}; {exams}) → {where}; ANOTHER NAME STILL LEADS TO THE PLAIN COPY."
    ).format(**words)


def _json(one: Taken | Left, pupils: Surnames) -> dict[str, Any]:
    """Where the name of a file holds a pupil's, it is masked: data is passed on."""
    told = {"file": pupils.mask(one.name), "kind": one.arrival.kind.value, "exams": list(one.arrival.exams)}
    if isinstance(one, Left):
        return {**told, "taken": False}
    return {**told, "taken": True, "where": one.where, "plain_gone": one.plain_gone}
