"""Variants of any making, made ready once per batch to be printed many times without changing a pixel.

:func:`normalise` opens and checks one variant; :func:`combine` puts some of them into one file whose bytes
every batch begins with; :func:`prepare` does both.
"""

from __future__ import annotations

from collections.abc import Mapping

from printing.documents.stamp import StampFont
from printing.normalise.prepared import OutputPage, Prepared, combine
from printing.normalise.variant import MAX_BYTES, MAX_PAGES, Variant, normalise

__all__ = ["MAX_BYTES", "MAX_PAGES", "OutputPage", "Prepared", "Variant", "combine", "normalise", "prepare"]


def prepare(variants: Mapping[str, bytes], font: StampFont) -> Prepared:
    """Normalise ``variants`` (name -> PDF) into one prepared file. Raises VariantRefused."""
    return combine([normalise(name, data) for name, data in variants.items()], font)
