"""An audit on the screen, as data and as a file."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.markup import escape
from rich.padding import Padding

from printing.documents.audit import audit_paper
from provision.audit.bounds import Bounds
from provision.audit.gather import gather
from provision.audit.machine import machine_at, this_machine
from provision.audit.model import Finding, Outcome, Report
from provision.audit.nameless import nameless
from provision.audit.sitemodes import apply
from provision.audit.whole import Subject, audit
from provision.audit.words import OUTCOMES, SEVERITIES, TITLES, WHY
from provision.cli.common import emit, fill, warn
from provision.cli.exits import Exit
from provision.cli.screen import console
from provision.ledger import Ledger, LedgerDamaged, LedgerTooNew, LedgerUnusable, bindings
from provision.ledger import audit as recorded
from provision.locale import gettext as _
from provision.locale import translator
from provision.reports.audit import on_paper
from provision.safe import Safe
from provision.secret import Secret
from provision.site.site import STATE, Site
from provision.vault import OpenVault, unlocked
from provision.vault.errors import VaultError

_COLOURS = {
    Outcome.LEAK: "bold red",
    Outcome.RISK: "bold yellow",
    Outcome.NOT_CHECKED: "bold cyan",
    Outcome.OK: "green",
}


def make(site: Site, root: Path | None, ciphers: Sequence[Secret], bounds: Bounds) -> Report:
    """The audit, and its numbers in the ledger when it was this computer."""
    ledger = _ledger(site)
    said = bindings.recorded(ledger) if ledger else {}
    gathered = gather(site, said, ciphers, _vault(site, ledger))
    machine = this_machine() if root is None else machine_at(root)
    report = audit(machine, Subject(site.root, site.root / STATE, gathered, _keys(site)), bounds)
    if root is None and ledger is not None:
        recorded.record(ledger, counts(report), _worst(report))
    if ledger is not None:
        ledger.close()
    return report


def counts(report: Report) -> dict[str, int]:
    """How many findings of each outcome, by the names that JSON and the ledger use."""
    names = {"leaks": Outcome.LEAK, "risks": Outcome.RISK, "not_checked": Outcome.NOT_CHECKED}
    return {name: len(report.of(outcome)) for name, outcome in names.items()}


def exit_of(report: Report) -> Exit:
    """12 when something leaks or is at risk, 7 when only not all was looked at."""
    if report.of(Outcome.LEAK, Outcome.RISK):
        return Exit.LEAKS
    return Exit.DONE if report.clean else Exit.INCOMPLETE


def tell(report: Report, *, everything: bool) -> None:
    """Findings, the gravest first, each with why and cure; then what is well, in a line or in full."""
    out = console()
    told = ""
    for finding in report.findings:
        if finding.outcome is not Outcome.OK or everything:
            why = _(WHY[finding.check]) if finding.outcome in {Outcome.LEAK, Outcome.RISK} else ""
            _tell_one(out.print, finding, why if why != told else "")
            out.print()
            told = why or told
    for access in report.accesses if everything else ():
        out.print(
            f"{access.at}  {escape(access.who)}  {escape(fill(access.what.template, access.what.params))}"
        )
    number = counts(report)
    well = len(report.of(Outcome.OK))
    out.print(
        _("Leaks: {leaks}, risks: {risks}, not checked: {not_checked}, well: {well}.").format(
            **number, well=well
        )
    )
    looked = _("Looked at {files} files, {megabytes} MB, in {seconds:.0f} s.")
    megabytes = round(report.read_bytes / 1e6)
    out.print(looked.format(files=report.files, megabytes=megabytes, seconds=report.seconds))


def _tell_one(show: Any, finding: Finding, why: str) -> None:
    colour = _COLOURS[finding.outcome]
    when = _(SEVERITIES[finding.severity])
    head = f"[{colour}]{_(OUTCOMES[finding.outcome])}[/] {_(TITLES[finding.check])}"
    show(head + (f" · {when}" if when else ""))
    place = f"[bold]{escape(finding.place)}[/]" if finding.place else ""
    lines = [place, escape(fill(finding.what.template, finding.what.params))]
    lines.append(f"[italic]{escape(why)}[/]" if why else "")
    if finding.cure.template:
        cure = fill(finding.cure.template, finding.cure.params)
        lines.append("[bold]→[/] " + escape(_("What to do: {cure}").format(cure=cure)))
    for line in filter(None, lines):
        show(Padding(line, (0, 0, 0, 2)))


def tell_json(report: Report) -> None:
    """One object; places are masked, nothing confidential is in it."""
    emit(
        "audit",
        {
            **counts(report),
            "clean": report.clean,
            "files": report.files,
            "bytes": report.read_bytes,
            "seconds": round(report.seconds, 3),
            "findings": [_finding_json(finding) for finding in report.findings],
            "accesses": [
                {"at": one.at, "who": one.who, "what": fill(one.what.template, one.what.params)}
                for one in report.accesses
            ],
        },
    )


def _finding_json(finding: Finding) -> dict[str, object]:
    risky = finding.outcome in {Outcome.LEAK, Outcome.RISK}
    return {
        "check": finding.check.value,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "place": finding.place,
        "what": fill(finding.what.template, finding.what.params),
        "why": _(WHY[finding.check]) if risky else "",
        "cure": fill(finding.cure.template, finding.cure.params),
    }


def write_pdf(path: Path, report: Report, site: Site, *, without: bool) -> None:
    """The report in the language of the site's papers; ``without`` names, also that of the computer. Raises
    OSError where it cannot be written."""
    translate = translator(site.inventory.school.language)
    shown = nameless(report, translate) if without else report
    computer = "—" if without else socket.gethostname()
    paper = on_paper(shown, site.inventory.school.name, computer, site.now(), translate)
    path.write_bytes(audit_paper(paper, translate))
    path.chmod(0o600)


def fix(report: Report, *, ask: bool, quiet: bool) -> None:
    """Correct rights, finding by finding."""
    done = 0
    for finding in report.findings:
        if not finding.fixes:
            continue
        question = _("{place}: correct the rights of {count} files?").format(
            place=finding.place, count=len(finding.fixes)
        )
        if not ask or click.confirm(question, err=True):
            done += apply(finding.fixes)
    if not quiet:
        warn(_("Rights corrected: {count}.").format(count=done))


def _ledger(site: Site) -> Ledger | None:
    """None when it was never begun, or cannot be believed: the audit says so by itself."""
    if not (site.root / STATE / "ledger.sqlite3").is_file():
        return None
    try:
        ledger = Ledger(site.root / STATE)
        ledger.verify()
    except (LedgerDamaged, LedgerTooNew, LedgerUnusable):
        return None
    return ledger


def _vault(site: Site, ledger: Ledger | None) -> OpenVault | None:
    """The vault, if somebody has it open; it is not asked for: an audit can do without."""
    if ledger is None:
        return None
    try:
        return unlocked.remembered(Safe.of(site, ledger).vault)
    except VaultError:
        return None


def _keys(site: Site) -> tuple[Path, ...]:
    """Key files that the inventory names for its labs."""
    named = [room.access.key for room in site.inventory.rooms if room.access.key]
    return tuple(site.root / Path(key).expanduser() for key in dict.fromkeys(named))


def _worst(report: Report) -> dict[str, str]:
    """Check -> its gravest outcome; findings come gravest first."""
    found: dict[str, str] = {}
    for finding in report.findings:
        found.setdefault(finding.check.value, finding.outcome.value)
    return found
