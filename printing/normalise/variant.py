"""One variant, opened and made harmless: each page is a form XObject that paints exactly what the page shows.

A form keeps to itself what shared page contents leak: graphics state, resource names, unclosed
strings. Patterns follow its matrix (under a plain `cm` they would stay behind).
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pikepdf
import pikepdf.settings
from pikepdf import Array, Dictionary, Name, Object, Page, PasswordError, Pdf, PdfError, Stream

from printing.errors import N_, VariantRefused
from printing.normalise.annotations import Appearance, appearances, check_forms
from printing.normalise.contents import page_stream
from printing.normalise.geometry import Geometry, read_geometry
from printing.normalise.layers import Layers, settle_layers

MAX_BYTES = 100 * 2**20
"""Of a variant's file."""
MAX_PAGES = 99
"""Of a variant: the barcode has two digits for the page."""
MAX_DECODED_BYTES = 256 * 2**20
"""Of one stream of a variant, decompressed."""
_PAPER_WHITE = 250
_END_OF_FILE = b"%%EOF"
_END_WINDOW = 2048
_DAMAGE = (PdfError, TypeError, ValueError, KeyError, AttributeError, IndexError, RuntimeError)
_POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True)
class NormalPage:
    """A page as a form XObject that paints onto the output page; ``extras`` are the page's resources, for
    old forms that have none of their own, and ``group`` its transparency group."""

    form: Stream
    extras: Object
    group: Object | None
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant that is fit to print; ``pdf`` owns what ``pages`` and ``layers`` refer to."""

    name: str
    pdf: Pdf
    pages: tuple[NormalPage, ...]
    layers: Layers


def normalise(name: str, data: bytes) -> Variant:
    """Open, check and normalise one variant. Raises VariantRefused naming the variant and, where it lies on
    one, the page."""
    _set_limits()
    pdf = _open(name, data)
    with _damage(name):
        check_forms(pdf, name)
        layers = settle_layers(pdf, name)
    pages = []
    for number, page in enumerate(pdf.pages, start=1):
        with _damage(name, number):
            pages.append(_normal_page(pdf, page, layers, name, number))
    return Variant(name, pdf, tuple(pages), layers)


@functools.cache
def _set_limits() -> None:
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_DECODED_BYTES,
        run_length_max_memory=MAX_DECODED_BYTES,
        png_max_memory=MAX_DECODED_BYTES,
        tiff_max_memory=MAX_DECODED_BYTES,
        dct_max_memory=MAX_DECODED_BYTES,
    )


def _open(name: str, data: bytes) -> Pdf:
    if len(data) > MAX_BYTES:
        raise VariantRefused(
            N_("Variant {variant} is larger than {limit} MB."), variant=name, limit=MAX_BYTES // 2**20
        )
    if _END_OF_FILE not in data[-_END_WINDOW:]:
        raise VariantRefused(N_("Variant {variant} is not a PDF, or its end is missing."), variant=name)
    try:
        pdf = Pdf.open(io.BytesIO(data))
        declared = int(pdf.Root.Pages.get("/Count", 0))
        found = len(pdf.pages)
    except PasswordError:
        raise VariantRefused(
            N_("Variant {variant} asks for a password to be opened."), variant=name
        ) from None
    except _DAMAGE as error:
        raise VariantRefused(N_("Variant {variant} is not a readable PDF."), variant=name) from error
    if not found:
        raise VariantRefused(N_("Variant {variant} has no pages."), variant=name)
    if found < declared:
        raise VariantRefused(
            N_("Variant {variant} should have {declared} pages, but only {found} can be found in it."),
            variant=name,
            declared=declared,
            found=found,
        )
    if found > MAX_PAGES:
        raise VariantRefused(
            N_("Variant {variant} has {found} pages, more than {limit}."),
            variant=name,
            found=found,
            limit=MAX_PAGES,
        )
    return pdf


@contextmanager
def _damage(variant: str, page: int | None = None) -> Iterator[None]:
    """Turn what damaged objects raise into a refusal by name."""
    try:
        yield
    except _DAMAGE as error:
        if page is None:
            raise VariantRefused(N_("Variant {variant} is damaged."), variant=variant) from error
        raise VariantRefused(
            N_("Variant {variant}, page {page} is damaged."), variant=variant, page=page
        ) from error


def _normal_page(pdf: Pdf, page: Page, layers: Layers, variant: str, number: int) -> NormalPage:
    geometry = read_geometry(page)
    if geometry is None:
        raise VariantRefused(
            N_("Variant {variant}, page {page} has no usable size."), variant=variant, page=number
        )
    resources = page.obj.get("/Resources")
    if not isinstance(resources, Dictionary):
        resources = Dictionary()
    form = page_stream(pdf, page)
    _make_form(form, geometry, resources)
    on_top = appearances(page, layers, variant, number)
    if on_top:
        form = _with_appearances(pdf, form, on_top)
    form.Matrix = Array([round(number, 6) for number in geometry.matrix])
    form.VprSource = pikepdf.String(f"{variant}/{number}")
    group = page.obj.get("/Group")
    normal = NormalPage(form, resources, group if isinstance(group, Dictionary) else None, geometry)
    if geometry.oversize and _ink_outside(normal, pdf):
        width, height = (round(side / _POINTS_PER_MM) for side in geometry.seen)
        raise VariantRefused(
            N_("Variant {variant}, page {page} is {width} × {height} mm and does not fit on A4 unscaled."),
            variant=variant,
            page=number,
            width=width,
            height=height,
        )
    return normal


def _make_form(stream: Stream, geometry: Geometry, resources: Object) -> None:
    """Make ``stream`` a form of the page's visible box. Where the output page's own edge cuts, the box is a
    little larger, so that no second, antialiased edge is cut inside the last pixel."""
    x0, y0, x1, y1 = geometry.box
    grown = 0 if geometry.moved else 1
    stream.Type, stream.Subtype = Name.XObject, Name.Form
    stream.BBox = Array([x0 - grown, y0 - grown, x1 + grown, y1 + grown])
    stream.Resources = resources


def _with_appearances(pdf: Pdf, page: Stream, on_top: list[Appearance]) -> Stream:
    """A form that paints ``page`` and then what lies on it."""
    lines, objects = ["q /Page Do Q"], Dictionary(Page=page)
    for number, appearance in enumerate(on_top):
        appearance.form.Type, appearance.form.Subtype = Name.XObject, Name.Form
        objects[f"/Top{number}"] = appearance.form
        numbers = " ".join(f"{value:.6f}" for value in appearance.matrix)
        lines.append(f"q {numbers} cm /Top{number} Do Q")
    resources = Dictionary(XObject=objects)
    outer = pdf.make_stream("\n".join(lines).encode(), Type=Name.XObject, Subtype=Name.Form)
    outer.BBox, outer.Resources = page.BBox, resources
    return outer


def _ink_outside(page: NormalPage, pdf: Pdf) -> bool:
    """Whether an oversize page shows anything beyond the paper: found by a render, not a guess."""
    import pypdfium2  # noqa: PLC0415 - with numpy 16 MB, for pages that hardly ever come

    single = Pdf.new()
    blank = single.add_blank_page(page_size=page.geometry.seen)
    blank.obj.Resources = Dictionary(XObject=Dictionary(P=single.copy_foreign(pdf.make_indirect(page.form))))
    left, bottom = (
        (paper - seen) / 2 for paper, seen in zip(page.geometry.size, page.geometry.seen, strict=True)
    )
    blank.obj.Contents = single.make_stream(f"1 0 0 1 {-left:.3f} {-bottom:.3f} cm /P Do".encode())
    buffer = io.BytesIO()
    single.save(buffer)
    with pypdfium2.PdfDocument(buffer.getvalue()) as document:
        shown = document[0].render(grayscale=True).to_numpy().squeeze()
    ink = shown < _PAPER_WHITE
    top, side = max(0, round(-bottom)), max(0, round(-left))
    ink[top : ink.shape[0] - top, side : ink.shape[1] - side] = False
    return bool(ink.any())
