"""``provision forms fill FORM``: filled in place, proved, written for the person who uploads it."""

from __future__ import annotations

from pathlib import Path

import click

from provision.cli.common import emit, guarded, warn
from provision.cli.options import json_option, site_option
from provision.cli.vault_options import role_option
from provision.cli.words import N_, Command
from provision.locale import gettext as _


@click.command(
    "fill",
    cls=Command,
    help=N_(
        "Fill a form in place, prove cell by cell that nothing else of it changed, and write it with the "
        "list of what was written (PDF) into out/forms. A form that is not whole is only written as a draft."
    ),
)
@click.argument("form", metavar="FORM")
@click.option("--draft", is_flag=True, help=N_("Write it even if something is missing, as a draft."))
@click.option(
    "--pdf", is_flag=True, help=N_("Write the filled form itself as a PDF too (needs LibreOffice).")
)
@click.option("--who", metavar="NAME", help=N_("Who says so (default: the computer's user)."))
@role_option
@site_option
@json_option
@guarded
def command(
    site: Path, form: str, who: str | None, role: str, *, draft: bool, pdf: bool, as_json: bool
) -> int:
    """The downloaded form stays as it is; the filled one has its name."""
    from provision.cli.exits import Exit  # noqa: PLC0415 - --help must not pay for it
    from provision.cli.forms_papers import changes_pdf, form_pdf  # noqa: PLC0415
    from provision.cli.forms_shown import filled_json, say_confidential, show_lacks  # noqa: PLC0415
    from provision.cli.forms_vault import marks_for_form  # noqa: PLC0415
    from provision.cli.kits import staff  # noqa: PLC0415
    from provision.forms.away import BESIDE, safe_of  # noqa: PLC0415
    from provision.forms.desk import filled, keep, named, write_private  # noqa: PLC0415
    from provision.forms.mapping import FormKind  # noqa: PLC0415
    from provision.ledger import Ledger  # noqa: PLC0415
    from provision.lock import exclusive  # noqa: PLC0415
    from provision.site.site import open_site  # noqa: PLC0415

    opened = open_site(site)
    mapping = named(opened, form)
    ledger = Ledger(opened.state)
    done = filled(opened, mapping, marks_for_form(opened, ledger, role, mapping), draft=draft)
    rough = not done.filling.whole
    written: list[Path] = []
    if done.proof is not None and done.content is not None:
        with exclusive(opened.state, "forms.lock"):
            path = keep(opened, ledger, done, staff(who), draft=rough)
        changes = _("changes")
        beside = path.with_name(f"{path.stem}{BESIDE}{changes}.pdf")
        write_private(beside, changes_pdf(opened, done))
        written = [path, beside]
        if pdf:
            written.append(path.with_name(f"{path.stem}.pdf"))
            write_private(written[-1], form_pdf(done))
    if as_json:
        emit("forms-fill", {**filled_json(done), "draft": rough, "written": list(map(str, written))})
    else:
        show_lacks(done)
        for path in written:
            click.echo(_("Written: {file}").format(file=path))
        if done.proof is not None:
            text = _("{changed} cells written; {cells} cells compared: nothing else differs.")
            click.echo(text.format(changed=len(done.proof.changes), cells=done.proof.cells))
            if mapping.kind is FormKind.RESULTS:
                say_confidential()
        if rough:
            warn(_("The form is not whole: see the list above. --draft writes it all the same."))
        else:
            command_next = f"provision forms uploaded {mapping.key}"
            click.echo(_("Upload it in the personal account, then: {command}").format(command=command_next))
            if safe_of(opened, ledger) is None:
                warn(_("It lies in the open and stays so: this site has no vault (provision vault init)."))
            else:
                warn(_("It lies in the open until then; then it goes into the vault."))
    return Exit.INCOMPLETE if rough else Exit.DONE
