"""The text in the barcode: nothing is lost, and nothing wrong is taken for right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.kit import Mark
from printing.mark import LENGTH, MarkImpossible, MarkRefused, decode, encode

marks = st.builds(
    Mark,
    batch=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=6, max_size=6),
    kit=st.integers(1, 9999),
    page=st.integers(1, 99),
    copy=st.integers(1, 99),
    code=st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-", max_size=10),
)
GOOD = Mark(batch="0K3Z9A", kit=17, page=3, copy=1, code="10234")

QWERTY = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`1234567890-"
RUSSIAN_KEYBOARD = dict(zip(QWERTY, "йцукенгшщзхъфывапролджэячсмитьбюё1234567890-", strict=True))


@given(marks)
def test_what_is_written_is_read(mark: Mark) -> None:
    text = encode(mark)
    assert len(text) == LENGTH
    assert decode(text) == mark


@given(marks)
def test_the_keyboard_layout_of_the_computer_does_not_matter(mark: Mark) -> None:
    typed = "".join(RUSSIAN_KEYBOARD[key] for key in encode(mark).lower())
    assert decode(typed + "\r\n") == mark


@pytest.mark.parametrize("code", ["", "0", "00", "00000", "10234", "ZZZZZZZZZZ", "----------", "7A-012"])
def test_codes_keep_leading_zeros_and_length(code: str) -> None:
    mark = Mark(batch="ZZZZZZ", kit=9999, page=99, copy=99, code=code)
    assert decode(encode(mark)) == mark


@given(marks, st.integers(0, LENGTH - 1), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(mark: Mark, place: int, off: int) -> None:
    text = encode(mark)
    wrong = text[:place] + str((int(text[place]) + off) % 10) + text[place + 1 :]
    with pytest.raises(MarkRefused) as caught:
        decode(wrong)
    assert caught.value.remedy


@given(marks, st.integers(0, LENGTH - 1), st.integers(0, LENGTH - 1))
def test_two_swapped_digits_are_noticed(mark: Mark, one: int, other: int) -> None:
    digits = list(encode(mark))
    if digits[one] == digits[other]:
        return
    digits[one], digits[other] = digits[other], digits[one]
    with pytest.raises(MarkRefused):
        decode("".join(digits))


@given(st.text(max_size=40))
def test_any_text_is_refused_or_is_a_mark(text: str) -> None:
    try:
        mark = decode(text)
    except MarkRefused:
        return
    assert encode(mark) == text.strip()


@given(st.from_regex(r"[0-9]{34}", fullmatch=True))
def test_right_check_digits_do_not_make_a_mark(digits: str) -> None:
    """Digits that agree, of values that no page has, are refused; all others are canonical."""
    text = digits + f"{98 - int(digits) * 100 % 97:02}"
    try:
        mark = decode(text)
    except MarkRefused:
        return
    assert encode(mark) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        encode(GOOD)[:-1],
        encode(GOOD) + "0",
        encode(GOOD).replace("0", "O"),
        "٣" * LENGTH,
        "0" * LENGTH,
    ],
)
def test_what_is_no_mark_is_refused(text: str) -> None:
    with pytest.raises(MarkRefused):
        decode(text)


@pytest.mark.parametrize(
    "mark",
    [
        Mark(batch="0k3z9a", kit=1, page=1, copy=1, code=""),
        Mark(batch="0K3Z9", kit=1, page=1, copy=1, code=""),
        Mark(batch="0K3Z9U", kit=1, page=1, copy=1, code=""),
        Mark(batch="0K3Z9A", kit=0, page=1, copy=1, code=""),
        Mark(batch="0K3Z9A", kit=10000, page=1, copy=1, code=""),
        Mark(batch="0K3Z9A", kit=1, page=0, copy=1, code=""),
        Mark(batch="0K3Z9A", kit=1, page=100, copy=1, code=""),
        Mark(batch="0K3Z9A", kit=1, page=1, copy=100, code=""),
        Mark(batch="0K3Z9A", kit=1, page=1, copy=1, code="12345678901"),
        Mark(batch="0K3Z9A", kit=1, page=1, copy=1, code="7А-012"),
    ],
)
def test_a_value_without_a_place_is_refused(mark: Mark) -> None:
    with pytest.raises(MarkImpossible) as caught:
        encode(mark)
    assert caught.value.remedy
    assert not mark.code or mark.code not in str(caught.value)
