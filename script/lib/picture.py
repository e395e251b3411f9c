"""Renders docs/bundle.png: what lies in one room's bundle, from the example school's own files.

script/picture    builds the example school in a temporary folder, prints it, and draws the picture
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2
from PIL import Image, ImageFilter

ROOT = Path(__file__).parents[2]
WIDTH = 380
GAP = 26
PAGES = (("1-cover.pdf", 0), ("2-kit-201-07.pdf", 3), ("5-protocol.pdf", 0), ("6-codes.pdf", 0))


def sheet(path: Path, page: int) -> Image.Image:
    """One page as a sheet of paper, WIDTH pixels wide."""
    with pypdfium2.PdfDocument(path) as document:
        one = document[page]
        big = one.render(scale=3 * WIDTH / one.get_width()).to_pil().convert("L")
        one.close()
    return big.resize((WIDTH, round(big.height * WIDTH / big.width)), Image.Resampling.LANCZOS)


def draw(folder: Path) -> Image.Image:
    """The pages side by side on a light ground, each with a soft shadow."""
    sheets = [sheet(folder / name, page) for name, page in PAGES]
    size = (len(sheets) * (WIDTH + GAP) + GAP, max(s.height for s in sheets) + 2 * GAP)
    ground, shadow = Image.new("L", size, 238), Image.new("L", size, 0)
    places = [(GAP + n * (WIDTH + GAP), GAP) for n in range(len(sheets))]
    for place, one in zip(places, sheets, strict=True):
        shadow.paste(70, (place[0] + 2, place[1] + 5, place[0] + WIDTH + 2, place[1] + one.height + 5))
    ground.paste(90, mask=shadow.filter(ImageFilter.GaussianBlur(7)))
    for place, one in zip(places, sheets, strict=True):
        ground.paste(one, place)
    return ground.quantize(64)


def main() -> None:
    """Build, print, draw."""
    command = str(Path(sys.executable).with_name("provision"))
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary) / "school"
        subprocess.run([command, "init", "--example", site], check=True, stdout=subprocess.DEVNULL)
        rooms = [command, "rooms", "--exam", "ma-7a", "--site", site]
        subprocess.run(rooms, check=True, stdout=subprocess.DEVNULL)
        (folder,) = {path.parent for path in site.glob("out/**/ma-7a/201/*.pdf")}
        draw(folder).save(ROOT / "docs" / "bundle.png", optimize=True)


if __name__ == "__main__":
    main()
