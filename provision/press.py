"""One exam's variants, opened and made ready for printing. Exists in memory only."""

from __future__ import annotations

import copy
import io
from collections.abc import Mapping, Sequence
from functools import cached_property

from printing.batch import Assembler
from printing.documents.stamp import StampPainter
from printing.kit import Kit
from provision.locale import translator
from provision.plan import batch_of
from provision.site.model import Exam, Inventory


class Press:
    """Writes kits of one exam, and has every batch re-read by the second reader before it is given out."""

    def __init__(self, variants: Mapping[str, bytes], inventory: Inventory, exam: Exam, seed: int) -> None:
        """Normalise the variants and find places for the stamps. Raises VariantRefused, NoRoomForStamp."""
        self._inventory, self._seed = inventory, seed
        self._assembler = Assembler(variants, self._painter(exam))
        self._assembler.require_zones()
        self._variants = tuple(variants)

    def for_exam(self, exam: Exam) -> Press:
        """The press of another exam that has the same variants."""
        other = copy.copy(self)
        other._assembler = self._assembler.for_batch(self._painter(exam))
        return other

    def _painter(self, exam: Exam) -> StampPainter:
        stamp = self._inventory.profile.stamp
        return StampPainter(
            [str(field) for field in stamp.fields],
            str(stamp.symbol),
            batch_of(self._seed, exam.id),
            translator(self._inventory.school.language),
        )

    @cached_property
    def pages(self) -> Mapping[str, int]:
        """Pages of each variant."""
        return {label: self._assembler.pages(label) for label in self._variants}

    def kits(self, kits: Sequence[Kit]) -> bytes:
        """The kits as one PDF on which both readers agree. Raises BatchMismatch."""
        from printing.verify import agree  # noqa: PLC0415 - who only looks makes no kits

        out = io.BytesIO()
        batch = self._assembler.write(kits, out)
        agree(out.getvalue(), batch)
        return out.getvalue()
