"""The inbox: what arrived, for which exams, what opens what, and what is still missing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from provision.errors import N_
from provision.intake import archive, ciphers
from provision.intake.binding import EVIDENCE, INSIDE, Bound, bind_document, split
from provision.intake.errors import CipherNeeded, InboxRefused, IntakeError, TasksMissing
from provision.intake.model import Arrival, Catalog, Kind, Missing
from provision.intake.recognise import recognise
from provision.intake.subjects import topic
from provision.intake.texts import kind_of
from provision.intake.variants import variants
from provision.secret import Secret
from provision.site.model import Exam, Inventory

FILES = 300
DEPTH = 3
FILE_BYTES = 1024 * 1024 * 1024
TRIES = 120
"""Readings tried on one archive from one file; a 7z takes 0.2 s for each."""
_UNFINISHED = (".part", ".crdownload", ".download", ".opdownload", ".partial", ".!ut", ".tmp.download")
_DOCUMENTS = (".pdf", ".docx", ".doc")
_ARCHIVES = ("zip", "7z", "rar")
_CIPHER_HOLDERS = ("text", "xlsx", "xls", "docx")
_RECOMMENDED = (Kind.BRIEFING, Kind.PROTOCOL, Kind.INSTRUCTIONS, Kind.CRITERIA)

_YOU_SAID = N_("you said so")

Bindings = Mapping[str, tuple[Kind, tuple[str, ...]]]


def catalogue(
    inbox: Path,
    inventory: Inventory,
    bindings: Bindings | None = None,
    extra_ciphers: Sequence[Secret] = (),
) -> Catalog:
    """Recognise every file of ``inbox`` (which need not exist); nothing in it is changed.

    ``bindings`` are what a person said, by SHA-256; they win. ``extra_ciphers`` are those typed at a prompt.
    Raises :class:`InboxRefused` when there are too many files; what concerns one file is its ``problem``.
    """
    said = bindings or {}
    arrivals = [_arrival(path, inventory, said) for path in _files(inbox)]
    arrivals = _without_doubles(arrivals)
    arrivals, typed = _opened(arrivals, inventory, said, extra_ciphers)
    arrivals = [_rivals(arrival, arrivals) for arrival in arrivals]
    return Catalog(tuple(arrivals), tuple(_missing(inventory, arrivals, typed)))


def open_tasks(catalog: Catalog, exam: str, extra_ciphers: Sequence[Secret] = ()) -> dict[str, bytes]:
    """The variants of ``exam`` as PDF, decrypted into memory: label -> content.

    Raises :class:`TasksMissing` unless exactly one archive is bound, and what archive and variants raise.
    """
    found = catalog.of(exam, Kind.TASKS)
    if not found:
        raise TasksMissing(N_("there is no task archive for {exam} in the inbox"), exam=exam)
    if len(found) > 1:
        files = ", ".join(arrival.path.name for arrival in found)
        raise TasksMissing(N_("more than one task archive is for {exam}: {files}"), exam=exam, files=files)
    arrival = found[0]
    members = archive.read(arrival.path, _cipher(arrival, extra_ciphers))
    wanted = arrival.members.get(exam, tuple(members))
    return variants({name: members[name] for name in wanted if name in members})


def _cipher(arrival: Arrival, extra: Sequence[Secret]) -> Secret | None:
    """What opens the archive, tried; the last tried one when none does, for the archive to refuse it."""
    if not arrival.encrypted:
        return None
    tries = list(extra)
    if arrival.opened_by is not None:
        tries += [c.cipher for c in ciphers.candidates(arrival.opened_by, kind_of(arrival.opened_by))]
    if not tries:
        raise CipherNeeded(N_("{file} is encrypted and its cipher is not here"), file=arrival.path.name)
    return ciphers.opened(arrival.path, tries) or tries[-1]


def _files(inbox: Path) -> Iterator[Path]:
    """Files of the inbox and its folders, sorted; hidden ones, locks and what links lead to are left out."""
    count = 0
    for folder, folders, names in os.walk(inbox, followlinks=False):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if len(here.relative_to(inbox).parts) >= DEPTH:
            folders.clear()
        for name in sorted(names):
            if name.startswith((".", "~$")):
                continue
            count += 1
            if count > FILES:
                raise InboxRefused(N_("the inbox holds more than {limit} files"), limit=FILES)
            yield here / name


def _arrival(path: Path, inventory: Inventory, said: Bindings) -> Arrival:
    """One file by itself; archives are bound later, when it is known what opens them."""
    reason = _unusable(path)
    if reason:
        return _unknown(path, "", "", reason)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        container = kind_of(path)
    except OSError as error:
        return _unknown(path, "", "", N_("it cannot be read: {reason}"), reason=error.strerror or "")
    if container in _ARCHIVES:
        return Arrival(path, Kind.TASKS, sha256, container, "", {})
    if sha256 in said:
        return _said(path, sha256, container, said[sha256])
    found = recognise(path, container, inventory.profile.code_pattern)
    arrival = Arrival(path, found.kind, sha256, container, found.evidence, found.params)
    if found.problem:
        arrival = replace(arrival, problem=found.problem, problem_params=found.problem_params)
    if found.kind in (Kind.UNKNOWN, Kind.CIPHER) or (found.kind is Kind.PROTOCOL and found.problem):
        return arrival
    return _bound(arrival, bind_document(found.kind, found.text, path.name, inventory.exams))


def _unusable(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return N_("a link is not followed; put the file itself here")
    if path.name.lower().endswith(_UNFINISHED):
        return N_("still downloading; wait until the browser has finished")
    if path.stat().st_size > FILE_BYTES:
        return N_("bigger than 1 GB; this is no exam material")
    return ""


def _unknown(path: Path, sha256: str, container: str, problem: str, **params: object) -> Arrival:
    told = {"file": path.name, **params}
    return Arrival(path, Kind.UNKNOWN, sha256, container, "", {}, problem=problem, problem_params=told)


def _said(path: Path, sha256: str, container: str, what: tuple[Kind, tuple[str, ...]]) -> Arrival:
    return Arrival(path, what[0], sha256, container, _YOU_SAID, {}, exams=what[1])


def _bound(arrival: Arrival, bound: Bound) -> Arrival:
    if bound.problem:
        params: dict[str, object] = {"file": arrival.path.name, "kind": arrival.kind.value}
        return replace(arrival, problem=bound.problem, problem_params=params)
    evidence = EVIDENCE.get((arrival.evidence, bound.how), arrival.evidence)
    return replace(arrival, exams=bound.exams, evidence=evidence)


def _without_doubles(arrivals: list[Arrival]) -> list[Arrival]:
    """The same content twice counts once; the second says which file it repeats."""
    first: dict[str, Arrival] = {}
    result = []
    for arrival in arrivals:
        other = first.setdefault(arrival.sha256, arrival) if arrival.sha256 else arrival
        if other is arrival:
            result.append(arrival)
        else:
            result.append(
                _unknown(
                    arrival.path,
                    arrival.sha256,
                    arrival.container,
                    N_("the same file as {other}"),
                    other=other.path.name,
                )
            )
    return result


def _opened(
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
        if arrival.container not in _ARCHIVES or arrival.kind is not Kind.TASKS:
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
    return _archive_bound(arrival, info.members, exams, said), by, key is not None


def _archive_bound(
    arrival: Arrival, members: Sequence[archive.Member], exams: Sequence[Exam], said: Bindings
) -> Arrival:
    """The archive with its exams: as a person said, else by its members' names and its own."""
    path = arrival.path
    names = [member.name for member in members if member.name.lower().endswith(_DOCUMENTS)]
    written = [exam for exam in exams if not exam.oral]
    bound, of_exam = split(names or [path.name], path.name, written)
    if names:
        arrival = replace(arrival, members=of_exam)
    if arrival.sha256 in said:
        kind, ids = said[arrival.sha256]
        return replace(arrival, kind=kind, exams=ids, evidence=_YOU_SAID)
    if members and not names:
        return _unknown(
            path, arrival.sha256, arrival.container, N_("an archive without PDF, DOCX or DOC files")
        )
    return _bound(replace(arrival, evidence=INSIDE), bound)


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


def _rivals(arrival: Arrival, arrivals: Sequence[Arrival]) -> Arrival:
    """Tasks of which another archive is for the same exam: a person must say which counts."""
    others = [
        other.path.name
        for other in arrivals
        if other is not arrival and other.kind is Kind.TASKS and set(other.exams) & set(arrival.exams)
    ]
    if arrival.kind is not Kind.TASKS or not others:
        return arrival
    params: dict[str, object] = {"files": ", ".join(others)}
    return replace(
        arrival, problem=N_("for the same exam as {files}; take one of them away"), problem_params=params
    )


def _missing(inventory: Inventory, arrivals: Sequence[Arrival], typed: set[Path]) -> Iterator[Missing]:
    for exam in inventory.exams:
        here = [arrival for arrival in arrivals if exam.id in arrival.exams]
        tasks = [arrival for arrival in here if arrival.kind is Kind.TASKS]
        kinds = {arrival.kind for arrival in here}
        if not tasks and not exam.oral:
            yield Missing(exam.id, Kind.TASKS, needed=True)
        if any(a.encrypted and a.opened_by is None and a.path not in typed for a in tasks):
            yield Missing(exam.id, Kind.CIPHER, needed=True)
        if Kind.CODES not in kinds:
            yield Missing(exam.id, Kind.CODES, needed=True)
        for kind in _RECOMMENDED:
            if kind not in kinds:
                yield Missing(exam.id, kind, needed=False)
