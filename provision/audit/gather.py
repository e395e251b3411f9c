"""What is to be looked for, from the site: its inbox, its participants, and the vault when it is open."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from provision.audit.known import Hit, Known, Sort
from provision.audit.needles import SHORTEST
from provision.errors import ProvisionError
from provision.intake import archive, ciphers
from provision.intake.catalog import catalogue
from provision.intake.codes import read_codes
from provision.intake.model import Arrival, Kind
from provision.intake.opening import Bindings
from provision.intake.texts import content_of, decoded, kind_of
from provision.secret import Secret
from provision.site.site import Site
from provision.site.surnames import Surnames
from provision.vault import Kind as Kept
from provision.vault import OpenVault
from provision.vault.plainfile import plain_file

_ENOUGH = 64 << 20
_KEY = "key"


@dataclass(slots=True)
class Gathered:
    """``known`` and the ciphers that open its archives; ``closed``: archives that could not be opened, so
    that their content is known by no fingerprint; ``lists``: tables of codes that were read."""

    known: Known = field(default_factory=Known)
    ciphers: list[Secret] = field(default_factory=list, repr=False)
    archives: int = 0
    closed: int = 0
    lists: int = 0


def gather(
    site: Site, bindings: Bindings, typed: Sequence[Secret] = (), vault: OpenVault | None = None
) -> Gathered:
    """Everything confidential of the site, in memory: of its inbox and of the vault, when it is open.
    ``typed`` are ciphers given at a prompt. Raises InboxRefused, VaultDamaged, PlaceRefused."""
    found = Gathered()
    _folder(found, site, site.inbox, bindings, typed)
    if vault is not None:
        with _laid_out(vault) as folder:
            if folder is not None:
                _folder(found, site, folder, bindings, typed)
        for item in vault.items():
            if item.kind is Kept.LOGIN:
                for secret in passwords(vault.take_bytes(item)):
                    found.known.add_secret(secret, Hit(Sort.CIPHER))
    for cipher in typed:
        found.ciphers.append(cipher)
        found.known.add_secret(cipher, Hit(Sort.CIPHER))
    _people(site, found.known)
    return found


@contextlib.contextmanager
def _laid_out(vault: OpenVault) -> Iterator[Path | None]:
    """What was downloaded, as one folder in memory alone; None when the vault holds nothing of it."""
    wanted = [item for item in vault.items() if item.kind in {Kept.MATERIAL, Kept.CIPHER, Kept.CODES}]
    with contextlib.ExitStack() as stack:
        paths = [stack.enter_context(plain_file(vault, item)) for item in wanted]
        for number, path in enumerate(paths[1:], start=2):
            os.link(path, paths[0].parent / f"{number} {path.name}")
        yield paths[0].parent if paths else None


def passwords(content: bytes) -> Iterator[Secret]:
    """What stands behind the last separator of each line of a note about login and password."""
    for line in decoded(content).splitlines():
        word = re.split(r"[:=\t]\s*|\s+", line.strip())[-1]
        if len(word) >= SHORTEST and not word.isalpha():
            yield Secret(word)


def _folder(found: Gathered, site: Site, folder: Path, bindings: Bindings, typed: Sequence[Secret]) -> None:
    """The downloads in one folder."""
    known = found.known
    known.pattern = site.inventory.profile.code_pattern
    catalog = catalogue(folder, site.inventory, bindings, typed)
    codes = {one.code for one in site.roster.participants if one.code}
    titles = {exam.id: f"{exam.subject} {exam.class_name}" for exam in site.inventory.exams}
    for arrival in catalog.arrivals:  # the coordinator reads titles; ids are the inventory's
        shown = tuple(dict.fromkeys(titles[exam] for exam in arrival.exams))
        codes |= _arrival(found, replace(arrival, exams=shown), typed, known.pattern)
    known.codes |= codes


def _arrival(found: Gathered, arrival: Arrival, typed: Sequence[Secret], pattern: str) -> set[str]:
    """One download; returns the codes that it lists."""
    known, path = found.known, arrival.path
    sorts = {
        Kind.TASKS: Sort.ARCHIVE,
        Kind.CIPHER: Sort.CIPHER,
        Kind.CODES: Sort.CODES,
        Kind.CRITERIA: Sort.CRITERIA,
    }
    if arrival.kind in (Kind.BRIEFING, Kind.INSTRUCTIONS, Kind.PROTOCOL):
        known.add_texts([content_of(path)], None)
    if arrival.kind not in sorts or (arrival.kind is Kind.CIPHER and not arrival.opens):
        return set()
    try:
        content = path.read_bytes() if path.stat().st_size <= _ENOUGH else b""
    except OSError:
        return set()
    sort = Sort.TASKS if arrival.kind is Kind.TASKS and not arrival.encrypted else sorts[arrival.kind]
    known.add_content(content, Hit(sort, arrival.exams))
    known.downloads.add((path.name, len(content)))
    known.since = min(known.since or path.stat().st_mtime, path.stat().st_mtime)
    if arrival.kind is Kind.TASKS:
        _archive(found, arrival, typed)
    elif arrival.kind is Kind.CRITERIA:
        known.add_texts([content], Hit(sort, arrival.exams))
    elif arrival.kind is Kind.CODES:
        try:
            entries = read_codes(path, pattern).entries
        except ProvisionError:
            return set()
        found.lists += 1
        return {entry.code for entry in entries}
    elif arrival.kind is Kind.CIPHER:
        for cipher in _really(arrival):
            found.ciphers.append(cipher)
            known.add_secret(cipher, Hit(Sort.CIPHER, arrival.exams))
    return set()


def _really(arrival: Arrival) -> list[Secret]:
    """The ciphers in the file: those readings of it that open an archive."""
    tries = [one.cipher for one in ciphers.candidates(arrival.path, kind_of(arrival.path))]
    opening = [ciphers.opened(path, tries) for path in arrival.opens]
    return [cipher for cipher in dict.fromkeys(opening) if cipher is not None]


def _archive(found: Gathered, arrival: Arrival, typed: Sequence[Secret]) -> None:
    """The members of an archive, each known by itself; tasks of one work by their texts too."""
    found.archives += 1
    cipher: Secret | None = None
    if arrival.encrypted:
        tries = list(typed)
        if arrival.opened_by is not None:
            tries += [one.cipher for one in ciphers.candidates(arrival.opened_by, kind_of(arrival.opened_by))]
        cipher = ciphers.opened(arrival.path, tries)
    try:
        members = archive.read(arrival.path, cipher)
    except ProvisionError:
        found.closed += 1
        return
    hit = Hit(Sort.TASKS, arrival.exams)
    for name, content in members.items():
        found.known.add_content(content, hit)
        if arrival.encrypted and len(PurePosixPath(name).name) > 8:
            found.known.member_names.add(PurePosixPath(name).name)
    found.known.add_texts(list(members.values()), hit)


def _people(site: Site, known: Known) -> None:
    """The list of participants, and the record's key; names only to keep them out of the report, and to know
    a code beside one."""
    for path, sort in ((site.roster_file, Sort.PEOPLE), (Path(site.root) / ".provision" / _KEY, Sort.KEY)):
        if path.is_file():
            known.add_content(path.read_bytes(), Hit(sort))
    known.pupils = Surnames(one.name for one in site.roster.participants)
    names = [one.name.reveal() for one in site.roster.participants]
    known.names = tuple(names)
    known.surnames = frozenset(name.split()[0].casefold().replace("ё", "е") for name in names if name.split())
