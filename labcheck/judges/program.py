"""The oral-test software: the right version, made of the right files."""

from __future__ import annotations

import re

from labcheck.cleaning import clean
from labcheck.errors import N_
from labcheck.facts import SENSELESS, Facts, NotKnown
from labcheck.finding import Check
from labcheck.judges.base import Judge, Judged, Seen, when, yes_no
from labcheck.outcome import Outcome
from labcheck.phrase import Phrase, listed, phrase
from labcheck.requirements import Requirements, Software

_SHA256 = re.compile(r"[0-9a-f]{64}")
_INSTALL = phrase(
    N_("Run 'labcheck' for the room again: it installs the program. If it stays so, use a reserve computer.")
)


def _software(wanted: Requirements) -> Software:
    if wanted.software is None:
        raise NotKnown(SENSELESS)
    return wanted.software


def _version_limit(wanted: Requirements) -> Phrase | None:
    program = wanted.software
    return None if program is None else phrase("{name} {version}", name=program.name, version=program.version)


def _version(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    if facts.is_null("software", "installed_version"):
        return Judged(Outcome.FAIL, phrase(N_("not installed")), None, _INSTALL)
    found = facts.text("software", "installed_version")
    measured = phrase(N_("version {version}"), version=clean(found, 30))
    return yes_no(found == _software(wanted).version, measured, _INSTALL)


def _files(facts: Facts, wanted: Requirements, _seen: Seen) -> Judged:
    wrong = []
    files = _software(wanted).files
    for file in files:
        if facts.is_null("software", "sha256", file.path):
            wrong.append(file.path)
            continue
        found = facts.text("software", "sha256", file.path).casefold()
        if not _SHA256.fullmatch(found):
            raise NotKnown(SENSELESS)
        if found != file.sha256:
            wrong.append(file.path)
    if wrong:
        measured = phrase(N_("missing or changed: {names}"), names=listed(tuple(wrong), most=2))
        return Judged(Outcome.FAIL, measured, None, _INSTALL)
    return Judged(
        Outcome.PASS, phrase(N_("{count} of {all} as they should be"), count=len(files), all=len(files))
    )


JUDGES = (
    Judge(Check.SOFTWARE, _version_limit, _version),
    Judge(
        Check.SOFTWARE_FILES,
        lambda w: when(bool(w.software and w.software.files), phrase(N_("checksums as in the profile"))),
        _files,
    ),
)
