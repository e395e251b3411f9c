"""The archives of the inbox: tried with every cipher, listed and bound; the ciphers with what they open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from provision.errors import N_
from provision.intake import archive, ciphers
from provision.intake.binding import EVIDENCE, INSIDE, Bound, split
from provision.intake.errors import IntakeError
from provision.intake.model import Arrival, Kind
from provision.intake.subjects import topic
from provision.intake.variants import may_be_variant
from provision.secret import Secret
from provision.site.model import Exam, Inventory

TRIES = 120
"""Readings tried on one archive from one file; a 7z takes 0.2 s for each."""
ARCHIVES = ("zip", "7z", "rar")
_DOCUMENTS = (".pdf", ".docx", ".doc")
_CIPHER_HOLDERS = ("text", "xlsx", "xls", "docx")
_NO_TASKS = N_("an archive without tasks (PDF, DOCX, DOC); unpack it and put what is needed here")
_YOU_SAID = N_("you said so")

Bindings = Mapping[str, tuple[Kind, tuple[str, ...]]]


def unknown(path: Path, sha256: str, container: str, problem: str, **params: object) -> Arrival:
    told = {"file": path.name, **params}
    return Arrival(path, Kind.UNKNOWN, sha256, container, "", {}, problem=problem, problem_params=told)


def as_said(path: Path, sha256: str, container: str, what: tuple[Kind, tuple[str, ...]]) -> Arrival:
    return Arrival(path, what[0], sha256, container, _YOU_SAID, {}, exams=what[1])


def bound_to(arrival: Arrival, bound: Bound) -> Arrival:
    if bound.problem:
        params: dict[str, object] = {"file": arrival.path.name, "kind": arrival.kind.value}
        return replace(arrival, problem=bound.problem, problem_params=params)
    evidence = EVIDENCE.get((arrival.evidence, bound.how), arrival.evidence)
    return replace(arrival, exams=bound.exams, evidence=evidence)


def opened(
    arrivals: list[Arrival], inventory: Inventory, said: Bindings, extra: Sequence[Secret]
) -> tuple[list[Arrival], set[Path]]:
    """Archives listed, tried with every cipher, and bound; ciphers with what they open. Second: the archives
    that a typed cipher opens."""
    holders = [a for a in arrivals if a.container in _CIPHER_HOLDERS and _may_hold_cipher(a)]
    readings = {a.path: ciphers.candidates(a.path, a.container) for a in holders}
    opens: dict[Path, list[Path]] = {}
    typed: set[Path] = set()
    done: dict[Path, Arrival] = {}
    for arrival in arrivals:
        if arrival.container not in ARCHIVES or arrival.kind is not Kind.TASKS:
            continue
        done[arrival.path], by, key = _archive(arrival, inventory.exams, said, readings, extra)
        if by is not None:
            opens.setdefault(by, []).append(arrival.path)
        elif key:
            typed.add(arrival.path)
    exams = {path: done[path].exams for path in done}
    result = [
        done.get(a.path) or (_cipher_file(a, opens.get(a.path, ()), exams) if a.path in readings else a)
        for a in arrivals
    ]
    return result, typed


def _may_hold_cipher(arrival: Arrival) -> bool:
    """A small file that is nothing else for certain, and no second copy of one."""
    return (
        arrival.kind in (Kind.CIPHER, Kind.UNKNOWN)
        and "other" not in (arrival.problem_params or {})
        and arrival.path.stat().st_size <= ciphers.CIPHER_FILE_BYTES
    )


def _archive(
    arrival: Arrival,
    exams: Sequence[Exam],
    said: Bindings,
    readings: Mapping[Path, Sequence[ciphers.Candidate]],
    extra: Sequence[Secret],
) -> tuple[Arrival, Path | None, bool]:
    """One archive; what opens it: a file, or (third) a typed cipher."""
    path, by, key = arrival.path, None, None
    try:
        info = archive.inspect(path)
        if info.encryption:
            key = ciphers.opened(path, extra)
            by, key = (None, key) if key else _opener(path, readings)
            info = archive.inspect(path, key) if key and info.names_hidden else info
    except IntakeError as error:
        return replace(arrival, problem=error.template, problem_params=dict(error.params)), None, False
    arrival = replace(
        arrival,
        container=f"{info.format}, {info.encryption}" if info.encryption else info.format,
        encrypted=bool(info.encryption),
        opened_by=by,
    )
    bound = _archive_bound(arrival, info.members, exams, said)
    try:
        archive.require_program(path, info)
    except IntakeError as error:
        bound = replace(bound, problem=error.template, problem_params=dict(error.params))
    return bound, by, key is not None


def _archive_bound(
    arrival: Arrival, members: Sequence[archive.Member], exams: Sequence[Exam], said: Bindings
) -> Arrival:
    """The archive with its exams: as a person said, else by its members' names and its own."""
    path = arrival.path
    names = [m.name for m in members if m.name.lower().endswith(_DOCUMENTS) and may_be_variant(m.name)]
    written = [exam for exam in exams if not exam.oral]
    bound, of_exam = split(names or [path.name], path.name, written)
    if names:
        arrival = replace(arrival, members=of_exam)
    if arrival.sha256 in said:
        kind, ids = said[arrival.sha256]
        return replace(arrival, kind=kind, exams=ids, evidence=_YOU_SAID)
    if members and not names:
        return unknown(path, arrival.sha256, arrival.container, _NO_TASKS)
    return bound_to(replace(arrival, evidence=INSIDE), bound)


def _opener(
    path: Path, readings: Mapping[Path, Sequence[ciphers.Candidate]]
) -> tuple[Path | None, Secret | None]:
    """The file whose cipher opens the archive; those that name the same subject and class are tried first."""
    about = topic(path.name, name=True)

    def far(candidate: ciphers.Candidate, holder: Path) -> bool:
        near = topic(f"{candidate.label.reveal()} {holder.stem}", name=True)
        return not (near.subjects & about.subjects)

    for holder in sorted(readings, key=lambda holder: all(far(c, holder) for c in readings[holder])):
        tries = sorted(readings[holder], key=lambda candidate: far(candidate, holder))[:TRIES]
        key = ciphers.opened(path, [candidate.cipher for candidate in tries])
        if key is not None:
            return holder, key
    return None, None


def _cipher_file(arrival: Arrival, opens: Sequence[Path], exams: Mapping[Path, tuple[str, ...]]) -> Arrival:
    """A file that opens archives is a cipher, whatever it looks like; it is for their exams."""
    if opens:
        ids = tuple(dict.fromkeys(exam for path in opens for exam in exams[path]))
        return replace(
            arrival,
            kind=Kind.CIPHER,
            exams=ids,
            opens=tuple(opens),
            evidence=N_("it opens {files}"),
            params={"files": ", ".join(path.name for path in opens)},
            problem="",
            problem_params=None,
        )
    if arrival.kind is Kind.CIPHER and not arrival.problem:
        return replace(arrival, problem=N_("it opens no archive that is here"), problem_params={})
    return arrival
