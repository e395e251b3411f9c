"""The stamp's font: PT Sans Bold, cut down by `script/font` to a fixed alphabet, addressed by single bytes.

A byte is its character in cp1251, so that a text is encoded by one call. The program is a symbolic
TrueType font without /Encoding, which every renderer resolves the same way (ISO 32000-1, 9.6.6.4):
cmap (3,0) at 0xF000 + byte, cmap (1,0) at the byte. Text extracts through /ToUnicode.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from printing.errors import N_, PrintingError

ENCODING: Final = "cp1251"
RUSSIAN: Final = "".join(map(chr, range(ord("А"), ord("я") + 1))) + "Ёё"
ALPHABET: Final = "".join(sorted({*map(chr, range(0x20, 0x7F)), *RUSSIAN, *"№«»–—…·°"}))


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
    """Return the font, read once per process."""
    folder = resources.files("printing.fonts")
    said = json.loads(folder.joinpath("stamp.json").read_bytes())
    descriptor = said["descriptor"]
    return StampFont(
        program=folder.joinpath("stamp.ttf").read_bytes(),
        widths=tuple(said["widths"]),
        first_char=said["first_char"],
        to_unicode=_to_unicode(),
        name=said["name"],
        descriptor={**descriptor, "FontBBox": tuple(descriptor["FontBBox"])},
    )


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
