"""The whole audit: every check, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from provision.audit.bounds import Bounds, Budget
from provision.audit.copies import copies
from provision.audit.examined import Examination
from provision.audit.gather import Gathered
from provision.audit.machine import Machine
from provision.audit.model import Check, Finding, Outcome, Report, Severity, ordered
from provision.audit.record import record
from provision.audit.sharing import shares
from provision.audit.shells import shells
from provision.audit.sitemodes import site_modes
from provision.audit.spooling import print_sharing, spooling
from provision.audit.sshkeys import ssh_keys
from provision.audit.swap import swap
from provision.audit.trails import trails
from provision.audit.unsealed import unsealed
from provision.audit.walk import Walker
from provision.audit.words import NOT_LOOKED, unseen
from provision.errors import N_, Phrase


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose materials are looked for, and where they lie by right: ``site`` is never searched for copies.
    ``keys`` are the SSH keys that the inventory names."""

    site: Path
    state: Path
    gathered: Gathered = field(repr=False)
    keys: tuple[Path, ...] = ()


def audit(machine: Machine, subject: Subject, bounds: Bounds | None = None) -> Report:
    """All checks, one after the other; nothing is changed."""
    about = subject.site.stat()
    budget = Budget(bounds or Bounds())
    walker = Walker(budget, frozenset({(about.st_dev, about.st_ino)}))
    examination = Examination(machine, subject.gathered.known, tuple(subject.gathered.ciphers), walker)
    recorded, accesses = record(subject.state)
    if machine.others:
        examination.coverage(Check.HOME).miss("homes", machine.others)
    checks: tuple[tuple[tuple[Check, ...], Callable[[], Iterable[Finding]]], ...] = (
        ((Check.KNOWLEDGE,), lambda: _knowledge(subject.gathered)),
        ((), lambda: copies(examination)),
        ((Check.BROWSERS, Check.RECENT, Check.LOCKS, Check.THUMBNAILS), lambda: trails(examination)),
        ((Check.SHELLS,), lambda: shells(examination)),
        ((Check.SITE_MODES,), lambda: site_modes(subject.site)),
        ((Check.UNSEALED,), lambda: unsealed(subject.site, subject.state)),
        ((Check.KEYS,), lambda: ssh_keys(examination, subject.keys)),
        ((Check.SPOOLING,), lambda: spooling(examination)),
        ((Check.PRINT_SHARING,), lambda: print_sharing(examination)),
        ((Check.SHARES,), lambda: shares(examination, subject.site)),
        ((Check.SWAP, Check.HIBERNATION), lambda: swap(machine)),
        ((Check.WINDOWS,), lambda: _windows(machine)),
    )
    findings = list(recorded)
    for names, check in checks:
        if machine.windows and set(names) & _NOT_ON_WINDOWS:
            continue  # said by _windows
        findings += check()
        findings += _gaps(examination, names)
    return Report(ordered(findings), accesses, budget.files, budget.read, budget.seconds)


_NOT_ON_WINDOWS = frozenset({Check.SPOOLING, Check.PRINT_SHARING, Check.SHARES, Check.SWAP})


def _gaps(examination: Examination, checks: tuple[Check, ...]) -> Iterable[Finding]:
    """What one check could not look at; copies tell it themselves."""
    for check in checks:
        coverage = examination.coverage(check)
        if coverage.unseen:
            what = Phrase(N_("not looked at: {unseen}"), {"unseen": unseen(coverage.why)})
            yield Finding(check, Outcome.NOT_CHECKED, Severity.LOW, "", what, Phrase(NOT_LOOKED, {}))


def _knowledge(gathered: Gathered) -> Iterable[Finding]:
    """Whether there was anything to look for, and whether archives stayed closed."""
    counts: dict[str, object] = {
        "archives": gathered.archives,
        "closed": gathered.closed,
        "codes": len(gathered.known.codes),
        "ciphers": len(gathered.ciphers),
    }
    if not gathered.known.any:
        yield Finding(
            Check.KNOWLEDGE,
            Outcome.NOT_CHECKED,
            Severity.MEDIUM,
            "",
            Phrase(N_("no materials and no codes are here: no copy can be recognised"), {}),
            Phrase(N_("Run the audit again when the inbox is filled, or with the vault open."), {}),
        )
    elif gathered.closed:
        yield Finding(
            Check.KNOWLEDGE,
            Outcome.NOT_CHECKED,
            Severity.LOW,
            "",
            Phrase(
                N_(
                    "{closed} of {archives} archives could not be opened: their tasks would not be recognised"
                ),
                counts,
            ),
            Phrase(N_("Run the audit again when the cipher is here (--ask-cipher)."), {}),
        )
    else:
        yield Finding(
            Check.KNOWLEDGE,
            Outcome.OK,
            Severity.NONE,
            "",
            Phrase(
                N_("looked for: {archives} archives and what is in them, {ciphers} ciphers, {codes} codes"),
                counts,
            ),
            Phrase("", {}),
        )


def _windows(machine: Machine) -> Iterable[Finding]:
    """What cannot be checked there is said."""
    if not machine.windows:
        return
    for what, cure in (
        (
            N_("not checked on Windows: lists of recent files in the registry"),
            N_("Settings, Privacy: switch off and clear the lists of recent files."),
        ),
        (
            N_("not checked on Windows: whether pagefile.sys and hiberfil.sys are encrypted"),
            N_("Switch BitLocker on, or: powercfg /h off; fsutil behavior set encryptpagingfile 1"),
        ),
        (
            N_("not checked on Windows: shared folders and the print server's settings"),
            N_("net share shows the shared folders; end those that reach the site."),
        ),
    ):
        yield Finding(
            Check.WINDOWS, Outcome.NOT_CHECKED, Severity.LOW, "", Phrase(what, {}), Phrase(cure, {})
        )
