"""1,000 kits of 8 pages from two 2 MB variants into 40 room files: our way beside the others', in one run.

Every contender gets the variants' bytes and the kits, and writes 40 files with the same stamps in the
same place: five texts and a DataMatrix. Where an overlay is drawn with reportlab, the symbol's samples
come from our tables, which cost next to nothing. Finding blank paper for the stamp, which only we do, is
measured apart. Seconds are CPU seconds of one core, imports left out; of what takes less than two, the
best of twenty passes, in five turns.

The floor writes the same bytes and builds the same objects from stamps that are already there: no
opening of variants, no stamp made, no offsets kept.
"""

from __future__ import annotations

import importlib
import io
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.common import Measurement, print_result, print_table, report, run_all, run_apart
from printing.assemble import assemble
from printing.documents.stamp import FONT_RESOURCE, StampPainter
from printing.kit import Kit, Mark
from printing.mark import encode
from printing.normalise import Prepared, prepare
from printing.symbols import table
from printing.zone import Zone

KITS, PAGES, ROOMS = 1000, 8, 40
VARIANT_BYTES = 2_000_000
BATCH = "7A4K2M"
PLACE = (360.0, 803.0)
A4 = (595.276, 841.89)
DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> None:
    """Run all contenders one after the other, print the table and write the plot."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("1", "2"):
            (Path(folder) / f"{name}.pdf").write_bytes(make_variant(name))
        runs = run_all("bench.assemble", [*CONTENDERS, "zones"], folder)
        zones = runs.pop("zones")
        tenfold = run_apart("bench.assemble", "ours", folder, "10")
        base = len(prepare(read_variants(Path(folder)), painter().font).data)
    ours = runs["ours"]
    print_table(
        ("way", "CPU s", "wall s", "MB out", "peak MB", "× ours"),
        [row(run, ours) for run in runs.values()],
    )
    print(f"\nours with 10 times the kits: {tenfold.seconds:.2f} s, peak {tenfold.peak_mb:.0f} MB")
    print(
        f"finding blank paper on 16 pages, once per exam: {zones.seconds:.2f} s, peak {zones.peak_mb:.0f} MB"
    )
    plot(list(runs.values()))
    print_result(
        {
            "kits": KITS,
            "pages": PAGES,
            "seconds": round(ours.seconds, 3),
            "peak_mb": max(ours.peak_mb, tenfold.peak_mb),
            "bytes_per_page": round((ours.written - ROOMS * base) / (KITS * PAGES)),
            "vs_naive_pypdf": round(runs["naive_pypdf"].seconds / ours.seconds, 1),
            "vs_pymupdf": round(runs["pymupdf"].seconds / ours.seconds, 1),
            "vs_pikepdf": round(runs["pikepdf"].seconds / ours.seconds, 2),
            "vs_pdfrw": round(runs["pdfrw"].seconds / ours.seconds, 1),
            "vs_floor": round(ours.seconds / runs["floor"].seconds, 2),
        }
    )


LABELS = {
    "naive_pypdf": "pypdf, merge_page per pupil",
    "pymupdf": "PyMuPDF, insert_pdf + reportlab overlay",
    "pdfrw": "pdfrw + reportlab",
    "pikepdf": "pikepdf, shared contents",
    "ours": "this project",
    "floor": "floor: same bytes, same objects",
}


def row(run: Measurement, ours: Measurement) -> tuple[str, ...]:
    """A line of the table."""
    ratio = run.seconds / ours.seconds
    return (
        LABELS[run.name],
        f"{run.seconds:.2f}",
        f"{run.wall:.2f}",
        f"{run.written / 1e6:,.0f}",
        f"{run.peak_mb:.0f}",
        f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}",
    )


def plot(runs: list[Measurement]) -> None:
    """Draw the seconds of all ways, on a logarithmic scale, to docs/bench-assemble.svg."""
    import matplotlib as mpl  # noqa: PLC0415 - not in the contenders' processes

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "assemble"
    from matplotlib import pyplot  # noqa: PLC0415

    figure, axes = pyplot.subplots(figsize=(8, 3.2), layout="constrained")
    runs = sorted(runs, key=lambda run: -run.seconds)
    colours = ["#1b6e53" if run.name == "ours" else "#c9ced6" for run in runs]
    start = min(run.seconds for run in runs) / 2
    lengths = [run.seconds - start for run in runs]
    bars = axes.barh([LABELS[run.name] for run in runs], lengths, left=start, color=colours)
    axes.bar_label(
        bars, [f"{run.seconds:.2f} s, {run.peak_mb:.0f} MB" for run in runs], padding=4, fontsize=9
    )
    axes.set_xscale("log")
    axes.set_xlim(start, max(run.seconds for run in runs) * 8)
    axes.xaxis.set_major_formatter("{x:g} s")
    axes.set_title(
        f"{KITS:,} kits of {PAGES} pages into {ROOMS} files: CPU seconds, peak memory",
        loc="left",
        fontsize=10,
    )
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(DOCS / "bench-assemble.svg", metadata={"Date": None})


# What is assembled


def make_variant(name: str) -> bytes:
    """Eight A4 pages of text with a photograph-like image each, 2 MB in all."""
    from PIL import Image  # noqa: PLC0415
    from reportlab.lib.utils import ImageReader  # noqa: PLC0415 - not in our contender's process
    from reportlab.pdfgen import canvas  # noqa: PLC0415

    noise = random.Random(name)
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=A4, invariant=True, pageCompression=1)
    for number in range(1, PAGES + 1):
        samples = noise.randbytes(VARIANT_BYTES // PAGES // 5 * 4 // 3 * 3)
        image = Image.frombytes("RGB", (100, len(samples) // 300), samples[: len(samples) // 300 * 300])
        page.drawImage(ImageReader(image), 60, 120, 300, 300)
        page.setFont("Helvetica", 11)
        for line in range(22):
            page.drawString(
                60, 760 - 15 * line, f"Variant {name}, page {number}, line {line}: {noise.random()}"
            )
        page.showPage()
    page.save()
    return out.getvalue()


def read_variants(folder: Path) -> dict[str, bytes]:
    """The two variants."""
    return {name: (folder / f"{name}.pdf").read_bytes() for name in ("1", "2")}


def rooms(times: int = 1) -> Iterator[list[Kit]]:
    """The kits, room by room; ``times`` as many rooms when the growth of memory is measured."""
    each = KITS // ROOMS
    for room in range(ROOMS * times):
        yield [
            Kit(
                index=room % ROOMS * each + seat + 1,
                number=f"{room % ROOMS + 201}-{seat + 1:02}",
                code=f"{10000 + room % ROOMS * each + seat}",
                variant="12"[seat % 2],
                room=str(room % ROOMS + 201),
                seat=f"{seat // 2 + 1}{'АБ'[seat % 2]}",
            )
            for seat in range(each)
        ]


def painter() -> StampPainter:
    """All fields and the smallest symbol."""
    return StampPainter(["code", "kit", "page", "room", "seat"], "datamatrix", BATCH, lambda text: text)


# The ways


def ours(folder: Path, out: Path, times: int) -> Callable[[], int]:
    """Normalise once, then write."""
    variants, stamps = read_variants(folder), painter()
    zones = {name: [Zone(*PLACE, turned=False)] * PAGES for name in variants}

    def work() -> int:
        prepared = prepare(variants, stamps.font)
        written = 0
        for number, kits in enumerate(rooms(times)):
            with (out / f"room{number % ROOMS}.pdf").open("wb") as file:
                written += assemble(prepared, kits, stamps, zones, file).size
        return written

    return work


def floor(folder: Path, out: Path, _times: int) -> Callable[[], int]:
    """The same bytes, the same objects."""
    variants, stamps = read_variants(folder), painter()
    prepared: Prepared = prepare(variants, stamps.font)
    stamp = stamps.streams(Kit(1, "201-01", "10000", "1", "201", "1А"), PAGES)[0]
    entries = prepared.variants["1"][0].entries(enlarged=False)
    before = b"q /VprPage Do 0 0 m n Q\nq 1 0 0 1 360 803 cm\n"

    def work() -> int:
        written = 0
        for number, kits in enumerate(rooms()):
            with (out / f"room{number}.pdf").open("wb") as file:
                written += file.write(prepared.data)
                free = prepared.free
                for _kit in kits:
                    parts = []
                    for page in range(free, free + 2 * PAGES, 2):
                        contents = b"%b%bQ\n" % (before, stamp)
                        parts.append(
                            b"%d 0 obj\n<</Length %d>>stream\n%bendstream endobj\n"
                            % (page, len(contents), contents)
                        )
                        parts.append(
                            b"%d 0 obj\n<</Type/Page/Parent %d 0 R%b/Contents %d 0 R>>endobj\n"
                            % (page + 1, free, entries, page)
                        )
                        parts.append(b"%010d 00000 n \n%010d 00000 n \n" % (page, page))
                    free += 2 * PAGES
                    written += file.write(b"".join(parts))
        return written

    return work


def pikepdf_shared(folder: Path, out: Path, _times: int) -> Callable[[], int]:
    """Page dictionaries that share contents and resources, a stamp stream each, made by our painter."""
    import pikepdf  # noqa: PLC0415 - only in this contender's process
    from pikepdf import Array, Dictionary, Name  # noqa: PLC0415

    from printing.normalise.prepared import _font  # noqa: PLC0415

    variants, stamps = read_variants(folder), painter()

    def work() -> int:
        sources = {name: pikepdf.open(io.BytesIO(data)) for name, data in variants.items()}
        written = 0
        for number, kits in enumerate(rooms()):
            pdf = pikepdf.new()
            font = pdf.make_indirect(_font(pdf, stamps.font))
            opening, closing = pdf.make_stream(b"q\n"), pdf.make_stream(b"\nQ\n")
            templates = {}
            for name, source in sources.items():
                start = len(pdf.pages)
                pdf.pages.extend(source.pages)
                templates[name] = [page.obj for page in list(pdf.pages)[start:]]
                for page in templates[name]:
                    page.Resources.Font[f"/{FONT_RESOURCE}"] = font
                    page.Resources = pdf.make_indirect(page.Resources)
            pages = []
            for kit in kits:
                for page, stamp in zip(templates[kit.variant], stamps.streams(kit, PAGES), strict=True):
                    stream = pdf.make_stream(b"q 1 0 0 1 360 803 cm\n" + stamp + b"Q\n")
                    pages.append(
                        pdf.make_indirect(
                            Dictionary(
                                Type=Name.Page,
                                MediaBox=page.MediaBox,
                                Resources=page.Resources,
                                Contents=Array([opening, page.Contents, closing, stream]),
                            )
                        )
                    )
            root: Any = pdf.Root.Pages
            root.Kids, root.Count = Array(pages), len(pages)
            for page in pages:
                page.Parent = root
            path = out / f"room{number}.pdf"
            pdf.save(path, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
            written += path.stat().st_size
        return written

    return work


def overlay(kits: list[Kit], out: io.BytesIO) -> None:
    """The stamps of ``kits`` as pages that reportlab draws."""
    from reportlab.pdfgen import canvas  # noqa: PLC0415 - not in our contender's process

    symbol = table("datamatrix")
    image = symbol.image()
    page = canvas.Canvas(out, pagesize=A4, pageCompression=0)
    for kit in kits:
        for number in range(1, PAGES + 1):
            page.translate(*PLACE)
            page.setFont("StampFont", 9)
            page.drawString(76, 14, f"Kit {kit.number}")
            page.drawString(76, 3.6, f"room {kit.room}")
            page.drawString(126, 3.6, f"seat {kit.seat}")
            page.drawString(126, 14, f"page {number} of {PAGES}")
            page.setFont("StampFont", 20)
            page.drawString(11, 5, kit.code)
            samples = image % symbol.bits(encode(Mark(BATCH, kit.index, number, kit.copy, kit.code)))
            page._code.append("21.6 0 0 21.6 189 1.2 cm " + samples.decode())
            page.showPage()
    page.save()


def register_font() -> None:
    """Make the stamp's face known to reportlab."""
    from importlib import resources  # noqa: PLC0415

    from reportlab.pdfbase import pdfmetrics, ttfonts  # noqa: PLC0415 - not in our contender's process

    with resources.files("printing.fonts").joinpath("PTS75F.ttf").open("rb") as file:
        pdfmetrics.registerFont(ttfonts.TTFont("StampFont", io.BytesIO(file.read())))


def naive_pypdf(folder: Path, out: Path, _times: int) -> Callable[[], int]:
    """What everybody writes first: per pupil, open the variant and merge the overlay into each page."""
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - only in this contender's process

    register_font()
    variants = read_variants(folder)

    def work() -> int:
        written = 0
        for number, kits in enumerate(rooms()):
            writer = PdfWriter()
            for kit in kits:
                drawn = io.BytesIO()
                overlay([kit], drawn)
                stamps = PdfReader(drawn)
                for page, stamp in zip(
                    PdfReader(io.BytesIO(variants[kit.variant])).pages, stamps.pages, strict=True
                ):
                    writer.add_page(page).merge_page(stamp)
            path = out / f"room{number}.pdf"
            with path.open("wb") as file:
                writer.write(file)
            written += path.stat().st_size
        return written

    return work


def pymupdf_overlay(folder: Path, out: Path, _times: int) -> Callable[[], int]:
    """insert_pdf per kit (told that more follows, it shares objects), and one reportlab overlay per room."""
    pymupdf: Any = importlib.import_module("pymupdf")  # only in this contender's process, and untyped

    register_font()
    variants = read_variants(folder)

    def work() -> int:
        sources = {name: pymupdf.open(stream=data, filetype="pdf") for name, data in variants.items()}
        written = 0
        for number, kits in enumerate(rooms()):
            drawn = io.BytesIO()
            overlay(kits, drawn)
            stamps = pymupdf.open(stream=drawn.getvalue(), filetype="pdf")
            room = pymupdf.open()
            for kit in kits:
                room.insert_pdf(sources[kit.variant], final=0)
            for index, page in enumerate(room):
                page.show_pdf_page(page.rect, stamps, index)
            path = out / f"room{number}.pdf"
            room.save(path)
            written += path.stat().st_size
        return written

    return work


def pdfrw_overlay(folder: Path, out: Path, _times: int) -> Callable[[], int]:
    """PageMerge of the variant's page and the overlay's, one reportlab overlay per room."""
    from pdfrw import PageMerge, PdfDict, PdfReader, PdfWriter  # noqa: PLC0415 - only in this contender's process

    register_font()
    variants = read_variants(folder)

    def work() -> int:
        written = 0
        for number, kits in enumerate(rooms()):
            sources = {name: PdfReader(fdata=data).pages for name, data in variants.items()}
            drawn = io.BytesIO()
            overlay(kits, drawn)
            stamps = iter(PdfReader(fdata=drawn.getvalue()).pages)
            writer = PdfWriter()
            for kit in kits:
                for page in sources[kit.variant]:
                    writer.addpage(PageMerge(PdfDict(page)).add(next(stamps)).render())
            path = out / f"room{number}.pdf"
            writer.write(str(path))
            written += path.stat().st_size
        return written

    return work


def zones(folder: Path, _out: Path, _times: int) -> Callable[[], int]:
    """Find the stamp's place on every page of both variants."""
    from printing.zones import find_zones  # noqa: PLC0415 - a renderer, which assembly itself does without

    stamps = painter()
    prepared = prepare(read_variants(folder), stamps.font)

    def work() -> int:
        found = find_zones(prepared.data, stamps.size)
        assert None not in found
        return 0

    return work


CONTENDERS: dict[str, Callable[[Path, Path, int], Callable[[], int]]] = {
    "naive_pypdf": naive_pypdf,
    "pymupdf": pymupdf_overlay,
    "pdfrw": pdfrw_overlay,
    "pikepdf": pikepdf_shared,
    "ours": ours,
    "floor": floor,
}

if __name__ == "__main__":
    contender = {**CONTENDERS, "zones": zones}[sys.argv[1]]
    out_folder, variants_folder = map(Path, sys.argv[2:4])
    times_as_many = int(*sys.argv[4:] or ["1"])
    report(sys.argv[1], contender(variants_folder, out_folder, times_as_many), out_folder)
