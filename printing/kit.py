"""A kit (ИК): one pupil's copy of a variant, and the mark that each of its pages carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Media(StrEnum):
    """Paper of a kit or document; the value is the PWG media name sent to printers."""

    A4 = "iso_a4_210x297mm"
    A3 = "iso_a3_297x420mm"


@dataclass(frozen=True, slots=True)
class Kit:
    """One kit to print.

    ``index`` is unique in the batch (exam), 1…9999; ``number`` is what people say and read ("204-07");
    ``code`` is empty for a spare kit whose code is written by hand. ``media`` A3 enlarges every page
    by √2 (large print). ``copy`` counts its prints; ``pages`` are those to print of it, from 1, in
    order, none meaning all: an additional print replaces only the sheets that were spoiled.
    """

    index: int
    number: str
    code: str
    variant: str
    room: str
    seat: str
    copy: int = 1
    spare: bool = False
    media: Media = Media.A4
    pages: tuple[int, ...] = ()

    def sheets(self, of: int) -> Sequence[int]:
        """The pages to print when the variant has ``of``."""
        return self.pages or range(1, of + 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """What the barcode of one page says: participant code, kit, page, copy and batch.

    ``batch`` is the exam's, 6 characters of Crockford base 32; ``page`` counts from 1.
    """

    batch: str
    kit: int
    page: int
    copy: int
    code: str
