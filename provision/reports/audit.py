"""An audit in the words of its paper: what the coordinator reads and signs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from printing.documents.audit import AuditPaper, Entry, Group
from printing.documents.marks import Mark
from printing.documents.room import Translate
from provision.audit.model import Check, Finding, Outcome, Report
from provision.audit.words import DELETE, SEVERITIES, TITLES, WHY
from provision.errors import Phrase

_MARKS = {
    Outcome.LEAK: Mark.NOT_READY,
    Outcome.RISK: Mark.TIMED_OUT,
    Outcome.NOT_CHECKED: Mark.NOT_CHECKED,
    Outcome.OK: Mark.READY,
}
_ACCESSES = 15


def on_paper(
    report: Report, school: str, computer: str, made: dt.datetime, translate: Translate
) -> AuditPaper:
    """What the paper shows; ``made`` is on the school's clock. Texts are said in the paper's language."""
    _ = translate
    zone = made.tzinfo
    return AuditPaper(
        school=school,
        computer=computer,
        made=made,
        leaks=len(report.of(Outcome.LEAK)),
        risks=len(report.of(Outcome.RISK)),
        not_checked=len(report.of(Outcome.NOT_CHECKED)),
        files=report.files,
        groups=tuple(_groups(report.of(Outcome.LEAK, Outcome.RISK), translate)),
        unchecked=tuple(
            (_(TITLES[one.check]), _said(one.what, translate)) for one in report.of(Outcome.NOT_CHECKED)
        ),
        well=tuple(dict.fromkeys(_(TITLES[one.check]) for one in report.of(Outcome.OK))),
        accesses=tuple(
            (
                f"{dt.datetime.fromisoformat(one.at).astimezone(zone):%d.%m %H:%M}",
                one.who,
                _said(one.what, translate),
            )
            for one in report.accesses[-_ACCESSES:]
        ),
    )


def _groups(findings: tuple[Finding, ...], translate: Translate) -> Iterator[Group]:
    """Findings of one check together, with one explanation; the gravest first."""
    _ = translate
    together: dict[Check, list[Finding]] = {}
    for finding in findings:
        together.setdefault(finding.check, []).append(finding)
    for check, found in together.items():
        entries = tuple(
            Entry(
                _MARKS[one.outcome],
                one.place,
                _said(one.what, translate),
                _cure(one.cure, translate),
                _(SEVERITIES[one.severity]),
            )
            for one in found
        )
        yield Group(_(TITLES[check]), _(WHY[check]), entries)


def _cure(cure: Phrase, translate: Translate) -> str:
    """Without the command for a path that stands beside it."""
    if not isinstance(cure.params.get("command"), Phrase):
        return _said(cure, translate)
    return translate(cure.template).replace(" ({command})", "").format(command=translate(DELETE))


def _said(phrase: Phrase, translate: Translate) -> str:
    params = {
        name: _said(value, translate) if isinstance(value, Phrase) else value
        for name, value in phrase.params.items()
    }
    return translate(phrase.template).format(**params)
