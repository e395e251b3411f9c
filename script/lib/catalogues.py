"""The Russian catalogue: extract the source's texts, compile their translations, and find what is wrong.

``messages.po`` holds exactly the texts that the source marks with ``_``, ``N_``, ``NN_``, ``gettext``
or ``ngettext``.
"""

from __future__ import annotations

import argparse
import contextlib
import gettext
import io
import re
import string
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import unmarked
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGES = ("provision", "printing", "labcheck")
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "NN_": (1, 2)}
CATALOGUE = Path("provision/locale/ru/LC_MESSAGES/messages.po")

Key = str | tuple[str, str]
"""A text, or its singular and plural."""
Translation = str | tuple[str, ...]


def sources(root: Path) -> list[Path]:
    """Every Python file of the packages, in order."""
    return sorted(file for package in PACKAGES for file in (root / package).rglob("*.py"))


def extract(root: Path) -> dict[Key, list[str]]:
    """The texts that the source marks, with the files where they stand."""
    found: dict[Key, list[str]] = {}
    for file in sources(root):
        place = file.relative_to(root).as_posix()
        with contextlib.redirect_stderr(
            io.StringIO()
        ):  # Babel grumbles at _(text or ""), where nothing is wrong
            texts = [text for _, text, _, _ in extract_from_file("python", file, keywords=KEYWORDS)]
        for text in texts:
            key = text if isinstance(text, str) else (text[0], text[1])
            if key and place not in found.setdefault(key, []):
                found[key].append(place)
    return found


def translations(file: Path) -> dict[Key, Translation]:
    """What a .po file translates; empty translations are left out."""
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale="ru", abort_invalid=True)
    done = {}
    for message in catalogue:
        if message.id and message.string and all(value := _parts(message.string)):
            key = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
            done[key] = value[0] if isinstance(key, str) else value
    return done


def _parts(text: str | Sequence[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def merge(root: Path) -> None:
    """Write messages.po and messages.mo anew: new texts wait for their Russian, old ones go."""
    marked = extract(root)
    target = root / CATALOGUE
    whole = translations(target)
    keys = sorted(marked, key=lambda key: (marked[key][0], str(key)))
    target.write_bytes(_po(_catalogue({key: whole.get(key, "") for key in keys}, marked)))
    with target.with_suffix(".mo").open("wb") as stream:
        write_mo(stream, _catalogue({key: whole[key] for key in keys if key in whole}, marked))


def _catalogue(texts: Mapping[Key, Translation], marked: Mapping[Key, list[str]]) -> Catalog:
    catalogue = Catalog(locale="ru", fuzzy=False, header_comment="# The Russian texts; see script/locale.")
    for key, value in texts.items():
        catalogue.add(key, value, locations=[(place, 0) for place in marked[key]])
    return catalogue


def _po(catalogue: Catalog) -> bytes:
    """The catalogue as .po without what changes by itself or says nothing: dates, Babel's version."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, include_lineno=False)
    volatile = rb'^"(Project-Id|Report-Msgid|POT-Creation|PO-Revision|Last-Translator|Language-Team|Gener)'
    lines = out.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not re.match(volatile, line))


def problems(root: Path) -> list[str]:
    """All that is wrong between the source, messages.po and messages.mo."""
    marked = extract(root)
    done = translations(root / CATALOGUE)
    found = [problem for file in sources(root) for problem in unmarked.problems(file, root)]
    found += [f"{marked[key][0]}: no Russian for {key!r}" for key in marked if key not in done]
    found += [f"no source has the text {key!r} any more" for key in done if key not in marked]
    for key, value in done.items():
        found += [f"placeholders differ: {key!r} and {text!r}" for text in _unlike(key, value)]
    if _compiled((root / CATALOGUE).with_suffix(".mo")) != _flat(done):
        found.append("messages.mo is not what messages.po says: run script/locale")
    return found


def _unlike(key: Key, value: Translation) -> Iterator[str]:
    """The translations whose placeholders are neither the singular's nor the plural's."""
    wanted = [placeholders(text) for text in _parts(key)]
    yield from (text for text in _parts(value) if placeholders(text) not in wanted)


def placeholders(text: str) -> frozenset[str]:
    """Names in ``{}``, also nested in format specifications; a text that is no template gives its fault."""
    try:
        fields = [(name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None]
    except ValueError as fault:
        return frozenset({f"not a template: {fault}"})
    nested = (name for _, spec in fields for name in placeholders(spec or ""))
    return frozenset({*nested, *(name for name, _ in fields)})


def _compiled(file: Path) -> dict[object, str]:
    if not file.exists():
        return {}
    with file.open("rb") as stream:
        texts: dict[object, str] = vars(gettext.GNUTranslations(stream))["_catalog"]
    return {key: value for key, value in texts.items() if key}


def _flat(done: dict[Key, Translation]) -> dict[object, str]:
    """As GNUTranslations keeps them: a plural under (singular, number of the form)."""
    flat: dict[object, str] = {}
    for key, value in done.items():
        if isinstance(key, str):
            flat[key] = str(value)
        else:
            flat |= {(key[0], form): text for form, text in enumerate(value)}
    return flat


def main() -> int:
    """Merge or check; 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="script/locale", description=__doc__)
    parser.add_argument("root", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true", help="change nothing")
    options = parser.parse_args()
    if not options.check:
        merge(options.root)
    found = problems(options.root)
    for problem in found:
        print(problem)
    print(f"{len(translations(options.root / CATALOGUE))} texts in Russian, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
