"""Cut PT Sans Bold down to the stamp's alphabet: stamp.ttf, and what a PDF says of it, stamp.json.

Usage: font.py FOLDER. Every start of a command would pay for it otherwise.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from fontTools import subset
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from printing.documents.stamp_font import ALPHABET, ENCODING

TABLES: Final = {"head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "post"}
"""What is read; hints are of no use at a printer's resolution, names and kerning none in a PDF."""

STEM_V: Final = 140
"""Usual for a bold face; used only by a viewer that replaces the font."""

SYMBOLIC: Final = 4


def main(folder: Path) -> None:
    """Write the font's program, and beside it widths in 1/1000 em from ``first_char`` on."""
    with resources.files("printing.fonts").joinpath("PTS75F.ttf").open("rb") as file:
        font = TTFont(file, lazy=True, recalcTimestamp=False)
        for tag in set(font.keys()) - TABLES - {"GlyphOrder"}:
            del font[tag]
        options = subset.Options(hinting=False, glyph_names=False, notdef_outline=True)
        options.drop_tables += ["OS/2"]
        described = descriptor(font)
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=ALPHABET)
        glyphs = font.getBestCmap()
        codes = {character.encode(ENCODING)[0]: glyphs[ord(character)] for character in ALPHABET}
        subsetter.subset(font)
        font["cmap"] = cmap(codes)
        del font["post"]
        advances = {code: font["hmtx"][glyph][0] for code, glyph in codes.items()}
        font.save(folder / "stamp.ttf", reorderTables=True)
    tag = hashlib.sha256(ALPHABET.encode()).digest()[:6]
    scale = 1000 / int(font["head"].unitsPerEm)
    first = min(codes)
    found = {
        "name": "".join(chr(ord("A") + byte % 26) for byte in tag) + "+PTSans-Bold",
        "first_char": first,
        "widths": [round(advances.get(code, 0) * scale) for code in range(first, max(codes) + 1)],
        "descriptor": described,
    }
    (folder / "stamp.json").write_text(json.dumps(found) + "\n", encoding="utf-8")


def descriptor(font: Any) -> dict[str, object]:
    """The font descriptor's entries, in 1/1000 em (ISO 32000-1, table 122)."""
    head, metrics = font["head"], font["OS/2"]
    scale = 1000 / int(head.unitsPerEm)
    box = (head.xMin, head.yMin, head.xMax, head.yMax)
    return {
        "Flags": SYMBOLIC,
        "FontBBox": tuple(round(value * scale) for value in box),
        "ItalicAngle": 0,
        "Ascent": round(font["hhea"].ascent * scale),
        "Descent": round(font["hhea"].descent * scale),
        "CapHeight": round(metrics.sCapHeight * scale),
        "StemV": STEM_V,
    }


def cmap(codes: Mapping[int, str]) -> Any:
    """The two cmaps that renderers look a symbolic font's bytes up in."""
    table = newTable("cmap")
    table.tableVersion = 0
    table.tables = []
    for table_format, platform, encoding, offset in ((0, 1, 0, 0), (4, 3, 0, 0xF000)):
        subtable = CmapSubtable.newSubtable(table_format)
        subtable.platformID, subtable.platEncID, subtable.language = platform, encoding, 0
        subtable.cmap = {offset + code: glyph for code, glyph in codes.items()}
        table.tables.append(subtable)
    return table


if __name__ == "__main__":
    main(Path(sys.argv[1]))
