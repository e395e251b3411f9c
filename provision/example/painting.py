"""What scenes are painted of: sky, clouds, mountains, trees. Sizes and places are shares of the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

WIDTH: Final = 1440
HEIGHT: Final = 960

Colour = tuple[int, int, int]


def sky(top: Colour, bottom: Colour) -> Image.Image:
    ramp = np.linspace(np.array(top, float), np.array(bottom, float), HEIGHT)
    return Image.fromarray(np.repeat(ramp[:, None, :], WIDTH, axis=1).astype(np.uint8))


def clouds(
    image: Image.Image, rng: np.random.Generator, *, lower: float = 0.55, strength: float = 0.8
) -> None:
    """Lay fractal clouds over the upper part of the image, thinning towards ``lower`` of its height."""
    field = np.zeros((HEIGHT, WIDTH), np.float32)
    for octave in range(1, 7):
        coarse = Image.fromarray(rng.random((2 * 2**octave, 2**octave), np.float32))
        field += np.asarray(coarse.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)) / 1.7**octave
    field = (field - field.mean()) / field.std()
    fade = np.clip(1 - np.linspace(0, 1, HEIGHT) / lower, 0, 1)[:, None]
    mask = Image.fromarray((np.clip(field * 0.7, 0, 1) * fade * 255 * strength).astype(np.uint8))
    image.paste((252, 252, 250), (0, 0), mask)


def ridge(
    rng: np.random.Generator, base: float, height: float, roughness: float
) -> list[tuple[float, float]]:
    """A mountain's outline by midpoint displacement, ``base`` and ``height`` in shares of the image."""
    line = rng.random(5) * height
    while len(line) < WIDTH // 4:
        middle = (line[1:] + line[:-1]) / 2 + rng.normal(0, height * roughness / len(line) * 4, len(line) - 1)
        line = np.insert(line, range(1, len(line)), middle)
    xs = np.linspace(0, WIDTH, len(line))
    return [(float(x), float((base - y) * HEIGHT)) for x, y in zip(xs, line, strict=True)]


def land(image: Image.Image, outline: Sequence[tuple[float, float]], colour: Colour) -> None:
    ImageDraw.Draw(image).polygon([*outline, (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)


def firs(
    image: Image.Image,
    rng: np.random.Generator,
    count: int,
    ground: float,
    size: float,
    colour: Colour,
    *,
    span: tuple[float, float] = (0, 1),
) -> None:
    """Set fir trees along a line at ``ground``; ``size`` and ``span`` are shares of the image."""
    draw = ImageDraw.Draw(image)
    for x in np.sort(rng.uniform(*span, count)) * WIDTH:
        high = HEIGHT * size * rng.uniform(0.6, 1.2)
        foot = HEIGHT * ground + rng.normal(0, 8)
        for tier in range(5):
            wide, top = high * (0.08 + 0.045 * tier), foot - high * (1 - tier * 0.17)
            shade = tuple(int(value * (0.8 + 0.09 * tier)) for value in colour)
            draw.polygon([(x, top), (x - wide, top + high * 0.34), (x + wide, top + high * 0.34)], fill=shade)
