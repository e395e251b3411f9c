"""What of the site lies in the open and could be in the vault, beside the steps of a day."""

from __future__ import annotations

from collections.abc import Iterator

from provision.audit.model import Outcome
from provision.audit.unsealed import unsealed
from provision.cli.common import fill
from provision.site.site import STATE, Site


def open_lines(site: Site) -> Iterator[str]:
    """A line for each kind, with what to type; as the audit says it. None when all is in the vault."""
    for one in unsealed(site.root, site.root / STATE):
        if one.outcome is Outcome.RISK:
            yield f"{fill(one.what.template, one.what.params)}. {fill(one.cure.template, one.cure.params)}"
