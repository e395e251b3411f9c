"""The file that every batch begins with, byte for byte: variants' pages as forms, layers, one stamp font."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from printing.documents.stamp import FONT_RESOURCE, StampFont
from printing.normalise.geometry import ENLARGEMENT
from printing.normalise.layers import write_layers
from printing.normalise.variant import NormalPage, Variant

PAGE_RESOURCE = "VprPage"
"""Name of a page's form in the page's resources, beside the stamp's font. The pages' own names live in
their forms' resources, so there is nothing that these two could clash with."""
SHOW_PAGE = f"/{PAGE_RESOURCE} Do 0 0 m n"
"""Paints a page. The empty path ends one that the page left open: Ghostscript carries it over, out of the
form and even onto the next page."""
SOURCE_KEY = "/VprSource"
"""Entry of a form that says which variant and page it paints, "2/7": what the second reader goes by."""
_NOT_FOR_PAPER = (
    "/AF",
    "/Alternates",
    "/LastModified",
    "/Metadata",
    "/OPI",
    "/PieceInfo",
    "/Ref",
    "/StructParent",
    "/StructParents",
)
"""Entries of streams that hold attachments, private data or structure, none of it painted."""


@dataclass(frozen=True, slots=True)
class OutputPage:
    """One page of a variant as it is printed on A4: its size in points as a reader sees it, and the object
    numbers of its resources and transparency group (0: none) in the prepared file."""

    width: float
    height: float
    resources: int
    group: int

    def entries(self, enlarged: bool) -> bytes:
        """The page dictionary's entries, but for parent and contents; ``enlarged``: on A3."""
        scale = ENLARGEMENT if enlarged else 1.0
        width, height = (f"{side * scale:.6f}".rstrip("0").rstrip(".") for side in (self.width, self.height))
        box = f"/MediaBox[0 0 {width} {height}]"
        group = f"/Group {self.group} 0 R" if self.group else ""
        return f"{box}/Resources {self.resources} 0 R{group}".encode()


@dataclass(frozen=True, slots=True)
class Prepared:
    """``data`` is a whole PDF: every page of ``variants`` once, in their order, without a stamp. The numbers
    are of objects in it: ``pages`` is its page tree's root, ``free`` the first number not in use."""

    data: bytes
    variants: Mapping[str, tuple[OutputPage, ...]]
    root: int
    pages: int
    free: int
    xref: int
    hashed: hashlib._Hash
    """SHA-256 of ``data``, to be copied and continued."""


def combine(variants: Sequence[Variant], font: StampFont) -> Prepared:
    """Write ``variants`` and ``font`` into one prepared file."""
    target = Pdf.new()
    stamp_font = target.make_indirect(_font(target, font))
    contents = target.make_stream(f"q {SHOW_PAGE} Q\n".encode())
    layers: list[tuple[Object, bool]] = []
    for variant in variants:
        for page in variant.pages:
            _append(target, variant.pdf, page, stamp_font, contents)
        hidden = variant.layers.hidden
        layers += [(target.copy_foreign(group), group.objgen in hidden) for group in variant.layers.groups]
    write_layers(target, layers)
    target.Root.ViewerPreferences = Dictionary(PrintScaling=Name("/None"))
    _strip(target)
    buffer = io.BytesIO()
    target.save(
        buffer,
        force_version="1.7",
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        static_id=True,  # every batch has an /ID of its own, from its contents
    )
    return _describe(buffer.getvalue(), variants)


def _append(target: Pdf, source: Pdf, page: NormalPage, font: Object, contents: Stream) -> None:
    extras = page.extras if page.extras.is_indirect else source.make_indirect(page.extras)
    resources = Dictionary(dict(target.copy_foreign(extras).items()))
    for key, name, entry in (
        ("/XObject", PAGE_RESOURCE, target.copy_foreign(page.form)),
        ("/Font", FONT_RESOURCE, font),
    ):
        named = resources.get(key)
        kept = dict(named.items()) if isinstance(named, Dictionary) else {}
        resources[key] = Dictionary({**kept, f"/{name}": entry})
    output = target.add_blank_page(page_size=page.geometry.size).obj
    output.MediaBox = Array([0, 0, *(round(side, 6) for side in page.geometry.size)])
    output.Resources = target.make_indirect(resources)
    output.Contents = contents
    if page.group is not None:
        group = page.group if page.group.is_indirect else source.make_indirect(page.group)
        output.Group = target.copy_foreign(group)


def _font(target: Pdf, font: StampFont) -> Dictionary:
    descriptor = Dictionary(Type=Name.FontDescriptor, FontName=Name(f"/{font.name}"))
    for key, value in font.descriptor.items():
        descriptor[f"/{key}"] = Array(list(value)) if isinstance(value, tuple) else value
    descriptor.FontFile2 = target.make_stream(font.program, Length1=len(font.program))
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.TrueType,
        BaseFont=Name(f"/{font.name}"),
        FirstChar=font.first_char,
        LastChar=font.first_char + len(font.widths) - 1,
        Widths=Array(list(font.widths)),
        FontDescriptor=target.make_indirect(descriptor),
        ToUnicode=target.make_stream(font.to_unicode),
    )


def _strip(target: Pdf) -> None:
    for item in target.objects:
        if isinstance(item, Stream):
            for key in _NOT_FOR_PAPER:
                if key in item:
                    del item[key]


def _describe(data: bytes, variants: Sequence[Variant]) -> Prepared:
    """Read back the numbers that the saved objects were given."""
    with Pdf.open(io.BytesIO(data)) as saved:
        output = []
        for page in saved.pages:
            group = page.obj.get("/Group")
            width, height = (float(side) for side in list(page.obj.MediaBox)[2:])
            output.append(
                OutputPage(
                    width, height, page.obj.Resources.objgen[0], 0 if group is None else group.objgen[0]
                )
            )
        pages = iter(output)
        return Prepared(
            data=data,
            variants={variant.name: tuple(next(pages) for _page in variant.pages) for variant in variants},
            root=saved.Root.objgen[0],
            pages=saved.Root.Pages.objgen[0],
            free=int(saved.trailer.Size),
            xref=int(data[data.rindex(b"startxref") :].split()[1]),
            hashed=hashlib.sha256(data),
        )
