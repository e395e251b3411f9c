"""The inbox: what arrived, for which exams, what opens what, and what is still missing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from provision.errors import N_
from provision.intake import archive, ciphers
from provision.intake.binding import bind_document
from provision.intake.errors import CipherNeeded, InboxRefused, TasksMissing
from provision.intake.model import Arrival, Catalog, Kind, Missing
from provision.intake.opening import ARCHIVES, Bindings, as_said, bound_to, opened, unknown
from provision.intake.recognise import recognise
from provision.intake.texts import kind_of
from provision.intake.variants import variants
from provision.secret import Secret
from provision.site.model import Inventory

FILES = 300
DEPTH = 3
FILE_BYTES = 1024 * 1024 * 1024
_UNFINISHED = (".part", ".crdownload", ".download", ".opdownload", ".partial", ".!ut", ".tmp.download")
_RECOMMENDED = (Kind.BRIEFING, Kind.PROTOCOL, Kind.INSTRUCTIONS, Kind.CRITERIA)


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
    arrivals, typed = opened(arrivals, inventory, said, extra_ciphers)
    arrivals = [_rivals(arrival, arrivals) for arrival in arrivals]
    return Catalog(tuple(arrivals), tuple(_missing(inventory, arrivals, typed)))


def judged(path: Path, inbox: Path, inventory: Inventory, bindings: Bindings | None = None) -> Arrival:
    """What a file that lies elsewhere would be among those of the inbox: a cipher is one when it opens an
    archive that is there. Nothing is changed. Raises :class:`InboxRefused`."""
    said = bindings or {}
    arrivals = [_arrival(one, inventory, said) for one in (*_files(inbox), path)]
    arrivals, _typed = opened(arrivals, inventory, said, ())
    return next(arrival for arrival in arrivals if arrival.path == path)


def unfinished(name: str) -> bool:
    """Whether a browser calls a file so while it still downloads it."""
    return name.lower().endswith(_UNFINISHED)


def open_tasks(catalog: Catalog, exam: str, extra_ciphers: Sequence[Secret] = ()) -> dict[str, bytes]:
    """The variants of ``exam`` as PDF, decrypted into memory: label -> content.

    Raises what :func:`read_tasks` raises, and :class:`VariantsRefused`.
    """
    return variants(read_tasks(catalog, exam, extra_ciphers))


def read_tasks(catalog: Catalog, exam: str, extra_ciphers: Sequence[Secret] = ()) -> dict[str, bytes]:
    """The files for ``exam`` of its archive, decrypted into memory: name -> content.

    Raises what :func:`archive_of` raises, and what the archive raises.
    """
    arrival = archive_of(catalog, exam)
    members = archive.read(arrival.path, _cipher(arrival, extra_ciphers))
    wanted = arrival.members.get(exam, tuple(members))
    return {name: members[name] for name in wanted if name in members}


def archive_of(catalog: Catalog, exam: str) -> Arrival:
    """The archive with the tasks of ``exam``. Raises :class:`TasksMissing` unless exactly one is bound."""
    found = catalog.of(exam, Kind.TASKS)
    if not found:
        raise TasksMissing(N_("there is no task archive for {exam} in the inbox"), exam=exam)
    if len(found) > 1:
        files = ", ".join(arrival.path.name for arrival in found)
        raise TasksMissing(N_("more than one task archive is for {exam}: {files}"), exam=exam, files=files)
    return found[0]


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
        return unknown(path, "", "", reason)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        container = kind_of(path)
    except OSError as error:
        return unknown(path, "", "", N_("it cannot be read: {reason}"), reason=error.strerror or "")
    if container in ARCHIVES:
        return Arrival(path, Kind.TASKS, sha256, container, "", {})
    if sha256 in said:
        return as_said(path, sha256, container, said[sha256])
    found = recognise(path, container, inventory.profile.code_pattern)
    arrival = Arrival(path, found.kind, sha256, container, found.evidence, found.params)
    if found.problem:
        arrival = replace(arrival, problem=found.problem, problem_params=found.problem_params)
    if found.kind in (Kind.UNKNOWN, Kind.CIPHER) or (found.kind is Kind.PROTOCOL and found.problem):
        return arrival
    return bound_to(arrival, bind_document(found.kind, found.text, path.name, inventory.exams))


def _unusable(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return N_("a link is not followed; put the file itself here")
    if unfinished(path.name):
        return N_("still downloading; wait until the browser has finished")
    if path.stat().st_size > FILE_BYTES:
        return N_("bigger than 1 GB; this is no exam material")
    return ""


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
                unknown(
                    arrival.path,
                    arrival.sha256,
                    arrival.container,
                    N_("the same file as {other}"),
                    other=other.path.name,
                )
            )
    return result


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
