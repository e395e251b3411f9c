"""What lies on top of a page: annotations and form fields, as they come out on paper.

qpdf's own flattening is not used: it invents appearances ("?????" for Cyrillic) and forgets an
annotation's layer.
"""

from __future__ import annotations

from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, Object, Page, Pdf, Stream

from printing.errors import N_, VariantRefused
from printing.normalise.geometry import Matrix
from printing.normalise.layers import Layers

_HIDDEN, _PRINT, _NO_ROTATE = 2, 4, 16
_NEVER_DRAWN = {"/Popup", "/Link"}


@dataclass(frozen=True, slots=True)
class Appearance:
    """An appearance stream, and where it goes on its page (matrix in page units)."""

    form: Stream
    matrix: Matrix


def check_forms(pdf: Pdf, variant: str) -> None:
    """Refuse interactive forms whose look a viewer makes up: XFA, and fields with a value in a file that
    says that its appearances are out of date. Raises VariantRefused."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        return
    if "/XFA" in form:
        raise VariantRefused(
            N_("Variant {variant} is an XFA form, which has no fixed pages."), variant=variant
        )
    if not form.get("/NeedAppearances", False):
        return
    for number, page in enumerate(pdf.pages, start=1):
        for annotation in _annotations(page):
            value = _inherited(annotation, "/V")
            if annotation.get("/Subtype") == Name.Widget and _printed(annotation) and value not in (None, ""):
                raise _without_appearance(annotation, variant, number)


def appearances(page: Page, layers: Layers, variant: str, number: int) -> list[Appearance]:
    """What the annotations of ``page`` put on paper, in their order; those in hidden layers do not.

    Raises VariantRefused naming a form field or annotation that should print but has no appearance."""
    found = []
    for annotation in _annotations(page):
        if str(annotation.get("/Subtype")) in _NEVER_DRAWN:
            continue
        if not (_printed(annotation) and layers.shows(annotation)):
            continue
        states = annotation.get("/AP", Dictionary()).get("/N")
        form = states
        if isinstance(states, Dictionary):
            form = states.get(str(annotation.get("/AS", "/Off")))
        if isinstance(form, Stream):
            matrix = _placement(form, annotation, page)
            if matrix:
                found.append(Appearance(form, matrix))
        elif not isinstance(states, Dictionary):
            raise _without_appearance(annotation, variant, number)
    return found


def _annotations(page: Page) -> list[Object]:
    annotations = page.obj.get("/Annots")
    if not isinstance(annotations, Array):
        return []
    return [item for item in annotations if isinstance(item, Dictionary)]


def _printed(annotation: Object) -> bool:
    flags = int(annotation.get("/F", 0))
    return bool(flags & _PRINT) and not flags & _HIDDEN


def _without_appearance(annotation: Object, variant: str, number: int) -> VariantRefused:
    if annotation.get("/Subtype") == Name.Widget:
        return VariantRefused(
            N_("Variant {variant}, page {page}: form field {field} has no appearance of its own."),
            variant=variant,
            page=number,
            field=str(_inherited(annotation, "/T") or "?"),
        )
    return VariantRefused(
        N_("Variant {variant}, page {page}: an annotation ({kind}) has no appearance of its own."),
        variant=variant,
        page=number,
        kind=str(annotation.get("/Subtype", "/?")).lstrip("/"),
    )


def _inherited(annotation: Object, key: str) -> object:
    """A field's entry, from itself or the fields above it (ISO 32000-1, 12.7.3.1)."""
    for _level in range(32):
        if key in annotation:
            return annotation[key]
        parent = annotation.get("/Parent")
        if not isinstance(parent, Dictionary):
            return None
        annotation = parent
    return None


def _placement(form: Stream, annotation: Object, page: Page) -> Matrix | None:
    """The matrix that puts the appearance's box on the annotation's rectangle (ISO 32000-1, 12.5.5,
    algorithm 8.1). None when one of them has no area: nothing shows then."""
    left, bottom, right, top = _corners([float(side) for side in annotation.Rect])
    a, b, c, d, e, f = (float(number) for number in form.get("/Matrix", [1, 0, 0, 1, 0, 0]))
    x0, y0, x1, y1 = (float(side) for side in form.BBox)
    xs = [a * x + c * y + e for x in (x0, x1) for y in (y0, y1)]
    ys = [b * x + d * y + f for x in (x0, x1) for y in (y0, y1)]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if not width or not height or left == right or bottom == top:
        return None
    sx, sy = (right - left) / width, (top - bottom) / height
    matrix = (sx, 0.0, 0.0, sy, left - min(xs) * sx, bottom - min(ys) * sy)
    quarter = int(page.obj.get("/Rotate", 0)) // 90 % 4
    if quarter and int(annotation.get("/F", 0)) & _NO_ROTATE:
        return _turned(matrix, quarter, left, top)
    return matrix


def _turned(matrix: Matrix, quarter: int, x: float, y: float) -> Matrix:
    """``matrix`` followed by a turn counter-clockwise around (x, y), which undoes the page's own."""
    cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[quarter]
    a, b, c, d, e, f = matrix
    e, f = e - x, f - y
    return (
        a * cos - b * sin,
        a * sin + b * cos,
        c * cos - d * sin,
        c * sin + d * cos,
        e * cos - f * sin + x,
        e * sin + f * cos + y,
    )


def _corners(box: list[float]) -> tuple[float, float, float, float]:
    return min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])
