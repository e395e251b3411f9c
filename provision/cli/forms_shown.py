"""What several commands about forms show alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
from rich.markup import escape

from provision.cli.common import fill, warn
from provision.cli.screen import console
from provision.errors import N_, Phrase
from provision.forms.mapping import FOLDER, FormKind
from provision.forms.standing import State
from provision.locale import gettext as _

if TYPE_CHECKING:
    from provision.forms.desk import Filled
    from provision.forms.filling import Lack
    from provision.site.site import Site

KINDS = {
    FormKind.APPLICATION: N_("application"),
    FormKind.QUESTIONNAIRE: N_("questionnaire"),
    FormKind.RESULTS: N_("results form"),
}
STATES = {
    State.WAITING: (N_("TO DOWNLOAD"), "yellow"),
    State.TO_FILL: (N_("TO FILL"), "yellow"),
    State.CHANGED: (N_("FILL AGAIN"), "bold red"),
    State.FILLED: (N_("FILLED"), "cyan"),
    State.UPLOADED: (N_("UPLOADED"), "cyan"),
    State.ACCEPTED: (N_("ACCEPTED"), "bold green"),
}


def no_forms(site: Site) -> None:
    """What to do where there is no mapping yet."""
    click.echo(
        _("There is no mapping in {folder}; docs/forms.md tells how to begin.").format(
            folder=site.root / FOLDER
        )
    )


def said(phrase: Phrase) -> str:
    """A phrase in the person's language."""
    return fill(phrase.template, phrase.params)


def show_lacks(done: Filled) -> None:
    """What is missing, what the form refuses, and what else is to be known."""
    out = console()
    for title, lacks in (
        (_("Missing"), done.filling.missing),
        (_("Not allowed by the form"), done.filling.refused),
    ):
        if lacks:
            out.print(f"[bold red]{escape(title)}[/]")
            for line in _together(lacks):
                out.print(escape(f"  {line}"), soft_wrap=True)
    for note in done.notes:
        out.print(escape(said(note)), soft_wrap=True)


def _together(lacks: Iterable[Lack]) -> Iterator[str]:
    """A line for each thing that is wrong, with the first of its places: a column lacks it in every row."""
    places: dict[str, list[str]] = {}
    for lack in lacks:
        places.setdefault(said(lack.what), []).append(lack.place)
    for what, where in places.items():
        more = " " + _("… and {count} more").format(count=len(where) - 1) if len(where) > 1 else ""
        yield f"{where[0]}{more}: {what}"


def lacks_json(lacks: Iterable[Lack]) -> list[dict[str, str]]:
    """The same as data."""
    return [{"place": lack.place, "what": said(lack.what)} for lack in lacks]


def filled_json(done: Filled) -> dict[str, Any]:
    """One filled form as data; values stay out of it, because some are participant codes."""
    return {
        "form": done.mapping.key,
        "file": done.source.name,
        "cells": len(done.filling.edits),
        "missing": lacks_json(done.filling.missing),
        "refused": lacks_json(done.filling.refused),
        "unchecked": done.filling.unchecked,
        "notes": [said(note) for note in done.notes],
        "sha256": done.proof.filled if done.proof else None,
        "source_sha256": done.proof.source if done.proof else None,
    }


def say_confidential() -> None:
    """A results form holds codes."""
    warn(_("The filled form holds participant codes: keep it like the list of codes."))
