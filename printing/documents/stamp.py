"""The stamp: what every sheet of a kit says about itself, as one small content stream per page.

It never paints paper: it is put where the page is blank (`printing.zones`). A stream begins and ends
with white space and is balanced, because CUPS's pdftopdf joins the streams of a page with nothing
between them. It expects the graphics state that a page begins with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from printing.documents.room import Translate
from printing.documents.stamp_font import StampFont, StampTextRefused, stamp_font
from printing.documents.stamp_layout import FIELDS, FONT_RESOURCE, lay_out
from printing.kit import Kit
from printing.mark import kit_digits, page_digits
from printing.symbols import SYMBOLS, table

__all__ = ["FONT_RESOURCE", "StampFont", "StampPainter", "StampTextRefused"]

_Place = tuple[int, int, int]
"""x, y and size of a text, in tenths of a point."""

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
        self._ends = (self._end(turned=False), self._end(turned=True))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points of a stamp that lies upright."""
        return self._layout.size

    def streams(self, kit: Kit, pages: int, turned: Sequence[bool] = ()) -> list[bytes]:
        """Return a content stream per page 1…``pages`` of ``kit``, painting inside (0, 0)-`size`.

        ``turned`` says of each page whether its zone is; by default none is.
        Raises `printing.mark.MarkImpossible` and `StampTextRefused` for what cannot be shown.
        """
        place, texts = self._page_texts(pages)
        head = b"\nq " + self._kit_part(kit, place)
        if self._table is None:
            return [b"%b%bET Q\n" % (head, text) for text in texts]
        digits = kit_digits(self.batch, kit.code, kit.index, kit.copy)
        symbols = self._table.series(digits, page_digits(digits, range(1, pages + 1)))
        ends = [self._ends[flag] for flag in turned or [False] * pages]
        pieces = zip(texts, ends, symbols, strict=True)
        return [b"%b%bET %b" % (head, text, end % bits) for text, end, bits in pieces]

    def copy_text(self, copy: int) -> str:
        """What marks an additional print, ``copy`` counting from 2."""
        _ = self._translate
        return _("copy {copy}").format(copy=copy)

    def _kit_part(self, kit: Kit, page_place: _Place | None) -> bytes:
        """Return what all pages share, up to where the page's own text begins in the open text object."""
        slots = self._layout.slots
        texts = [(slots[name], text) for name, text in self._kit_texts(kit).items() if text and name in slots]
        shown = [(slot.fit(self.font, text), _literal(self.font.encode(text))) for slot, text in texts]
        if page_place is not None:
            shown.append((page_place, b""))
        rule = b""
        if "code" in slots and not kit.code:
            slot = slots.get("raised", slots["code"])
            rule = f"{slot.x:g} {slot.y - 1.6:g} {slot.width:g} {_RULE} re f ".encode()
        return rule + b"BT" + _show(shown)

    def _kit_texts(self, kit: Kit) -> dict[str, str]:
        """Return what a kit's stamps say, by slot."""
        _ = self._translate
        slots = self._layout.slots
        notes = [self.copy_text(kit.copy)] if kit.copy > 1 else []
        seat = self._seat_text(kit.seat)
        if kit.spare and "seat" in slots:
            seat = _("spare")
        elif kit.spare:
            notes.insert(0, _("spare"))
        if "raised" in slots and not kit.code:
            notes.insert(0, _("participant code"))
        return {
            "raised" if notes and "raised" in slots else "code": kit.code,
            "note": ", ".join(notes),
            "kit": self._kit_text(kit.number),
            "room": self._room_text(kit.room),
            "seat": seat,
        }

    def _make_page_texts(self, pages: int) -> tuple[_Place | None, list[bytes]]:
        """Return the place of "page n of m", sized for the widest, and the operators that show each."""
        slot = self._layout.slots.get("page")
        if slot is None:
            return None, [b""] * pages
        texts = [self._page_text(page, pages) for page in range(1, pages + 1)]
        return slot.fit(self.font, texts[-1]), [_literal(self.font.encode(text)) for text in texts]

    def _end(self, *, turned: bool) -> bytes:
        """Return the end of a stream with a symbol, a template for ``% bits``.

        A square symbol stays upright when the stamp is turned: poppler shears masks that are not (a QR
        symbol at 180 to 200 dpi is then read by nobody).
        """
        box = self._layout.symbol
        if self._table is None or box is None:
            return b""
        x, y, width, height = box
        matrix = f"{width:.2f} 0 0 {height:.2f} {x:.2f} {y:.2f} cm "
        if turned and width == height:
            matrix = f"0 {-width:.2f} {width:.2f} 0 {x:.2f} {y + width:.2f} cm "
        return matrix.encode() + self._table.image() + b" Q\n"

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
            "note": [self.copy_text(2), _("spare")],
        }
        font = self.font
        return {
            name: max(font.width(font.encode(text), 1) for text in texts) for name, texts in usual.items()
        }


def _show(texts: Iterable[tuple[_Place, bytes]]) -> bytes:
    """Return the operators that go from place to place and show each literal there."""
    parts = []
    last_x = last_y = last_size = 0
    for (x, y, size), text in texts:
        if size != last_size:
            parts.append(f"/{FONT_RESOURCE} {size / 10:g} Tf".encode())
        parts.append(b"%b Td%b" % (f" {(x - last_x) / 10:g} {(y - last_y) / 10:g}".encode(), text))
        last_x, last_y, last_size = x, y, size
    return b"".join(parts)


def _literal(text: bytes) -> bytes:
    """Return the operator that shows ``text`` as a literal string (ISO 32000-1, 7.3.4.2)."""
    escaped = text.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"(%b)Tj " % escaped
