"""The photographs of the foreign-language test: scenes painted by rule, with the grain of a camera.

Each scene is a function of a seeded generator; the same versions of Pillow and NumPy give the same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from provision.example import painting
from provision.example.painting import HEIGHT, WIDTH

Scene = Callable[[np.random.Generator], Image.Image]

_GRAIN: Final = 7.0
"""Standard deviation of the noise, in grey levels; it also makes the files as heavy as photographs."""


def jpeg(scene: str, *, quality: int = 91) -> bytes:
    """Paint the scene of that name (a key of :data:`SCENES`) and return it as JPEG, 1440 × 960."""
    rng = np.random.default_rng(sum(map(ord, scene)))
    pixels = np.asarray(SCENES[scene](rng), dtype=np.float32)
    pixels += rng.normal(0, _GRAIN, (HEIGHT, WIDTH, 1)).astype(np.float32) * _vignette()
    pixels *= 1.06 - 0.18 * (_vignette() - 1)
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def _vignette() -> NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    return np.asarray(1 + 0.5 * (x**2 + y**2)[..., None], dtype=np.float32)


def _lake(rng: np.random.Generator) -> Image.Image:
    image = painting.sky((88, 132, 190), (246, 214, 178))
    painting.clouds(image, rng, lower=0.5)
    painting.land(image, painting.ridge(rng, 0.52, 0.36, 0.35), (122, 134, 160))
    painting.land(image, painting.ridge(rng, 0.55, 0.24, 0.35), (88, 104, 122))
    painting.land(image, painting.ridge(rng, 0.57, 0.10, 0.3), (52, 78, 66))
    painting.firs(image, rng, 120, 0.585, 0.10, (34, 62, 46))
    shore = int(HEIGHT * 0.585)
    mirror = image.crop((0, 2 * shore - HEIGHT, WIDTH, shore)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    waves = np.asarray(mirror.filter(ImageFilter.GaussianBlur(3)))
    shift = (np.sin(np.arange(HEIGHT - shore) ** 0.8) * 6).astype(int)
    rows = np.stack([np.roll(row, step, axis=0) for row, step in zip(waves, shift, strict=True)])
    image.paste(Image.fromarray((rows * 0.84).astype(np.uint8)), (0, shore))
    draw = ImageDraw.Draw(image)
    draw.polygon([(500, 800), (880, 800), (838, 852), (548, 852)], fill=(118, 66, 40))
    draw.line([(500, 800), (880, 800)], fill=(228, 202, 160), width=8)
    for x, coat in ((610, (180, 52, 44)), (740, (44, 74, 130))):
        draw.ellipse((x - 19, 680, x + 19, 720), fill=(226, 184, 154))
        draw.rounded_rectangle((x - 32, 718, x + 32, 800), 18, fill=coat)
        draw.line([(x, 745), (x + 120, 880)], fill=(196, 160, 110), width=7)
    return image


def _street(rng: np.random.Generator) -> Image.Image:
    image = painting.sky((126, 164, 206), (232, 228, 214))
    painting.clouds(image, rng, lower=0.6)
    draw = ImageDraw.Draw(image)
    ground, x = int(HEIGHT * 0.74), 0
    palette = ((196, 158, 118), (170, 104, 88), (204, 192, 160), (142, 150, 160), (216, 176, 132))
    while x < WIDTH:
        wide, top = int(rng.integers(190, 280)), int(HEIGHT * rng.uniform(0.16, 0.36))
        wall = palette[int(rng.integers(len(palette)))]
        draw.rectangle((x, top, x + wide, ground), fill=wall)
        draw.polygon([(x - 8, top), (x + wide / 2, top - 70), (x + wide + 8, top)], fill=(112, 62, 52))
        for row in range(top + 36, ground - 190, 92):
            for left in range(x + 22, x + wide - 40, 58):
                lit = (250, 226, 150) if rng.random() < 0.3 else (62, 78, 98)
                draw.rectangle((left, row, left + 34, row + 54), fill=lit, outline=(240, 236, 226), width=4)
        draw.rectangle((x + 20, ground - 110, x + wide - 20, ground - 8), fill=(72, 90, 98))
        draw.rectangle((x + 12, ground - 130, x + wide - 12, ground - 104), fill=(160, 46, 46))
        x += wide + 4
    draw.rectangle((0, ground, WIDTH, ground + 60), fill=(178, 174, 166))
    draw.rectangle((0, ground + 60, WIDTH, HEIGHT), fill=(92, 94, 98))
    for x in range(40, WIDTH, 190):
        draw.rectangle((x, 872, x + 100, 882), fill=(236, 236, 230))
    for person in range(9):
        _walker(draw, rng, 60 + person * 160 + int(rng.integers(-40, 40)), ground + 44)
    _bus(draw, 560, 680)
    return image


def _bus(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    draw.rounded_rectangle((x, y, x + 470, y + 175), 22, fill=(196, 40, 38))
    for window in range(5):
        draw.rectangle((x + 24 + window * 88, y + 26, x + 100 + window * 88, y + 88), fill=(206, 226, 236))
    for wheel in (90, 370):
        draw.ellipse((x + wheel - 38, y + 135, x + wheel + 38, y + 211), fill=(34, 34, 36))
        draw.ellipse((x + wheel - 17, y + 156, x + wheel + 17, y + 190), fill=(170, 172, 176))


def _walker(draw: ImageDraw.ImageDraw, rng: np.random.Generator, x: int, foot: int) -> None:
    coat = tuple(int(value) for value in rng.integers(30, 200, 3))
    draw.line([(x - 3, foot - 55), (x - 13, foot)], fill=(40, 42, 52), width=11)
    draw.line([(x + 3, foot - 55), (x + 13, foot)], fill=(40, 42, 52), width=11)
    draw.rounded_rectangle((x - 20, foot - 118, x + 20, foot - 48), 12, fill=coat)
    draw.ellipse((x - 13, foot - 148, x + 13, foot - 120), fill=(224, 184, 156))


def _sea(rng: np.random.Generator) -> Image.Image:
    image = painting.sky((70, 130, 200), (214, 232, 240))
    painting.clouds(image, rng, lower=0.62)
    horizon = int(HEIGHT * 0.52)
    water = np.linspace((86, 148, 176), (22, 72, 112), HEIGHT - horizon)[:, None, :].repeat(WIDTH, axis=1)
    depth = np.linspace(0.02, 1, HEIGHT - horizon)[:, None]
    x = np.arange(WIDTH)[None, :]
    ripple = np.sin(x / (14 * depth + 2) + rng.random((HEIGHT - horizon, 1)) * 6) * 16 * depth
    image.paste(Image.fromarray(np.clip(water + ripple[..., None], 0, 255).astype(np.uint8)), (0, horizon))
    draw = ImageDraw.Draw(image)
    draw.polygon(
        [(1010, horizon), (1100, 430), (1250, 400), (1440, 440), (1440, horizon)], fill=(96, 112, 92)
    )
    draw.rectangle((1290, 300, 1326, 412), fill=(240, 236, 230))
    draw.rectangle((1284, 278, 1332, 304), fill=(180, 44, 40))
    for x0, y0, scale, sail in (
        (330, 700, 1.5, (250, 248, 240)),
        (760, 580, 0.8, (222, 92, 62)),
        (960, 530, 0.4, (240, 236, 224)),
    ):
        mast = y0 - 330 * scale
        draw.polygon(
            [
                (x0 - 130 * scale, y0),
                (x0 + 150 * scale, y0),
                (x0 + 95 * scale, y0 + 52 * scale),
                (x0 - 95 * scale, y0 + 52 * scale),
            ],
            fill=(62, 44, 40),
        )
        draw.polygon(
            [(x0 + 8 * scale, mast), (x0 + 8 * scale, y0 - 18 * scale), (x0 + 140 * scale, y0 - 18 * scale)],
            fill=sail,
        )
        draw.polygon(
            [
                (x0 - 8 * scale, mast + 30 * scale),
                (x0 - 8 * scale, y0 - 18 * scale),
                (x0 - 100 * scale, y0 - 18 * scale),
            ],
            fill=tuple(int(value * 0.86) for value in sail),
        )
        draw.line([(x0, mast), (x0, y0)], fill=(70, 50, 40), width=max(2, int(7 * scale)))
    return image


def _winter(rng: np.random.Generator) -> Image.Image:
    image = painting.sky((142, 166, 200), (240, 226, 222))
    painting.clouds(image, rng, lower=0.45, strength=0.5)
    painting.land(image, painting.ridge(rng, 0.56, 0.2, 0.3), (176, 188, 206))
    painting.firs(image, rng, 70, 0.60, 0.22, (70, 96, 98))
    painting.land(
        image, [(x, HEIGHT * 0.6 + 22 * math.sin(x / 210)) for x in range(0, WIDTH + 20, 20)], (232, 238, 246)
    )
    draw = ImageDraw.Draw(image)
    draw.rectangle((840, 500, 1120, 650), fill=(122, 84, 58))
    for y in range(512, 650, 18):
        draw.line([(840, y), (1120, y)], fill=(88, 58, 40), width=3)
    draw.polygon([(800, 512), (980, 390), (1160, 512)], fill=(246, 248, 252))
    draw.rectangle((1040, 400, 1080, 470), fill=(110, 70, 60))
    for puff in range(6):
        draw.ellipse(
            (1040 + puff * 22, 360 - puff * 34, 1096 + puff * 36, 404 - puff * 30), fill=(224, 226, 232)
        )
    for x in (880, 1010):
        draw.rectangle((x, 556, x + 66, 614), fill=(252, 220, 130), outline=(240, 240, 240), width=5)
    painting.firs(image, rng, 5, 0.78, 0.34, (40, 68, 62), span=(0, 0.2))
    painting.firs(image, rng, 4, 0.80, 0.34, (40, 68, 62), span=(0.84, 1))
    draw = ImageDraw.Draw(image)
    for y, radius in ((820, 78), (712, 56), (628, 40)):
        draw.ellipse(
            (380 - radius, y - radius, 380 + radius, y + radius),
            fill=(250, 251, 254),
            outline=(190, 200, 216),
            width=3,
        )
    draw.polygon([(384, 624), (384, 638), (440, 634)], fill=(226, 120, 40))
    draw.rectangle((344, 560, 416, 596), fill=(50, 52, 70))
    for _ in range(700):
        left, top, size = rng.random() * WIDTH, rng.random() * HEIGHT, rng.uniform(2, 8)
        draw.ellipse((left, top, left + size, top + size), fill=(255, 255, 255))
    return image


def _balloons(rng: np.random.Generator) -> Image.Image:
    image = painting.sky((82, 142, 214), (240, 232, 206))
    painting.clouds(image, rng, lower=0.7)
    for layer, colour in enumerate(((150, 168, 130), (166, 170, 84), (118, 150, 70))):
        base = 0.72 + 0.08 * layer
        wave = [(x, HEIGHT * base + 34 * math.sin(x / 190 + layer * 2)) for x in range(0, WIDTH + 20, 20)]
        painting.land(image, wave, colour)
    draw = ImageDraw.Draw(image)
    for row in range(14):
        draw.line([(row * 130 - 200, HEIGHT), (500 + row * 34, HEIGHT * 0.87)], fill=(96, 128, 58), width=7)
    stripes = ((206, 52, 46), (248, 206, 74), (46, 92, 164), (244, 240, 232), (58, 136, 92))
    for x, y, r in ((400, 320, 200), (930, 250, 120), (1210, 430, 84), (700, 520, 60)):
        for stripe in range(7):
            half = r * math.cos(math.pi * stripe / 14)
            draw.ellipse((x - half, y - r, x + half, y + r * 1.1), fill=stripes[(stripe + r) % 5])
        draw.polygon(
            [
                (x - r * 0.62, y + r * 0.86),
                (x + r * 0.62, y + r * 0.86),
                (x + r * 0.16, y + r * 1.38),
                (x - r * 0.16, y + r * 1.38),
            ],
            fill=stripes[r % 5],
        )
        draw.rectangle((x - r * 0.15, y + r * 1.48, x + r * 0.15, y + r * 1.7), fill=(110, 72, 44))
    return image


def _bridge(rng: np.random.Generator) -> Image.Image:
    image = painting.sky((108, 150, 196), (246, 224, 190))
    painting.clouds(image, rng, lower=0.5)
    painting.land(image, painting.ridge(rng, 0.62, 0.3, 0.32), (140, 152, 150))
    painting.land(image, painting.ridge(rng, 0.70, 0.16, 0.3), (92, 118, 84))
    draw = ImageDraw.Draw(image)
    deck, foot = 520, 800
    draw.rectangle((0, deck, WIDTH, deck + 46), fill=(168, 150, 132))
    for arch in range(-1, 7):
        x = arch * 240
        draw.rectangle((x, deck + 46, x + 240, foot), fill=(156, 138, 120))
        hole = [
            (x + 22, foot),
            (x + 22, deck + 170),
            *[
                (x + 120 - 98 * math.cos(a), deck + 170 - 98 * math.sin(a))
                for a in np.linspace(0, math.pi, 30)
            ],
            (x + 218, foot),
        ]
        draw.polygon(hole, fill=(112, 134, 104))
    water = np.linspace((120, 160, 170), (46, 92, 112), HEIGHT - foot)[:, None, :].repeat(WIDTH, axis=1)
    water += rng.normal(0, 12, (HEIGHT - foot, 1, 1))
    image.paste(Image.fromarray(np.clip(water, 0, 255).astype(np.uint8)), (0, foot))
    draw.rounded_rectangle((150, 400, 370, 516), 14, fill=(44, 62, 50))
    draw.rectangle((310, 350, 344, 402), fill=(34, 36, 38))
    for puff in range(7):
        draw.ellipse(
            (296 - puff * 30, 290 - puff * 26, 366 - puff * 16, 350 - puff * 20), fill=(236, 236, 238)
        )
    for wagon in range(4):
        x = 384 + wagon * 250
        draw.rounded_rectangle((x, 412, x + 236, 512), 10, fill=(142, 44, 48) if wagon % 2 else (52, 84, 128))
        for window in range(4):
            draw.rectangle((x + 20 + window * 54, 434, x + 58 + window * 54, 470), fill=(236, 226, 190))
    for wheel in range(150, 1370, 62):
        draw.ellipse((wheel, 498, wheel + 30, 528), fill=(30, 30, 32))
    return image


SCENES: Final[dict[str, Scene]] = {
    "lake": _lake,
    "street": _street,
    "sea": _sea,
    "winter": _winter,
    "balloons": _balloons,
    "bridge": _bridge,
}
