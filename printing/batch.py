"""What the application assembles with: variants opened and checked once, then any number of batches."""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from printing.assemble import Batch, assemble
from printing.documents.stamp import StampPainter
from printing.documents.stamp_font import stamp_font
from printing.errors import N_, NoRoomForStamp
from printing.kit import Kit
from printing.normalise import Prepared, Variant, combine, normalise
from printing.zone import Zone
from printing.zones import find_zones

_KEPT = 4
"""Prepared files kept: the usual batches hold one variant, or all of an exam's."""


def unstamped(name: str, data: bytes) -> bytes:
    """A downloaded PDF made fit to print as it is: decrypted, repaired, flattened, on A4, hidden layers gone.

    Raises VariantRefused naming the file.
    """
    return combine([normalise(name, data)], stamp_font()).data


class Assembler:
    """Makes batches of the kits of one exam. May be shared between threads.

    Everything stays in memory: the variants are confidential.
    """

    def __init__(self, variants: Mapping[str, bytes], painter: StampPainter) -> None:
        """Open ``variants`` (name -> PDF) and look for the stamp's place on every page.

        Raises VariantRefused naming variant and page; a page without a place is not refused here, see
        :meth:`without_zone`."""
        self._painter = painter
        self._lock = threading.Lock()
        self._prepared: OrderedDict[frozenset[str], Prepared] = OrderedDict()
        self._variants: dict[str, Variant] = {}
        self._zones: dict[str, tuple[Zone | None, ...]] = {}
        for name, data in variants.items():
            self._variants[name] = normalise(name, data)
            self._zones[name] = find_zones(self._prepare(frozenset({name})).data, painter.size)

    def for_batch(self, painter: StampPainter) -> Assembler:
        """The same variants for another batch; nothing is opened again. ``painter`` differs in the batch
        alone."""
        other = copy.copy(self)
        other._painter = painter
        return other

    def pages(self, variant: str) -> int:
        """The number of pages, hence sheets, of a kit of ``variant``."""
        return len(self._zones[variant])

    def without_zone(self) -> tuple[tuple[str, int], ...]:
        """The pages, as (variant, page), that leave no blank place for the stamp."""
        return tuple(
            (name, page)
            for name, zones in self._zones.items()
            for page, zone in enumerate(zones, start=1)
            if zone is None
        )

    def require_zones(self) -> None:
        """Raise NoRoomForStamp, naming all pages of all variants without a blank place for the stamp."""
        self._certain_zones(frozenset(self._variants))

    def write(self, kits: Sequence[Kit], out: BinaryIO) -> Batch:
        """Write ``kits`` in their order as one PDF that holds no other variants than theirs; ``out`` need
        not seek. The same kits give the same bytes.

        Raises NoRoomForStamp naming all pages of these variants that have none, before anything is written.
        """
        used = frozenset(kit.variant for kit in kits)
        zones = self._certain_zones(used)
        return assemble(self._prepare(used), kits, self._painter, zones, out)

    def _certain_zones(self, used: frozenset[str]) -> dict[str, list[Zone]]:
        missing = [f"{name}: {page}" for name, page in self.without_zone() if name in used]
        if missing:
            raise NoRoomForStamp(
                N_("No blank place for the stamp on these pages (variant: page): {pages}."),
                pages="; ".join(missing),
            )
        return {name: [zone for zone in self._zones[name] if zone is not None] for name in used}

    def _prepare(self, names: frozenset[str]) -> Prepared:
        with self._lock:
            prepared = self._prepared.pop(names, None)
            if prepared is None:
                chosen = [variant for name, variant in self._variants.items() if name in names]
                prepared = combine(chosen, self._painter.font)
            self._prepared[names] = prepared
            if len(self._prepared) > _KEPT:
                self._prepared.popitem(last=False)
            return prepared
