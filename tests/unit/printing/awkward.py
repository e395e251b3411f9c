"""Every awkward page that a variant may have: small PDFs built object by object.

All show the same drawing (text, a tiling pattern, a shading, an image, transparency, strokes), so that a
shift of any part of it by a fraction of a pixel shows in a render.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any, Literal

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

A4 = (0, 0, 595, 842)
EXACT_A4 = (0, 0, 595.275591, 841.889764)
SECRET = (300, 300, 60, 40)
"""x, y, width, height of the black box that hidden layers hold: it must stay white."""
_SECRET_BOX = b"0 g %d %d %d %d re f" % SECRET

DRAWING = b"""
q 1 0 0 RG 3 w 40 60 515 640 re S Q
q /Pattern cs /Tiles scn 60 520 200 150 re f Q
q 300 520 220 150 re W n /Shade sh Q
q 180 0 0 120 60 360 cm /Image Do Q
q /Half gs 0 0 1 rg 150 330 120 120 re f Q
BT /F1 14 Tf 60 300 Td (Variant page, sample text AVWA) Tj /F1 7 Tf 0 -30 Td (small print 0123456789) Tj ET
q 0.4 w 60 200 m 500 230 l S 0 0.5 0 rg 400 100 m 470 180 l 520 90 l f Q
"""


def resources(pdf: Pdf) -> Dictionary:
    """What the drawing needs."""
    tile = pdf.make_stream(
        b"0 0 1 rg 0 0 5 5 re f 1 0.5 0 rg 5 5 5 5 re f",
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=Array([0, 0, 10, 10]),
        XStep=10,
        YStep=10,
        Resources=Dictionary(),
    )
    shade = Dictionary(
        ShadingType=2,
        ColorSpace=Name.DeviceRGB,
        Coords=Array([300, 520, 520, 670]),
        Function=Dictionary(
            FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 1, 1]), N=1
        ),
        Extend=Array([True, True]),
    )
    samples = bytes((x * 37 + y * 91) % 256 for y in range(12) for x in range(18))
    image = pdf.make_stream(
        samples,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=18,
        Height=12,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )
    return Dictionary(
        Font=Dictionary(F1=font()),
        Pattern=Dictionary(Tiles=tile),
        Shading=Dictionary(Shade=shade),
        XObject=Dictionary(Image=image),
        ExtGState=Dictionary(Half=Dictionary(ca=0.5)),
    )


def font(name: str = "Helvetica") -> Dictionary:
    """One of the fonts that every reader has."""
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{name}"))


class Sheet:
    """A document of one page to be made awkward."""

    def __init__(self, contents: bytes = DRAWING, box: tuple[float, ...] = A4) -> None:
        self.pdf = Pdf.new()
        self.page: Any = self.pdf.add_blank_page(page_size=(100, 100)).obj
        self.page.MediaBox = Array(list(box))
        self.page.Resources = resources(self.pdf)
        self.page.Contents = self.pdf.make_stream(contents)

    def form(self, contents: bytes, box: tuple[float, ...] = A4, **entries: Any) -> Stream:
        """A form XObject."""
        stream = self.pdf.make_stream(contents, Type=Name.XObject, Subtype=Name.Form, BBox=Array(list(box)))
        for key, value in entries.items():
            stream[f"/{key}"] = value
        return stream

    def layer(self, name: str, **config: Any) -> Any:
        """A new layer of the document; ``config`` are entries of the default configuration, where LAYER
        stands for the new layer."""
        group = self.pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String(name)))
        if "/OCProperties" not in self.pdf.Root:
            self.pdf.Root.OCProperties = Dictionary(OCGs=Array(), D=Dictionary())
        properties: Any = self.pdf.Root.OCProperties
        properties.OCGs.append(group)
        for key, value in config.items():
            if value is LAYER:
                if f"/{key}" not in properties.D:
                    properties.D[f"/{key}"] = Array()
                properties.D[f"/{key}"].append(group)
            else:
                properties.D[f"/{key}"] = value
        return group

    def annotate(self, **entries: Any) -> Any:
        """Put an annotation on the page; by default it prints."""
        annotation = self.pdf.make_indirect(Dictionary(**{"Type": Name.Annot, "F": 4, **entries}))
        if "/Annots" not in self.page:
            self.page.Annots = Array()
        self.page.Annots.append(annotation)
        return annotation

    def field(self, name: str, **entries: Any) -> Any:
        """Put a form field on the page."""
        entries = {"FT": Name.Tx, "Rect": Array([320, 380, 520, 410]), **entries}
        widget = self.annotate(Subtype=Name.Widget, T=String(name), **entries)
        if "/AcroForm" not in self.pdf.Root:
            self.pdf.Root.AcroForm = Dictionary(Fields=Array())
        form: Any = self.pdf.Root.AcroForm
        form.Fields.append(widget)
        return widget

    def bytes(self, **options: Any) -> bytes:
        """The document as a file."""
        buffer = io.BytesIO()
        self.pdf.save(buffer, static_id=True, **options)
        return buffer.getvalue()


LAYER = object()


def plain() -> bytes:
    return Sheet().bytes()


def exact_a4() -> bytes:
    return Sheet(box=EXACT_A4).bytes()


def rotated(angle: int, box: tuple[float, ...] = A4) -> bytes:
    sheet = Sheet(box=box)
    sheet.page.Rotate = angle
    return sheet.bytes()


def landscape() -> bytes:
    return Sheet(box=(0, 0, 842, 595)).bytes()


def offset_box() -> bytes:
    return Sheet(box=(17.5, -40, 612.5, 802)).bytes()


def offset_and_rotated() -> bytes:
    return rotated(90, (17.5, -40, 612.5, 802))


def fractional_box() -> bytes:
    return rotated(270, (12.37, -41.73, 607.645591, 800.159764))


def reversed_box() -> bytes:
    return Sheet(box=(595, 842, 0, 0)).bytes()


def small_crop() -> bytes:
    sheet = Sheet(box=(-80, -60, 700, 950))
    sheet.page.CropBox = Array([0, 0, 595, 842])
    return sheet.bytes()


def crop_smaller_than_a4() -> bytes:
    """What lies outside the CropBox must not come to light on the larger paper."""
    sheet = Sheet()
    sheet.page.CropBox = Array([100, 150, 500, 650])
    return sheet.bytes()


def crop_beyond_media() -> bytes:
    sheet = Sheet()
    sheet.page.CropBox = Array([-100, -100, 900, 900])
    return sheet.bytes()


def extra_q_end() -> bytes:
    return Sheet(DRAWING + b"Q Q").bytes()


def extra_q_after_setup() -> bytes:
    """The stray Q must not undo the matrix before it."""
    return Sheet(b"0.8 0 0 0.8 30 30 cm 0 0.6 0 rg Q\n" + DRAWING + b"Q 60 80 40 40 re f").bytes()


def missing_q() -> bytes:
    """Matrix, colour and clip stay set at the end."""
    return Sheet(b"q q 0.8 0 0 0.8 30 30 cm 1 0 0 rg q 0 0 500 720 re W n" + DRAWING).bytes()


def unclosed_text() -> bytes:
    return Sheet(DRAWING + b"BT /F1 12 Tf 3 Tr 60 100 Td (left open) Tj").bytes()


def unclosed_string() -> bytes:
    return Sheet(DRAWING + b"BT /F1 12 Tf (never ends").bytes()


def unclosed_clip() -> bytes:
    return Sheet(DRAWING + b"0 0 5 5 re W").bytes()


def inline_image() -> bytes:
    """Samples that look like operators."""
    return Sheet(DRAWING + b"q 60 0 0 60 460 250 cm BI /W 3 /H 2 /BPC 8 /CS /G ID q Q BT\nEI Q").bytes()


def encrypted(revision: Literal[2, 3, 4, 6]) -> bytes:
    aes = revision >= 4
    return Sheet().bytes(
        encryption=pikepdf.Encryption(owner="owner", user="", R=revision, aes=aes, metadata=aes)
    )


def inherited() -> bytes:
    sheet = Sheet()
    parent: Any = sheet.pdf.Root.Pages
    for key in ("/MediaBox", "/Resources"):
        parent[key] = sheet.page[key]
        del sheet.page[key]
    parent.Rotate = 90
    return sheet.bytes()


def letter() -> bytes:
    return Sheet(box=(0, 0, 612, 792)).bytes()


def a5_landscape() -> bytes:
    return Sheet(b"0.5 0 0 0.5 100 20 cm" + DRAWING, box=(0, 0, 595, 420)).bytes()


def user_unit() -> bytes:
    sheet = Sheet(b"0.5 0 0 0.5 0 0 cm" + DRAWING, box=(0, 0, 297.5, 421))
    sheet.page.UserUnit = 2
    return sheet.bytes(min_version="1.6")


def annotated() -> bytes:
    """A stamp with a matrix and an odd box."""
    sheet = Sheet()
    look = sheet.form(
        b"0 0.4 0 rg 10 10 80 30 re f 1 g BT /F1 12 Tf 20 20 Td (stamp) Tj ET",
        (10, 10, 90, 40),
        Matrix=Array([0, 1, -1, 0, 5, 5]),
        Resources=Dictionary(Font=Dictionary(F1=font())),
    )
    sheet.annotate(Subtype=Name.Stamp, Rect=Array([480, 250, 540, 330]), AP=Dictionary(N=look))
    return sheet.bytes()


def annotation_on_rotated() -> bytes:
    sheet = Sheet()
    sheet.page.Rotate = 270
    look = sheet.form(b"1 0 1 rg 0 0 50 20 re f", (0, 0, 50, 20))
    sheet.annotate(Subtype=Name.Stamp, Rect=Array([400, 250, 500, 290]), AP=Dictionary(N=look))
    return sheet.bytes()


def filled_fields() -> bytes:
    sheet = Sheet()
    look = sheet.form(
        b"/Tx BMC q BT /F1 12 Tf 2 10 Td (filled in) Tj ET Q EMC",
        (0, 0, 200, 30),
        Resources=Dictionary(Font=Dictionary(F1=font())),
    )
    sheet.field("answer", V=String("filled in"), AP=Dictionary(N=look))
    on = sheet.form(b"0 g 0 0 10 10 re f", (0, 0, 10, 10))
    off = sheet.form(b"0 G 0 0 10 10 re S", (0, 0, 10, 10))
    for place, state in ((320, "/Yes"), (350, "/Off")):
        box = Dictionary(N=Dictionary(Yes=on, Off=off))
        rect = Array([place, 430, place + 20, 450])
        sheet.field(f"box{place}", FT=Name.Btn, AS=Name(state), Rect=rect, AP=box)
    return sheet.bytes()


def hidden_layer() -> bytes:
    """The answers, switched off in the default configuration, and a layer that shows."""
    sheet = Sheet(
        DRAWING + b"/OC /Answers BDC " + _SECRET_BOX + b" EMC /OC /Shown BDC 0 1 0 rg 420 300 30 30 re f EMC"
    )
    answers, shown = sheet.layer("Layer", OFF=LAYER), sheet.layer("Layer")
    sheet.page.Resources.Properties = Dictionary(Answers=answers, Shown=shown)
    return sheet.bytes()


def hidden_and_unclosed() -> bytes:
    """A hidden layer that is never closed must not swallow the stamp."""
    sheet = Sheet(DRAWING + b"/OC /Answers BDC " + _SECRET_BOX)
    sheet.page.Resources.Properties = Dictionary(Answers=sheet.layer("Answers", OFF=LAYER))
    return sheet.bytes()


def hidden_by_base_state() -> bytes:
    sheet = Sheet(DRAWING + b"/OC /A BDC " + _SECRET_BOX + b" EMC /OC /B BDC 0 1 0 rg 420 300 30 30 re f EMC")
    answers = sheet.layer("Answers", BaseState=Name.OFF)
    shown = sheet.layer("Shown", ON=LAYER)
    sheet.page.Resources.Properties = Dictionary(A=answers, B=shown)
    return sheet.bytes()


def hidden_form() -> bytes:
    """The layer is an entry of a form XObject and of an image."""
    sheet = Sheet(DRAWING + b"q /Answers Do Q q 60 0 0 40 300 300 cm /Picture Do Q")
    layer = sheet.layer("Answers", OFF=LAYER)
    sheet.page.Resources.XObject.Answers = sheet.form(_SECRET_BOX, OC=layer)
    picture = sheet.pdf.make_stream(
        bytes(4),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=2,
        Height=2,
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
        OC=layer,
    )
    sheet.page.Resources.XObject.Picture = picture
    return sheet.bytes()


def hidden_membership() -> bytes:
    """An OCMD that is visible only when all of its layers are."""
    sheet = Sheet(DRAWING + b"/OC /Answers BDC " + _SECRET_BOX + b" EMC")
    groups = Array([sheet.layer("Answers", OFF=LAYER), sheet.layer("Other")])
    sheet.page.Resources.Properties = Dictionary(
        Answers=sheet.pdf.make_indirect(Dictionary(Type=Name.OCMD, OCGs=groups, P=Name.AllOn))
    )
    return sheet.bytes()


def hidden_annotation() -> bytes:
    sheet = Sheet()
    look = sheet.form(b"0 g 0 0 60 40 re f", (0, 0, 60, 40))
    sheet.annotate(
        Subtype=Name.Stamp,
        Rect=Array([300, 300, 360, 340]),
        AP=Dictionary(N=look),
        OC=sheet.layer("Answers", OFF=LAYER),
    )
    return sheet.bytes()


def damaged_xref() -> bytes:
    data = plain()
    start = data.rindex(b"startxref")
    return data[:start].replace(b" 00000 n", b" 00000 f") + b"startxref\n99999\n%%EOF\n"


def without_contents() -> bytes:
    sheet = Sheet()
    del sheet.page.Contents
    return sheet.bytes()


def empty_contents() -> bytes:
    sheet = Sheet()
    sheet.page.Contents = Array()
    return sheet.bytes()


def split_contents() -> bytes:
    """The streams end in the middle of an operator's operands and of a q ... Q pair, without white space."""
    sheet = Sheet()
    cuts = [b"q 1 0 0", b"1 10 10", b"cm" + DRAWING + b"Q", b"q 0 1 0 rg 430 300 30", b"30 re f", b"Q"]
    sheet.page.Contents = Array([sheet.pdf.make_stream(part) for part in cuts])
    return sheet.bytes()


def shared_contents_array() -> bytes:
    """The same stream twice in the array."""
    sheet = Sheet()
    part = sheet.pdf.make_stream(b"1 0 0 1 20 10 cm 0 0 1 RG 60 60 80 50 re S")
    sheet.page.Contents = Array([sheet.page.Contents, part, part])
    return sheet.bytes()


def names_like_ours() -> bytes:
    sheet = Sheet(DRAWING.replace(b"/F1", b"/VPRStampF").replace(b"/Image", b"/VprPage"))
    sheet.page.Resources.Font = Dictionary(VPRStampF=font("Courier-Bold"))
    sheet.page.Resources.XObject = Dictionary(VprPage=sheet.page.Resources.XObject.Image)
    return sheet.bytes()


def form_without_resources() -> bytes:
    """Old files let a form use the page's resources."""
    sheet = Sheet(DRAWING + b"q /Old Do Q")
    sheet.page.Resources.XObject.Old = sheet.form(b"BT /F1 20 Tf 300 300 Td (borrowed font) Tj ET")
    return sheet.bytes()


def page_group() -> bytes:
    """Blending with the page's own, multiplied colours."""
    sheet = Sheet(DRAWING + b"q /Times gs 1 1 0 rg 40 300 400 300 re f Q")
    sheet.page.Resources.ExtGState.Times = Dictionary(BM=Name.Multiply)
    sheet.page.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB, I=True)
    return sheet.bytes()


def object_streams() -> bytes:
    return Sheet().bytes(object_stream_mode=pikepdf.ObjectStreamMode.generate)


def filter_array() -> bytes:
    """reportlab's habit: the filter in an array."""
    sheet = Sheet()
    sheet.page.Contents = sheet.pdf.make_stream(zlib.compress(DRAWING), Filter=Array([Name.FlateDecode]))
    return sheet.bytes(stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)


PAGES: dict[str, Callable[[], bytes]] = {
    "plain": plain,
    "exact_a4": exact_a4,
    "rotated_90": lambda: rotated(90),
    "rotated_180": lambda: rotated(180),
    "rotated_270": lambda: rotated(270),
    "rotated_minus_90": lambda: rotated(-90),
    "landscape": landscape,
    "offset_box": offset_box,
    "offset_and_rotated": offset_and_rotated,
    "fractional_box": fractional_box,
    "reversed_box": reversed_box,
    "small_crop": small_crop,
    "crop_smaller_than_a4": crop_smaller_than_a4,
    "crop_beyond_media": crop_beyond_media,
    "extra_q_end": extra_q_end,
    "extra_q_after_setup": extra_q_after_setup,
    "missing_q": missing_q,
    "unclosed_text": unclosed_text,
    "unclosed_string": unclosed_string,
    "unclosed_clip": unclosed_clip,
    "inline_image": inline_image,
    "encrypted_rc4_40": lambda: encrypted(2),
    "encrypted_rc4_128": lambda: encrypted(3),
    "encrypted_aes_128": lambda: encrypted(4),
    "encrypted_aes_256": lambda: encrypted(6),
    "inherited": inherited,
    "letter": letter,
    "a5_landscape": a5_landscape,
    "user_unit": user_unit,
    "annotations": annotated,
    "annotation_on_rotated": annotation_on_rotated,
    "filled_fields": filled_fields,
    "hidden_layer": hidden_layer,
    "hidden_and_unclosed": hidden_and_unclosed,
    "hidden_by_base_state": hidden_by_base_state,
    "hidden_form": hidden_form,
    "hidden_membership": hidden_membership,
    "hidden_annotation": hidden_annotation,
    "damaged_xref": damaged_xref,
    "without_contents": without_contents,
    "empty_contents": empty_contents,
    "split_contents": split_contents,
    "shared_contents_array": shared_contents_array,
    "names_like_ours": names_like_ours,
    "form_without_resources": form_without_resources,
    "page_group": page_group,
    "object_streams": object_streams,
    "filter_array": filter_array,
}
"""Each must come out of a batch unchanged."""
