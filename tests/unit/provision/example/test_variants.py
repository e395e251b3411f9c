"""The drawn tests: their answers, their hidden layer, their pages stored sideways."""

from __future__ import annotations

import io
import re
from typing import cast

import numpy as np
import pikepdf
import pypdf
import pypdfium2
import pytest
from numpy.typing import NDArray

from provision.example import english, mathematics, pictures

SOLVED_BY_HAND = {
    1: [
        *("1/4", "27", "1680", "15", "13", "134", "120", "27", "x = 7", "да, нужно 9,6 м", "14"),
        *("17,5", "126°", "1,5", "3 км"),
    ],
    2: [
        *("3/10", "25", "1860", "20", "21", "24", "150", "19", "x = 6", "нет, нужно 12 м", "22"),
        *("16", "114°", "1", "6 км"),
    ],
}


def render(data: bytes) -> list[NDArray[np.uint8]]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.render(scale=1, grayscale=True).to_numpy().copy() for page in document]
    finally:
        document.close()


def layer(data: bytes) -> list[str]:
    """What the answers' forms say, page by page."""
    found: list[str] = []
    for page in pypdf.PdfReader(io.BytesIO(data)).pages:
        resources = cast("pypdf.generic.DictionaryObject", page["/Resources"])
        forms = cast("pypdf.generic.DictionaryObject", resources.get("/XObject", {}))
        for name, form in forms.items():
            if "answers" in name:
                found += page.extract_xform_text(form.get_object()).split("\n")
    return [text.strip() for text in found if text.strip()]


@pytest.mark.parametrize("variant", [1, 2])
def test_answers_are_right(variant: int) -> None:
    assert layer(mathematics.draw_variant(variant, answers=True)) == SOLVED_BY_HAND[variant]


def test_answers_lie_on_a_layer_that_is_off() -> None:
    hidden, plain = (mathematics.draw_variant(2, answers=on) for on in (True, False))
    assert all(np.array_equal(a, b) for a, b in zip(render(hidden), render(plain), strict=True))
    with pikepdf.open(io.BytesIO(hidden)) as pdf:
        del pdf.Root.OCProperties.D.OFF
        shown = io.BytesIO()
        pdf.save(shown)
    changed = [not np.array_equal(a, b) for a, b in zip(render(shown.getvalue()), render(plain), strict=True)]
    assert changed == [False, *[True] * 7], "the answers are there once the layer is switched on"


def test_sideways_pages_look_as_upright_ones() -> None:
    sideways = english.draw_variant(2, sideways=True)
    reader = pypdf.PdfReader(io.BytesIO(sideways))
    assert {page.rotation for page in reader.pages} == {90}
    assert all(page.mediabox.width > page.mediabox.height for page in reader.pages)
    for turned, upright in zip(render(sideways), render(english.draw_variant(2)), strict=True):
        assert turned.shape == upright.shape
        assert np.abs(turned.astype(int) - upright).mean() < 2


@pytest.mark.parametrize("draw", [mathematics.draw_variant, english.draw_variant])
def test_content_keeps_the_margins(draw: object) -> None:
    for page in render(draw(1)):  # type: ignore[operator]
        dark_rows, dark_columns = np.nonzero(page < 128)
        height, width = page.shape
        assert dark_columns.min() > 15 / 210 * width
        assert dark_columns.max() < (210 - 10) / 210 * width
        assert dark_rows.min() > 5 / 297 * height
        assert dark_rows.max() < (297 - 8) / 297 * height


def test_photographs_are_heavy_and_alike_at_each_build() -> None:
    scenes = {scene for texts in english.VARIANTS.values() for scene in texts.scenes}
    assert scenes == set(pictures.SCENES)
    photograph = pictures.jpeg("lake")
    assert photograph == pictures.jpeg("lake")
    assert 400_000 < len(photograph) < 700_000


def test_the_words_of_the_gaps_are_there() -> None:
    for texts in english.VARIANTS.values():
        assert re.findall(r"<b>(\d)</b> _", texts.story) == [number for number, _ in texts.gaps]
        assert len(texts.paragraphs.split("\n\n")) == len(texts.headings) - 1
