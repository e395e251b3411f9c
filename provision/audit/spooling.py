"""What the print server keeps and whom it serves: cupsd.conf and printers.conf (cupsd.conf(5))."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provision.audit.examined import Examination
from provision.audit.model import Check, Finding, Outcome, Severity
from provision.errors import N_, Phrase

_CONF, _FILES, _PRINTERS = "/etc/cups/cupsd.conf", "/etc/cups/cups-files.conf", "/etc/cups/printers.conf"
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LOOPBACK = re.compile(r"(?:localhost|127\.[\d.]+|\[::1\]|/.*)(?::\d+)?", re.IGNORECASE)
DEFAULT_KEPT = 86400
"""Seconds for which CUPS keeps printed files when nothing is said."""


def directives(text: str) -> dict[str, list[str]]:
    """Directives of the top level, by name in small letters; sections are left out."""
    found: dict[str, list[str]] = {}
    depth = 0
    for raw in text.splitlines():
        line = raw.split("#", 1)[0].strip()
        if line.startswith("</"):
            depth = max(0, depth - 1)
        elif line.startswith("<"):
            depth += 1
        elif line and depth == 0:
            name, _space, value = line.partition(" ")
            found.setdefault(name.lower(), []).append(value.strip().strip('"'))
    return found


def kept_seconds(value: str) -> int | None:
    """For how long PreserveJobFiles keeps files; None: for ever."""
    word = value.strip().lower()
    if word in {"yes", "on", "true"}:
        return None
    if word in {"no", "off", "false", "none"}:
        return 0
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw]?)", word)
    return int(float(match[1]) * _UNITS[match[2]]) if match else DEFAULT_KEPT


def spooling(examination: Examination) -> Iterator[Finding]:
    """Whether printed papers stay at the print server."""
    text = _read(examination, _CONF, Check.SPOOLING)
    if text is None:
        if not examination.coverage(Check.SPOOLING).unseen:
            yield _fine(Check.SPOOLING, N_("there is no CUPS on this computer"))
        return
    said = directives(text)
    kept = kept_seconds(said.get("preservejobfiles", [str(DEFAULT_KEPT)])[-1])
    history = kept_seconds(said.get("preservejobhistory", ["yes"])[-1])
    if kept == 0 or history == 0:  # without a history nothing of a job is kept
        yield _fine(Check.SPOOLING, N_("the print server deletes papers as soon as they are printed"))
        return
    told = Phrase(N_("the print server keeps every printed paper until somebody deletes it"), {})
    if kept is not None:
        words = {"hours": f"{max(1, kept / 3600):.0f}"}
        told = Phrase(N_("the print server keeps every printed paper for {hours} hours"), words)
    yield Finding(
        Check.SPOOLING,
        Outcome.RISK,
        Severity.MEDIUM,
        examination.machine.shown(examination.machine.at(_CONF)),
        told,
        Phrase(N_("Write 'PreserveJobFiles No' into {file}, then: systemctl restart cups"), {"file": _CONF}),
    )


def print_sharing(examination: Examination) -> Iterator[Finding]:
    """Whether other computers can reach the print server: whoever reaches it sees jobs and may print."""
    text = _read(examination, _CONF, Check.PRINT_SHARING)
    if text is None:
        if not examination.coverage(Check.PRINT_SHARING).unseen:
            yield _fine(Check.PRINT_SHARING, N_("there is no CUPS on this computer"))
        return
    said = directives(text)
    outside = [
        one for one in said.get("listen", []) + said.get("ssllisten", []) if not _LOOPBACK.fullmatch(one)
    ]
    outside += said.get("port", []) + said.get("sslport", [])
    shared = _shared(_read(examination, _PRINTERS, Check.PRINT_SHARING) or "")
    if not outside:
        yield _fine(Check.PRINT_SHARING, N_("the print server serves this computer alone"))
        return
    announced = said.get("browsing", ["no"])[-1].lower() in {"yes", "on", "true"}
    what = Phrase(
        N_("the print server listens to the network ({listen}); shared printers: {count}"),
        {"listen": ", ".join(outside), "count": shared},
    )
    severity = Severity.MEDIUM if shared or announced else Severity.LOW
    cure = Phrase(
        N_("cupsctl --no-share-printers --no-remote-any; then 'Listen localhost:631' in {file}"),
        {"file": _CONF},
    )
    yield Finding(Check.PRINT_SHARING, Outcome.RISK, severity, _CONF, what, cure)


def _shared(printers: str) -> int:
    return len(re.findall(r"^\s*Shared\s+(?:Yes|On|True)\s*$", printers, re.IGNORECASE | re.MULTILINE))


def _read(examination: Examination, name: str, check: Check) -> str | None:
    try:
        return examination.machine.text(name)
    except OSError:
        examination.coverage(check).miss("denied")
        return None


def _fine(check: Check, what: str) -> Finding:
    return Finding(check, Outcome.OK, Severity.NONE, "", Phrase(what, {}), Phrase("", {}))
