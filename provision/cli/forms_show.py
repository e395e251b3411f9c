"""``provision forms show FORM``: its instruction, and what it asks for."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded
from provision.cli.options import json_option, site_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "show", cls=Command, help=N_("Show a form's instruction, its headings, its lists and what it requires.")
)
@click.argument("form", metavar="FORM")
@site_option
@json_option
@guarded
def command(site: Path, form: str, *, as_json: bool) -> None:
    """Reads only; hidden sheets are named, not shown."""
    from rich.markup import escape  # noqa: PLC0415 - --help must not pay for it

    from provision.cli.screen import console, table  # noqa: PLC0415
    from provision.forms.asks import asks_of, instruction_lines  # noqa: PLC0415
    from provision.forms.desk import content_of, named  # noqa: PLC0415
    from provision.forms.proof import read  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    mapping = named(opened, form)
    path, content = content_of(opened, mapping)
    book = read(content)
    lines, asks = instruction_lines(book, mapping), asks_of(book, mapping)
    if as_json:
        data = [
            {"place": str(a.place), "heading": a.heading, "required": a.required, "choices": list(a.choices)}
            for a in asks
        ]
        sheets = [{"name": s.name, "visible": s.visible, "protected": s.protected} for s in book.sheets]
        emit(
            "forms-show",
            {"form": mapping.key, "file": path.name, "instruction": lines, "sheets": sheets, "asks": data},
        )
        return
    out = console()
    out.print(f"[bold]{escape(mapping.title)}[/] · {escape(path.name)}")
    for line in lines:
        out.print(escape(line), soft_wrap=True)
    out.print()
    for sheet in book.sheets:
        marks = [_("hidden")] * (not sheet.visible) + [_("protected")] * sheet.protected
        out.print(
            escape(_("Sheet {name}").format(name=sheet.name) + (f" ({', '.join(marks)})" if marks else ""))
        )
    out.print()
    rows = [
        (escape(str(ask.place)), escape(ask.heading), "*" if ask.required else "", escape(ask.allowed(_)))
        for ask in asks
    ]
    out.print(table("", (N_("cell"), N_("heading"), N_("required"), N_("allowed")), rows))
