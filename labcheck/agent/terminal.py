"""The check by ear in a terminal at this workstation, where there is no browser, see :mod:`.page`.

Its text alone is a program for any account's Python: it imports nothing of ours, and is told where the page
is. It asks for the same screens as the page and sends the same answers; what is typed for which, and all that
is read, comes from whoever serves it."""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any
from urllib.error import URLError

SECONDS = 30.0
"""The next screen comes within ten, or the same once more."""


def main(url: str) -> int:
    """Show and ask, to the end; 1 when that was not the end of the check."""
    words: dict[str, Any] = {}
    try:
        words = get(url, "words")
        number = -1
        while True:
            answer = get(url, f"screen?after={number}")
            if answer["number"] == number or not answer["screen"]:
                continue
            number, screen = answer["number"], answer["screen"]
            show(words, screen)
            if screen["screen"] == "end":
                return 0
            if screen.get("choices"):
                get(url, "answer", {"number": number, "answer": ask(words, screen)})
    except (URLError, OSError, ValueError) as failed:
        say("\n" + words.get("lost", str(failed)))
        return 1


def get(url: str, what: str, posted: Any = None) -> Any:
    """What the page's server answers. Raises OSError, ValueError."""
    data = None if posted is None else json.dumps(posted).encode("ascii")
    with direct.open(url + what, data, timeout=SECONDS) as answer:
        return json.load(answer)


direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Whatever proxy is set here: it is this computer that is asked."""


def say(text: str, end: str = "\n") -> None:
    """To whoever reads."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def show(words: Any, screen: Any) -> None:
    """A screen, as lines."""
    count = words["count"].format(number=screen["done"] + 1, all=screen["of"]) if screen.get("of") else ""
    say("\n" + ". ".join(part for part in (count, words["asked"][screen["screen"]]) if part))
    if screen.get("sentence"):
        say("\n    " + screen["sentence"] + "\n")


def ask(words: Any, screen: Any) -> str:
    """Until the line is an answer; the end of the input stops the check."""
    keys = words["typed"][screen["screen"]]
    told = [words["told"][screen["screen"]]] + [words["back_key"]] * ("back" in screen["choices"])
    while True:
        say("  ({}) ".format("; ".join(told)), "")
        line = sys.stdin.readline()
        answer = keys.get("".join(line.split()).casefold()) if line else "stop"
        if answer in screen["choices"]:
            return str(answer)
        say(words["no_answer"])
