"""The pictures of the headsets' evidence: PNG files in sixteen greys, readable on paper, light for a page.

matplotlib is loaded at the first picture, and draws one after the other.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from printing.documents.room import Translate

if TYPE_CHECKING:  # brings numpy and scipy
    from labcheck.headset.evidence import Course, Spectrogram
    from labcheck.headset.matrix import HeardMatrix

DPI = 110
SPECTROGRAM = (4.8, 2.2)
"""Inches wide and high."""
COURSES = (3.2, 2.2)
_RANGE_DB = 70.0
_STEP_DB = 3.5
"""As many shades as paper shows; fewer make a smaller file."""
_TOP_HZ = 10_000.0
QUIET_DB, LOUD_DB = -75.0, -30.0
"""White and black of who hears whom."""
_NUMBERS = 16
"""With more seats there is no room for numbers."""
_CELL, _EDGE, _MOST = 0.36, 1.1, 8.0
_FONT = 8
SHADE_BITS = 4
SHADES = 2**SHADE_BITS


def spectrogram_png(spectrogram: Spectrogram, translate: Translate) -> bytes:
    """Time and frequency, louder is darker; what was played is named above."""
    import numpy as np  # noqa: PLC0415

    _ = translate
    figure, axes = _drawing(SPECTROGRAM)
    figure.subplots_adjust(left=0.09, right=0.99, bottom=0.19, top=0.88)
    levels = np.round(spectrogram.levels_db / _STEP_DB) * _STEP_DB
    top = float(levels.max())
    axes.imshow(
        levels,
        cmap="gray_r",
        vmin=max(top - _RANGE_DB, min(float(np.percentile(levels, 10)), top - 1)),
        vmax=top,
        origin="lower",
        aspect="auto",
        extent=(0, spectrogram.seconds, 0, spectrogram.top_hz / 1000),
        interpolation="nearest",
    )
    axes.set_ylim(0, _TOP_HZ / 1000)
    names = (_("left ear"), _("right ear"), _("tone"))
    for (begin, end), name in zip(spectrogram.parts, names, strict=True):
        if end <= spectrogram.seconds:
            axes.plot(
                (begin + 0.06, end - 0.06),
                (1.02, 1.02),
                color="black",
                lw=2,
                clip_on=False,
                transform=_above(axes),
            )
            axes.text((begin + end) / 2, 1.05, name, ha="center", transform=_above(axes), fontsize=_FONT)
    axes.set_xlabel(_("seconds"), fontsize=_FONT)
    axes.set_ylabel(_("kHz"), fontsize=_FONT)
    return _png(figure)


def courses_png(courses: Sequence[Course | None], translate: Translate) -> bytes:
    """Both ears' correlations, left above right: the peak must pass the dashed line."""
    _ = translate
    figure = _figure(COURSES)
    figure.subplots_adjust(left=0.17, right=0.98, bottom=0.19, top=0.97, hspace=0.12)
    both = figure.subplots(2, 1, sharex=True, sharey=True)
    unit = _("dB")
    for axes, course, name in zip(both, courses, (_("left ear"), _("right ear")), strict=True):
        _plain(axes)
        axes.set_ylabel(f"{name}, {unit}", fontsize=_FONT - 1)
        if course is None:
            axes.text(0.5, 0.5, "—", ha="center", transform=axes.transAxes)
            continue
        axes.plot(course.latency_ms, course.over_db, color="black", lw=0.7)
        axes.axhline(course.threshold_db, color="black", lw=0.9, ls="--")
        at, high = course.peak
        words = _("heard at {ms} ms") if course.heard else _("not heard")
        axes.plot([at], [high], marker="v" if course.heard else "x", color="black", ms=5)
        axes.text(
            0.98, 0.94, words.format(ms=round(at)), ha="right", va="top", transform=axes.transAxes,
            fontsize=_FONT, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.8},
        )  # fmt: skip
    heights = [max(course.peak[1], course.threshold_db) for course in courses if course is not None]
    both[0].set_ylim(0, 1.15 * max(heights, default=20.0))
    both[1].set_xlabel(_("milliseconds after playing"), fontsize=_FONT)
    return _png(figure)


def matrix_png(matrix: HeardMatrix, seats: Sequence[tuple[int, str]], translate: Translate) -> bytes:
    """Who hears whom: a row for each microphone, a column for each seat that played; louder is darker.
    ``seats``: number in the matrix and name, in the order in which they are shown."""
    import numpy as np  # noqa: PLC0415

    _ = translate
    count = len(seats)
    numbers, names = [number for number, _name in seats], [name for _number, name in seats]
    side = min(_MOST, _EDGE + _CELL * count)
    figure, axes = _drawing((side + 0.2, side))
    figure.subplots_adjust(left=_EDGE / 2 / side + 0.02, right=0.98, bottom=0.02, top=1 - _EDGE / 2 / side)
    levels = np.max(np.where(np.isnan(matrix.gain_db), -np.inf, matrix.gain_db), axis=2)
    levels, least = levels[np.ix_(numbers, numbers)], matrix.least_db[numbers]
    shown = np.clip(levels, QUIET_DB, LOUD_DB)
    axes.imshow(shown, cmap="gray_r", vmin=QUIET_DB, vmax=LOUD_DB, interpolation="nearest")
    for row in range(count):
        axes.add_patch(_frame(row))
        for column in range(count):
            text = _cell(float(levels[row, column]), math.isnan(float(least[row])), count)
            dark = shown[row, column] > (QUIET_DB + LOUD_DB) / 2
            colour = "white" if dark else "black"
            axes.text(column, row, text, ha="center", va="center", fontsize=_FONT - 1, color=colour)
    axes.set_xticks(range(count), names, rotation=90 if count > _NUMBERS else 0)
    axes.set_yticks(range(count), names)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(_("plays: seat"), fontsize=_FONT)
    axes.set_ylabel(_("hears: microphone of seat"), fontsize=_FONT)
    return _png(figure)


def _cell(level: float, nothing_came: bool, count: int) -> str:
    if nothing_came:
        return "—"
    return str(round(level)) if count <= _NUMBERS and math.isfinite(level) else ""


def _frame(row: int) -> Any:
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    return Rectangle((row - 0.47, row - 0.47), 0.94, 0.94, fill=False, edgecolor="black", lw=1.6)


def _above(axes: Any) -> Any:
    """Seconds across, shares of the height up."""
    return axes.get_xaxis_transform()


def _figure(size: tuple[float, float]) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - only evidence needs it
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=size, dpi=DPI)
    FigureCanvasAgg(figure)
    return figure


def _drawing(size: tuple[float, float]) -> tuple[Any, Any]:
    figure = _figure(size)
    axes = figure.subplots()
    _plain(axes)
    return figure, axes


def _plain(axes: Any) -> None:
    axes.tick_params(labelsize=_FONT - 1, length=2)


def _png(figure: Any) -> bytes:
    """With SHADES of grey and no more: a fifth of the size."""
    from PIL import Image  # noqa: PLC0415

    figure.canvas.draw()
    grey = Image.frombuffer("RGBA", figure.canvas.get_width_height(), figure.canvas.buffer_rgba()).convert(
        "L"
    )
    step = 255 / (SHADES - 1)
    indices = grey.point([round(level / step) for level in range(256)])
    picture = Image.frombytes("P", indices.size, indices.tobytes())
    picture.putpalette([round(shade * step) for shade in range(SHADES) for _channel in range(3)])
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True, bits=SHADE_BITS)
    return file.getvalue()
