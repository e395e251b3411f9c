"""The stamp: what every sheet of a kit says about itself, as one small content stream per page.

It never paints paper: it is put where the page is blank (`printing.zones`). A stream begins and ends
with white space and is balanced, because CUPS's pdftopdf joins the streams of a page with nothing
between them. It expects the graphics state that a page begins with.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from printing.documents.room import Translate
from printing.documents.stamp_font import StampFont, StampTextRefused, stamp_font
from printing.documents.stamp_layout import FIELDS, FONT_RESOURCE, Slot, lay_out, literal, number
from printing.kit import Kit
from printing.mark import kit_digits, with_page
from printing.symbols import SYMBOLS, table

__all__ = ["FONT_RESOURCE", "StampFont", "StampPainter", "StampTextRefused"]

_RULE: Final = 0.5
"""Thickness of the line to write a code on."""


class StampPainter:
    """Paints the stamps of one batch.

    ``fields`` are of `stamp_layout.FIELDS`, ``symbol`` of `printing.symbols.SYMBOLS`, ``batch`` is 6
    characters of Crockford's base 32. ``size`` is the stamp's width and height in points, with the
    symbol's quiet zone; it is the same for every page.
    """

    def __init__(self, fields: Sequence[str], symbol: str, batch: str, translate: Translate) -> None:
        """Choose what the stamps show. Unknown names, or nothing at all, are a programmer's `ValueError`."""
        if not set(fields) <= set(FIELDS) or symbol not in SYMBOLS or not (fields or symbol != "none"):
            raise ValueError(f"no stamp of {fields!r} and {symbol!r}")
        self.font = stamp_font()
        self.fields = frozenset(fields)
        self.symbol = symbol
        self.batch = batch
        self._translate = translate
        self._table = None if symbol == "none" else table(symbol)
        self._layout = lay_out(fields, self._table, self._usual_widths())
        self._page_texts = lru_cache(self._make_page_texts)
        self._symbol = self._symbol_template()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points of a stamp that lies upright."""
        return self._layout.size

    def streams(self, kit: Kit, pages: int) -> list[bytes]:
        """Return a content stream per page 1…``pages`` of ``kit``, painting inside (0, 0)-`size`.

        Raises `printing.mark.MarkImpossible` and `StampTextRefused` for what cannot be shown.
        """
        head = b"\nq " + self._kit_part(kit)
        texts = self._page_texts(pages)
        if self._table is None:
            return [head + text + b"ET Q\n" for text in texts]
        digits = kit_digits(self.batch, kit.code, kit.index, kit.copy)
        bits, symbol = self._table.bits, self._symbol
        return [
            b"%b%bET %b" % (head, text, symbol % bits(with_page(digits, page)))
            for page, text in enumerate(texts, start=1)
        ]

    def _kit_part(self, kit: Kit) -> bytes:
        """Return the rule, if any, and the texts that all pages share, inside an open text object."""
        _ = self._translate
        slots = self._layout.slots
        notes = [] if kit.copy == 1 else [_("copy {copy}").format(copy=kit.copy)]
        texts = {"kit": self._kit_text(kit.number), "room": self._room_text(kit.room)}
        if kit.spare:
            if "seat" in slots:
                texts["seat"] = _("spare")
            else:
                notes.insert(0, _("spare"))
        else:
            texts["seat"] = self._seat_text(kit.seat)
        rule = b""
        if "code" in slots and not kit.code:
            rule = self._rule(slots["raised"])
            notes.insert(0, _("participant code"))
        if notes and "note" in slots:
            texts["note"] = ", ".join(notes)
        texts["raised" if notes else "code"] = kit.code
        shown = [slots[name].paint(self.font, text) for name, text in texts.items() if text and name in slots]
        return rule + b"BT " + b"".join(shown)

    @staticmethod
    def _rule(slot: Slot) -> bytes:
        return f"{number(slot.x)} {number(slot.y - 1.6)} {number(slot.width)} {_RULE} re f ".encode()

    def _make_page_texts(self, pages: int) -> list[bytes]:
        """Return the text operators of page n of ``pages``; all set like the widest, the last."""
        slot = self._layout.slots.get("page")
        if slot is None:
            return [b""] * pages
        place = slot.operators(self.font, self._page_text(pages, pages))
        return [
            place + literal(self.font.encode(self._page_text(page, pages))) + b"Tj\n"
            for page in range(1, pages + 1)
        ]

    def _symbol_template(self) -> bytes:
        """Return the stream's end with the symbol, a template for ``% bits``."""
        box = self._layout.symbol
        if self._table is None or box is None:
            return b""
        x, y, width, height = map(number, box)
        return f"{width} 0 0 {height} {x} {y} cm ".encode() + self._table.image() + b" Q\n"

    def _kit_text(self, kit_number: str) -> str:
        _ = self._translate
        return _("Kit {number}").format(number=kit_number)

    def _page_text(self, page: int, pages: int) -> str:
        _ = self._translate
        return _("page {page} of {pages}").format(page=page, pages=pages)

    def _room_text(self, room: str) -> str:
        _ = self._translate
        return _("room {room}").format(room=room)

    def _seat_text(self, seat: str) -> str:
        _ = self._translate
        return _("seat {seat}").format(seat=seat) if seat else ""

    def _usual_widths(self) -> dict[str, float]:
        """Return how wide the texts of an ordinary school are at size 1."""
        _ = self._translate
        usual = {
            "kit": [self._kit_text("204-07")],
            "page": [self._page_text(10, 12)],
            "room": [self._room_text("204")],
            "seat": [self._seat_text("12Б"), _("spare")],
            "note": [_("copy {copy}").format(copy=2), _("spare")],
        }
        font = self.font
        return {
            name: max(font.width(font.encode(text), 1) for text in texts) for name, texts in usual.items()
        }
