"""What a variant may be, what is refused and by which name, and what never gets into a batch."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, String

from printing.documents.stamp import FONT_RESOURCE
from printing.documents.stamp_font import stamp_font
from printing.errors import VariantRefused
from printing.normalise import MAX_BYTES, MAX_PAGES, normalise, prepare
from printing.normalise.contents import measure
from tests.unit.printing.awkward import DRAWING, LAYER, PAGES, Sheet, hidden_layer, plain
from tests.unit.printing.renders import mupdf


def refusal(data: bytes) -> str:
    """What is said of a variant that must be refused."""
    with pytest.raises(VariantRefused) as caught:
        normalise("variant 3", data)
    assert "variant 3" in str(caught.value)
    return str(caught.value)


def test_not_a_pdf() -> None:
    assert "is not a PDF" in refusal(b"PK\x03\x04 a workbook")
    assert "is not a readable PDF" in refusal(b"%PDF-1.4 nothing at all %%EOF")


def test_truncated_file_is_not_repaired_into_fewer_pages() -> None:
    data = plain()
    assert "its end is missing" in refusal(data[: len(data) * 2 // 3])


def test_lost_page_is_noticed() -> None:
    data = plain().replace(b"/Count 1", b"/Count 9")
    assert "should have 9 pages, but only 1" in refusal(data)


def test_password() -> None:
    data = Sheet().bytes(encryption=pikepdf.Encryption(owner="owner", user="secret"))
    assert "asks for a password" in refusal(data)


def test_no_pages() -> None:
    out = io.BytesIO()
    Pdf.new().save(out)
    assert "has no pages" in refusal(out.getvalue())


def test_too_many_pages() -> None:
    sheet = Sheet()
    for _page in range(MAX_PAGES):
        sheet.pdf.pages.append(sheet.pdf.pages[0])
    assert f"has {MAX_PAGES + 1} pages" in refusal(sheet.bytes())


def test_too_large() -> None:
    assert "larger than 100 MB" in refusal(bytes(MAX_BYTES + 1))


def test_damaged_contents_name_the_page() -> None:
    sheet = Sheet()
    sheet.pdf.pages.append(sheet.pdf.pages[0])
    second = sheet.pdf.pages[1].obj
    second.Contents = sheet.pdf.make_stream(b"\x78\x9cgarbage, not deflated", Filter=Name.FlateDecode)
    options = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}
    assert "page 2 is damaged" in refusal(sheet.bytes(**options))


def test_decompression_bomb() -> None:
    """Contents of 300 MB in 300 KB."""
    packer = zlib.compressobj(9)
    block = b" " * 2**20
    packed = b"".join(packer.compress(block) for _block in range(300)) + packer.flush()
    sheet = Sheet()
    sheet.page.Contents = sheet.pdf.make_stream(packed, Filter=Name.FlateDecode)
    options = {"compress_streams": False, "stream_decode_level": pikepdf.StreamDecodeLevel.none}
    assert "page 1 is damaged" in refusal(sheet.bytes(**options))


def test_contents_beyond_measure() -> None:
    """One stream of 8 MB, named 20 times."""
    sheet = Sheet()
    part = sheet.pdf.make_stream(b" " * 2**23)
    sheet.page.Contents = Array([part] * 20)
    assert "page 1 is damaged" in refusal(sheet.bytes())


def test_operators_beyond_measure() -> None:
    assert "page 1 is damaged" in refusal(Sheet(b"q Q " * 1_100_000).bytes())


def test_layers_that_contain_themselves() -> None:
    sheet = Sheet()
    sheet.layer("Off", OFF=LAYER)
    loop = sheet.pdf.make_indirect(Dictionary(Type=Name.OCMD))
    loop.OCGs = Array([loop])
    sheet.page.Resources.Properties = Dictionary(L=loop)
    assert "is damaged" in refusal(sheet.bytes())


def test_a3_with_content_does_not_fit() -> None:
    full = Sheet(b"842 0 0 1191 0 0 cm 0 0 1 1 re f", (0, 0, 842, 1191))
    assert "page 1 is 297 × 420 mm and does not fit" in refusal(full.bytes())


def test_larger_page_is_taken_when_only_blank_paper_is_cut_off() -> None:
    variant = normalise("1", Sheet(b"200 300 400 500 re f", (0, 0, 842, 1191)).bytes())
    assert variant.pages[0].geometry.size == (595, 842)


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (0, 0, 100000, 100000)])
def test_page_without_usable_size(box: tuple[float, ...]) -> None:
    assert "page 1 has no usable size" in refusal(Sheet(box=box).bytes())


def test_field_without_appearance_is_named() -> None:
    sheet = Sheet()
    sheet.field("Ответ 4", V=String("да"))
    assert "page 1: form field Ответ 4 has no appearance" in refusal(sheet.bytes())


def test_field_with_outdated_appearance_is_named() -> None:
    sheet = Sheet()
    sheet.field("Ответ 5", V=String("да"), AP=Dictionary(N=sheet.form(b"", (0, 0, 9, 9))))
    sheet.pdf.Root.AcroForm.NeedAppearances = True
    assert "form field Ответ 5" in refusal(sheet.bytes())


def test_field_that_does_not_print_is_no_reason() -> None:
    sheet = Sheet()
    sheet.field("screen only", V=String("да"), F=0)
    assert normalise("1", sheet.bytes()).pages


def test_annotation_without_appearance_is_named() -> None:
    sheet = Sheet()
    sheet.annotate(Subtype=Name.Highlight, Rect=Array([1, 1, 90, 90]))
    assert "an annotation (Highlight) has no appearance" in refusal(sheet.bytes())


def test_links_and_screen_notes_are_left_out() -> None:
    sheet = Sheet()
    sheet.annotate(Subtype=Name.Text, Rect=Array([300, 50, 320, 70]), F=0)
    sheet.annotate(Subtype=Name.Link, Rect=Array([60, 290, 200, 320]), Border=Array([0, 0, 0]))
    ours = mupdf(prepare({"1": sheet.bytes()}, stamp_font()).data)
    assert (ours[0] == mupdf(plain())[0]).all()


def test_xfa_is_refused() -> None:
    sheet = Sheet()
    sheet.pdf.Root.AcroForm = Dictionary(XFA=String("<xdp/>"), Fields=Array())
    assert "XFA" in refusal(sheet.bytes())


def test_nothing_active_or_attached_gets_into_a_batch() -> None:
    sheet = Sheet()
    root = sheet.pdf.Root
    root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    root.AA = Dictionary(WP=Dictionary(S=Name.JavaScript, JS=String("app.alert(2)")))
    root.Metadata = sheet.pdf.make_stream(b"<x:xmpmeta/>", Type=Name.Metadata, Subtype=Name.XML)
    root.StructTreeRoot = sheet.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array()))
    sheet.page.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("calc.exe")))
    sheet.page.PieceInfo = Dictionary(Maker=Dictionary(Private=String("private data")))
    sheet.page.Resources.XObject.Image.Metadata = sheet.pdf.make_stream(b"GPS position", Type=Name.Metadata)
    sheet.pdf.attachments["answers.txt"] = b"attached answers"
    data = prepare({"1": sheet.bytes()}, stamp_font()).data
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert set(pdf.Root.keys()) <= {"/Type", "/Pages", "/ViewerPreferences"}
        text = b"\n".join(item.unparse(resolved=True) for item in pdf.objects)
        text += b"\n".join(item.read_bytes() for item in pdf.objects if isinstance(item, pikepdf.Stream))
    for trace in (b"JavaScript", b"Launch", b"private data", b"GPS", b"attached", b"Struct", b"xmpmeta"):
        assert trace not in text


def test_sound_contents_keep_their_bytes() -> None:
    sheet = Sheet()
    raw = sheet.bytes()
    with pikepdf.open(io.BytesIO(raw)) as source:
        before = source.pages[0].obj.Contents.read_raw_bytes()
    with pikepdf.open(io.BytesIO(prepare({"1": raw}, stamp_font()).data)) as pdf:
        form = pdf.pages[0].obj.Resources.XObject.VprPage
        assert form.read_raw_bytes() == before


def test_own_names_win_only_on_the_outside() -> None:
    """A variant's font of our name is still its own, in its form; the stamp's is outside."""
    data = prepare({"1": PAGES["names_like_ours"]()}, stamp_font()).data
    with pikepdf.open(io.BytesIO(data)) as pdf:
        outside = pdf.pages[0].obj.Resources
        inside = outside.XObject.VprPage.Resources
        assert outside.Font[f"/{FONT_RESOURCE}"].BaseFont == f"/{stamp_font().name}"
        assert inside.Font[f"/{FONT_RESOURCE}"].BaseFont == Name("/Courier-Bold")


def test_one_font_for_all_pages_and_variants() -> None:
    data = prepare({"1": plain(), "2": plain()}, stamp_font()).data
    assert len(re.findall(rb"/FontFile2 ", data)) == 1


def test_layers_of_several_variants_stay_apart() -> None:
    """The same name in both: hidden in one, shown in the other."""
    shown = Sheet(DRAWING + b"/OC /L BDC 0 g 300 300 60 40 re f EMC")
    shown.page.Resources.Properties = Dictionary(L=shown.layer("Layer"))
    prepared = prepare({"hidden": hidden_layer(), "shown": shown.bytes()}, stamp_font())
    with pikepdf.open(io.BytesIO(prepared.data)) as pdf:
        names = [str(group.Name) for group in pdf.Root.OCProperties.OCGs]
    assert len(names) == len(set(names)) == 3
    first, second = mupdf(prepared.data)
    box = (slice(2 * (842 - 340), 2 * (842 - 300)), slice(2 * 300, 2 * 360))
    assert first[box].min() == 255
    assert second[box].max() == 0


def test_layer_that_printing_switches_off_is_hidden() -> None:
    sheet = Sheet(DRAWING + b"/OC /L BDC 0 g 300 300 60 40 re f EMC")
    layer = sheet.layer("Screen only")
    layer.Usage = Dictionary(Print=Dictionary(PrintState=Name.OFF))
    automatic = Dictionary(Event=Name.Print, Category=Array([Name.Print]), OCGs=Array([layer]))
    sheet.pdf.Root.OCProperties.D.AS = Array([automatic])
    sheet.page.Resources.Properties = Dictionary(L=layer)
    page = mupdf(prepare({"1": sheet.bytes()}, stamp_font()).data)[0]
    assert page[2 * (842 - 340) : 2 * (842 - 300), 600:720].min() == 255


@pytest.mark.parametrize(
    ("expression", "visible"),
    [
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=off), False),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([off, on])), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([off, on]), P=Name.AllOn), False),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([off, on]), P=Name.AllOff), False),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([off, on]), P=Name.AnyOff), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, OCGs=Array([])), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, VE=Array([Name.Not, off])), True),
        (lambda off, on: Dictionary(Type=Name.OCMD, VE=Array([Name.And, on, Array([Name.Not, on])])), False),
        (lambda off, on: Dictionary(Type=Name.OCMD, VE=Array([Name.Or, off, on]), OCGs=off), True),
    ],
)
def test_memberships(expression: Callable[[object, object], Dictionary], visible: bool) -> None:
    sheet = Sheet(DRAWING + b"/OC /L BDC 0 g 300 300 60 40 re f EMC")
    off, on = sheet.layer("Off", OFF=LAYER), sheet.layer("On")
    sheet.page.Resources.Properties = Dictionary(L=expression(off, on))
    page = mupdf(prepare({"1": sheet.bytes()}, stamp_font()).data)[0]
    box = page[2 * (842 - 340) : 2 * (842 - 300), 600:720]
    assert box.max() == (255 if visible is False else 0)


def test_prepared_file_shows_the_output_pages() -> None:
    """What zones are looked for in: every page once, at its size on paper, unstamped."""
    prepared = prepare({"1": PAGES["letter"](), "2": PAGES["landscape"]()}, stamp_font())
    with pikepdf.open(io.BytesIO(prepared.data)) as pdf:
        sizes = [tuple(float(side) for side in page.mediabox)[2:] for page in pdf.pages]
    assert sizes == [(595, 842), (842, 595)]
    assert prepared.variants["1"][0].width == 595


OPERATORS = st.lists(
    st.sampled_from([b"q", b"Q", b"BT", b"ET", b"/Span BMC", b"/A <<>> BDC", b"EMC", b"(Q q) Tj"])
)


@settings(max_examples=200, deadline=None)
@given(OPERATORS)
def test_any_nesting_is_balanced(operators: list[bytes]) -> None:
    """Whatever is opened and closed: with what is added, nothing is left open and no Q is without a q."""
    pdf = Pdf.new()
    contents = b"\n".join(operators)
    found = measure(pdf, contents)
    depth = lowest = 0
    for operator in operators:
        depth += (operator == b"q") - (operator == b"Q")
        lowest = min(lowest, depth)
    after = measure(pdf, found.opening + contents + found.closing)
    assert (found.strays, found.saved) == (-lowest, depth - lowest)
    assert (after.saved, after.strays, after.text, after.marked) == (0, 0, False, 0)
