"""Filled forms out of the open. A person uploads them through a browser, so each lies in ``out/forms`` for a
while; once it is uploaded, it goes into the vault, and the plain file goes.

What lies there belongs to a form by its name: the form itself, its list of changes, its PDF, its drafts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from provision.forms.mapping import FOLDER, SUFFIXES, FormMapping
from provision.gone import gone
from provision.ledger import Ledger
from provision.safe import Safe
from provision.site.site import Site
from provision.vault import Kind
from provision.vault.errors import NoVault

DRAFT: Final = "draft-"
BESIDE: Final = " — "
"""Stands between a form's name and what a paper about it is."""


def lying(site: Site) -> tuple[Path, ...]:
    """The files of all forms that lie in the open."""
    folder = site.out / FOLDER
    return tuple(path for path in sorted(folder.iterdir()) if path.is_file()) if folder.is_dir() else ()


def lying_of(site: Site, mapping: FormMapping, source: Path | None) -> tuple[Path, ...]:
    """Those of one form: by the name of its downloaded file, or by its mapping where that is here no more."""
    return tuple(path for path in lying(site) if _of(mapping, source, path.name))


def _of(mapping: FormMapping, source: Path | None, name: str) -> bool:
    name = name.removesuffix(".new").removeprefix(DRAFT)
    names = {name}
    if name.lower().endswith(".pdf"):
        stem = name[: -len(".pdf")].partition(BESIDE)[0]
        names = {stem + suffix for suffix in SUFFIXES}
    return any(mapping.matches(one) for one in names) if source is None else source.name in names


def safe_of(site: Site, ledger: Ledger) -> Safe | None:
    """The site's vault, if there is one. Raises VaultDamaged."""
    try:
        return Safe.of(site, ledger)
    except NoVault:
        return None


def seal(safe: Safe, mapping: FormMapping, files: Sequence[Path]) -> Mapping[Path, str]:
    """Put files into the vault, read again there; file -> its item. Raises what the vault does."""
    items = {}
    for path in files:
        with path.open("rb") as file:
            items[path] = safe.deposit(f"{FOLDER}/{mapping.key}/{path.name}", Kind.FORM, file)[0].id
    return items


def clear(site: Site, sealed: Mapping[Path, str]) -> None:
    """Remove what is in the vault and lies in the site's own folder; ``lying`` tells what stayed."""
    for path in sealed:
        if path.resolve().parent == (site.out / FOLDER).resolve():
            gone(path)
