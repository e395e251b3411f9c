"""Looking into the inbox, with what a person said of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from provision.errors import N_, ProvisionError
from provision.intake.catalog import catalogue
from provision.intake.model import Catalog, Kind
from provision.ledger import Ledger, bindings
from provision.secret import Secret
from provision.site.site import Site


class BindingRefused(ProvisionError):
    """A binding that names no file, exam or kind."""

    code = "binding-refused"
    remedy = N_("Write it as FILE=EXAM:KIND, for example --bind codes.xlsx=ma-7a,ma-7b:codes")


def look_into(site: Site, said: Sequence[str], ciphers: Sequence[Secret] = ()) -> Catalog:
    """Recognise the inbox; ``said`` are new bindings (``FILE=EXAM,EXAM:KIND``), recorded for good.

    Raises BindingRefused and IntakeError.
    """
    ledger = Ledger(site.state)
    parsed = [_parse(site, text) for text in said]
    for sha256, kind, exams in parsed:
        bindings.record(ledger, sha256, kind, exams)
    return catalogue(site.inbox, site.inventory, bindings.recorded(ledger), ciphers)


def _parse(site: Site, text: str) -> tuple[str, Kind, tuple[str, ...]]:
    name, _equals, rest = text.rpartition("=")
    names, _colon, kind = rest.partition(":")
    exams = tuple(part.strip() for part in names.split(",") if part.strip())
    known = {exam.id for exam in site.inventory.exams}
    if not exams or not set(exams) <= known:
        raise BindingRefused(
            N_("'{text}' names no exam; there are: {names}"), text=text, names=", ".join(sorted(known))
        )
    if kind not in set(Kind) - {Kind.UNKNOWN}:
        kinds = ", ".join(one for one in Kind if one is not Kind.UNKNOWN)
        raise BindingRefused(N_("'{text}' names no kind; there are: {names}"), text=text, names=kinds)
    path = site.inbox / Path(name).name
    if not path.is_file():
        raise BindingRefused(N_("there is no file {name} in the inbox"), name=path.name)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), Kind(kind), exams
