"""The stamp's place is blank paper, judged by another renderer at three times the resolution."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printing.zones import BAND, CLEARANCE, MARGIN, Zone, _Sheet, _upper_strip, _usual_places, find_zones
from tests.unit.printing import stamped
from tests.unit.printing.awkward import PAGES

WIDTH, HEIGHT = 595, 842
SIZE = (209.4, 24.0)
LONG, HIGH = SIZE
TEXT = b"BT /F 11 Tf %g %g Td (x) Tj ET"


def document(
    contents: Sequence[bytes], *, rotate: int = 0, page_size: tuple[int, int] = (WIDTH, HEIGHT)
) -> bytes:
    """Return a PDF of pages with these content streams; ``/F`` is Helvetica."""
    pdf = pikepdf.new()
    helvetica = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for content in contents:
        page = pdf.add_blank_page(page_size=page_size)
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary({"/F": helvetica}))
        page.Contents = pdf.make_stream(content)
        page.Rotate = rotate
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


def box(zone: Zone) -> tuple[float, float, float, float]:
    """Return left, bottom, right, top."""
    width, height = (HIGH, LONG) if zone.turned else (LONG, HIGH)
    return zone.x, zone.y, zone.x + width, zone.y + height


def assert_blank(pdf: bytes, zones: Sequence[Zone | None], sizes: tuple[float, float]) -> None:
    """Render with poppler at 300 dpi: not one pixel of a zone may be less than white."""
    for zone, page in zip(zones, stamped.render_poppler(pdf, 300), strict=True):
        if zone is None:
            continue
        left, bottom, right, top = box(zone)
        width, height = sizes
        assert left >= MARGIN - 0.01
        assert bottom >= MARGIN - 0.01
        assert right <= width - MARGIN + 0.01
        assert top <= height - MARGIN + 0.01
        scale = 300 / 72
        rows = slice(int((height - top) * scale), int((height - bottom) * scale) + 1)
        assert page[rows, int(left * scale) : int(right * scale) + 1].min() == 255


grays = st.sampled_from([b"0 g 0 G", b"0.5 g 0.5 G", b"0.95 g 0.95 G", b"1 1 0.8 rg 1 1 0.8 RG"])
xs, ys = st.integers(-20, 860), st.integers(-20, 860)
shapes = st.one_of(
    st.builds(lambda *v: b"%g %g %g %g re f" % v, xs, ys, st.floats(0.1, 300), st.floats(0.1, 60)),
    st.builds(lambda w, *v: b"%g w %g %g m %g %g l S" % (w, *v), st.floats(0.1, 2), xs, ys, xs, ys),
    st.builds(lambda *v: TEXT % v, xs, ys),
)
pages = st.lists(st.builds(lambda gray, shape: gray + b"\n" + shape, grays, shapes), max_size=40).map(
    b"\n".join
)


@settings(max_examples=25, deadline=None)
@given(contents=st.lists(pages, min_size=1, max_size=2), rotate=st.sampled_from([0, 90, 180, 270]))
def test_a_zone_never_touches_what_the_page_shows(contents: list[bytes], rotate: int) -> None:
    pdf = document(contents, rotate=rotate)
    sizes = (WIDTH, HEIGHT) if rotate % 180 == 0 else (HEIGHT, WIDTH)
    zones = find_zones(pdf, SIZE)
    assert len(zones) == len(contents)
    assert_blank(pdf, zones, sizes)


RIGHT, TOP = WIDTH - MARGIN - LONG, HEIGHT - MARGIN - HIGH
CENTRE = (WIDTH - LONG) / 2
TURNED_RIGHT = WIDTH - MARGIN - HIGH
PREFERENCE = [
    Zone(RIGHT, TOP, turned=False),
    Zone(MARGIN, TOP, turned=False),
    Zone(CENTRE, TOP, turned=False),
    Zone(RIGHT, MARGIN, turned=False),
    Zone(CENTRE, MARGIN, turned=False),
    Zone(MARGIN, MARGIN, turned=False),
    Zone(TURNED_RIGHT, HEIGHT - MARGIN - LONG, turned=True),
    Zone(TURNED_RIGHT, (HEIGHT - LONG) / 2, turned=True),
    Zone(TURNED_RIGHT, MARGIN, turned=True),
    Zone(MARGIN, HEIGHT - MARGIN - LONG, turned=True),
    Zone(MARGIN, (HEIGHT - LONG) / 2, turned=True),
    Zone(MARGIN, MARGIN, turned=True),
]


def dot_in(zone: Zone) -> bytes:
    """Return a light dot in a place's corner that no later place of the preference shares."""
    left, bottom, right, top = box(zone)
    return b"0.9 g %g %g 0.3 0.3 re f" % ((left + right) / 2, (bottom + top) / 2)


def test_places_are_preferred_in_order() -> None:
    """Page n has a light dot in each of the first n places."""
    for count in range(len(PREFERENCE)):
        [zone] = find_zones(document([b"\n".join(map(dot_in, PREFERENCE[:count]))]), SIZE)
        assert zone is not None
        expected = next(place for place in PREFERENCE[count:] if not covered(place, PREFERENCE[:count]))
        assert box(zone) == pytest.approx(box(expected))


def covered(place: Zone, dotted: Sequence[Zone]) -> bool:
    """Say whether a dot of ``dotted`` lies in ``place`` or its clearance."""
    left, bottom, right, top = box(place)
    for other in dotted:
        x0, y0, x1, y1 = box(other)
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        if left - CLEARANCE <= x <= right + CLEARANCE and bottom - CLEARANCE <= y <= top + CLEARANCE:
            return True
    return False


def filled(zone: Zone) -> bytes:
    """Return a frame round everything but ``zone`` and a little more."""
    left, bottom, right, top = box(zone)
    room = CLEARANCE + 1.5
    left, bottom, right, top = left - room, bottom - room, right + room, top + room
    return b"0 0 %d %d re %g %g %g %g re f*" % (WIDTH, HEIGHT, left, bottom, right - left, top - bottom)


@pytest.mark.parametrize(
    "hole",
    [
        Zone(100, 300, turned=False),
        Zone(300, 790, turned=False),
        Zone(200, 20, turned=False),
        Zone(100, 300, turned=True),
        Zone(25, 333, turned=True),
        Zone(545, 333, turned=True),
    ],
)
def test_the_only_blank_place_is_found(hole: Zone) -> None:
    pdf = document([filled(hole)])
    [zone] = find_zones(pdf, SIZE)
    assert zone is not None
    assert box(zone) == pytest.approx(box(hole), abs=1.6)
    assert_blank(pdf, [zone], (WIDTH, HEIGHT))


def test_a_blank_strip_is_better_than_a_box_for_an_answer() -> None:
    """Margins are full but for 480 < y < 560; an empty box for an answer stands above that."""
    full = b"0 0 595 62 re 0 780 595 62 re 60 70 475 410 re f "
    sides = b" ".join(b"20 %d 3 3 re 572 %d 3 3 re f" % (y, y) for y in (*range(70, 480, 50), 560, 620, 700))
    [zone] = find_zones(document([full + sides + b" 60 570 475 205 re S"]), SIZE)
    assert zone is not None
    _, bottom, right, top = box(zone)
    assert bottom > 480
    assert top < 560
    assert right == pytest.approx(WIDTH - MARGIN, abs=3)


@pytest.mark.parametrize(
    "content",
    [
        b"0.99 g 0 0 595 842 re f",
        b"1 1 0.97 rg 0 0 595 842 re f",
        b"0.95 G 0.1 w " + b" ".join(b"0 %d m 595 %d l S" % (y, y) for y in range(0, 842, 30)),
        b"0.95 G 0.1 w " + b" ".join(b"0 %d m 595 %d l S" % (y, y + 9) for y in range(0, 842, 30)),
        b"0.95 g " + b" ".join(b"0 %d 595 0.1 re f" % y for y in range(0, 842, 30)),
    ],
    ids=["tint", "cream", "light hairlines", "sloping hairlines", "thin boxes"],
)
def test_a_page_without_blank_paper_gets_no_zone(content: bytes) -> None:
    assert find_zones(document([content]), SIZE) == (None,)


def test_one_place_for_all_pages_if_there_is_one() -> None:
    """Page 3 has a header at the right: all pages take the left."""
    contents = [b""] * 8
    contents[2] = dot_in(PREFERENCE[0])
    assert {zone and box(zone) for zone in find_zones(document(contents), SIZE)} == {box(PREFERENCE[1])}


def test_else_most_pages_share_one() -> None:
    everywhere = b"\n".join(dot_in(place) for place in PREFERENCE)
    not_first = b"\n".join(dot_in(PREFERENCE[place]) for place in (0, 8))
    contents = [b"", not_first, b"", filled(PREFERENCE[8]), everywhere, b"0.9 g 0 0 595 842 re f"]
    zones = find_zones(document(contents), SIZE)
    for zone, place in zip(zones, (1, 1, 1, 8), strict=False):
        assert zone is not None
        assert box(zone) == pytest.approx(box(PREFERENCE[place]))
    assert zones[4] is not None
    assert zones[5] is None


def test_landscape_pages_are_served_too() -> None:
    pdf = document([b""], page_size=(HEIGHT, WIDTH))
    [zone] = find_zones(pdf, SIZE)
    assert zone is not None
    assert box(zone)[2:] == pytest.approx((HEIGHT - MARGIN, WIDTH - MARGIN))


def test_a_stamp_larger_than_the_page_has_no_zone() -> None:
    assert find_zones(document([b""], page_size=(200, 200)), SIZE) == (None,)


def test_a_strip_of_a_page_says_of_its_places_what_the_whole_page_says() -> None:
    said = []
    for draw in PAGES.values():
        with pypdfium2.PdfDocument(draw()) as pages:
            for page in pages:
                whole, strip = _Sheet(page), _upper_strip(page, SIZE)
                top = [zone for zone in _usual_places(whole, SIZE) if zone.y + HIGH > whole.height - BAND]
                said += [whole.blank(zone, SIZE) for zone in top if not zone.turned]
                assert said[-3:] == [strip.blank(zone, SIZE) for zone in top if not zone.turned]
                assert len(strip._levels) < len(whole._levels) / 5
    assert True in said
    assert False in said
