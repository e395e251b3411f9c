"""An audit without the names of this computer's users: by numbers, also in the paths of their homes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from provision.aliases import Aliases
from provision.audit.model import Finding, Report
from provision.errors import Phrase

_HOMES = re.compile(r"(/home/|/Users/|[A-Za-z]:\\Users\\|/var/(?:spool/)?mail/)([^/\\\s:']+)")


def nameless(report: Report, translate: Callable[[str], str]) -> Report:
    """The same findings and accesses."""
    aliases = Aliases(translate)

    def text(value: str) -> str:
        return _HOMES.sub(lambda hit: f"{hit[1]}<{aliases.of(hit[2])}>", value)

    def any_of(value: object) -> object:
        if isinstance(value, Phrase):
            return phrase(value)
        return text(value) if isinstance(value, str) else value

    def phrase(said: Phrase) -> Phrase:
        return Phrase(said.template, {name: any_of(value) for name, value in said.params.items()})

    def finding(one: Finding) -> Finding:
        return replace(one, place=text(one.place), what=phrase(one.what), cure=phrase(one.cure))

    return replace(
        report,
        findings=tuple(map(finding, report.findings)),
        accesses=tuple(replace(one, who=aliases.of(one.who)) for one in report.accesses),
    )
