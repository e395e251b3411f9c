"""Audits that were made, in the ledger: how many findings, and of which checks; no place, no content."""

from __future__ import annotations

from collections.abc import Mapping

from provision.ledger.store import Draft, Ledger

KIND = "audit"
"""Kind of event; the subject is "site"."""


def record(ledger: Ledger, counts: Mapping[str, int], checks: Mapping[str, str]) -> None:
    """Write an audit down. ``counts``: leaks, risks and what was not checked; ``checks``: check -> its worst
    outcome. ``findings`` in the event is the number of leaks and risks."""
    findings = counts["leaks"] + counts["risks"]
    ledger.append(Draft(KIND, "site", {"findings": findings, **counts, "checks": dict(checks)}))
