"""The stamp's font: PT Sans Bold, cut down once to a fixed alphabet and addressed by single bytes.

A byte is its character in cp1251, so that a text is encoded by one call. The program is a symbolic
TrueType font without /Encoding, which every renderer resolves the same way (ISO 32000-1, 9.6.6.4):
cmap (3,0) at 0xF000 + byte, cmap (1,0) at the byte. Text extracts through /ToUnicode.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from fontTools import subset
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from printing.errors import N_, PrintingError

ENCODING: Final = "cp1251"
RUSSIAN: Final = "".join(map(chr, range(ord("А"), ord("я") + 1))) + "Ёё"
ALPHABET: Final = "".join(sorted({*map(chr, range(0x20, 0x7F)), *RUSSIAN, *"№«»–—…·°"}))

_TABLES: Final = {"head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "post"}
"""What is read; hints are of no use at a printer's resolution, names and kerning none in a PDF."""

_STEM_V: Final = 140
"""Usual for a bold face; used only by a viewer that replaces the font."""

_SYMBOLIC: Final = 4


class StampTextRefused(PrintingError):
    """A room, seat or kit number with a character that the stamp's font lacks."""

    code = "stamp-text-refused"
    remedy = N_("Use Russian or Latin letters, digits and plain punctuation in names of rooms and seats.")


@dataclass(frozen=True, slots=True)
class StampFont:
    """A simple TrueType font to embed; ``widths`` in 1/1000 em from ``first_char`` on."""

    program: bytes
    widths: tuple[int, ...]
    first_char: int
    to_unicode: bytes
    name: str
    descriptor: Mapping[str, object]

    def encode(self, text: str) -> bytes:
        """Return ``text`` as the font's bytes; raise `StampTextRefused` for a foreign character."""
        if not _KNOWN.issuperset(text):
            raise StampTextRefused(
                N_("The stamp cannot show {character} in {text}"),
                character=next(character for character in text if character not in _KNOWN),
                text=text,
            )
        return text.encode(ENCODING)

    def width(self, encoded: bytes, size: float) -> float:
        """Return how wide ``encoded`` text is at ``size``, in points."""
        return sum([self.widths[byte - self.first_char] for byte in encoded]) * size / 1000


_KNOWN: Final = frozenset(ALPHABET)


@cache
def stamp_font() -> StampFont:
    """Return the font, made once per process."""
    with resources.files("printing.fonts").joinpath("PTS75F.ttf").open("rb") as file:
        font = TTFont(file, lazy=True, recalcTimestamp=False)
        for tag in set(font.keys()) - _TABLES - {"GlyphOrder"}:
            del font[tag]
        options = subset.Options(hinting=False, glyph_names=False, notdef_outline=True)
        options.drop_tables += ["OS/2"]
        descriptor = _descriptor(font)
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=ALPHABET)
        glyphs = font.getBestCmap()
        codes = {character.encode(ENCODING)[0]: glyphs[ord(character)] for character in ALPHABET}
        subsetter.subset(font)
        font["cmap"] = _cmap(codes)
        del font["post"]
        advances = {code: font["hmtx"][glyph][0] for code, glyph in codes.items()}
        written = io.BytesIO()
        font.save(written, reorderTables=True)
    tag = hashlib.sha256(ALPHABET.encode()).digest()[:6]
    scale = 1000 / int(font["head"].unitsPerEm)
    return StampFont(
        program=written.getvalue(),
        widths=tuple(round(advances.get(code, 0) * scale) for code in range(min(codes), max(codes) + 1)),
        first_char=min(codes),
        to_unicode=_to_unicode(),
        name="".join(chr(ord("A") + byte % 26) for byte in tag) + "+PTSans-Bold",
        descriptor=descriptor,
    )


def _descriptor(font: Any) -> dict[str, object]:
    """Return the font descriptor's entries, in 1/1000 em (ISO 32000-1, table 122)."""
    head, metrics = font["head"], font["OS/2"]
    scale = 1000 / int(head.unitsPerEm)
    box = (head.xMin, head.yMin, head.xMax, head.yMax)
    return {
        "Flags": _SYMBOLIC,
        "FontBBox": tuple(round(value * scale) for value in box),
        "ItalicAngle": 0,
        "Ascent": round(font["hhea"].ascent * scale),
        "Descent": round(font["hhea"].descent * scale),
        "CapHeight": round(metrics.sCapHeight * scale),
        "StemV": _STEM_V,
    }


def _cmap(codes: Mapping[int, str]) -> Any:
    """Return the two cmaps that renderers look a symbolic font's bytes up in."""
    cmap = newTable("cmap")
    cmap.tableVersion = 0
    cmap.tables = []
    for table_format, platform, encoding, offset in ((0, 1, 0, 0), (4, 3, 0, 0xF000)):
        subtable = CmapSubtable.newSubtable(table_format)
        subtable.platformID, subtable.platEncID, subtable.language = platform, encoding, 0
        subtable.cmap = {offset + code: glyph for code, glyph in codes.items()}
        cmap.tables.append(subtable)
    return cmap


def _to_unicode() -> bytes:
    """Return the CMap stream from bytes to characters (ISO 32000-1, 9.10.3)."""
    pairs = sorted((character.encode(ENCODING)[0], ord(character)) for character in ALPHABET)
    blocks = []
    for start in range(0, len(pairs), 100):  # 100 entries at most per block
        block = pairs[start : start + 100]
        lines = "\n".join(f"<{code:02X}> <{character:04X}>" for code, character in block)
        blocks.append(f"{len(block)} beginbfchar\n{lines}\nendbfchar\n")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
        f"{''.join(blocks)}"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
