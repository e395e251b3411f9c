"""The person at the seat: a page that the agent serves there, see labcheck.agent.page; where there is no
browser, the same in a terminal, see labcheck.agent.terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from labcheck.errors import N_
from labcheck.headset.asking import HeadsetError
from labcheck.headset.spoken import keys, texts
from labcheck.headset.spoken.steps import Answer, Ask, Screen, Show, answer_of, choices, name_of
from labcheck.link import Link, shown

HTML = Path(__file__).with_name("page.html")
TEXTS = "/*TEXTS*/null"
"""What stands in the page for its words."""
ANSWER_SECONDS = 120.0
"""For one question: a child may have to be told what to do."""
CALL_SECONDS = 20.0
Translate = Callable[[str], str]


class PageNotOpened(HeadsetError):
    """Nobody opened the page at the seat."""

    code = "page-not-opened"
    remedy = N_(
        "Open the address in a browser at that seat, or type the command in a terminal there, or do the "
        "check from here, without '--at-seat'."
    )


class PagePerson:
    """Whoever sits before the page. ``url``: where it is, at the seat; ``opened``: a browser was started;
    ``command``: what shows the same in a terminal there, empty where nothing does."""

    def __init__(self, link: Link, exam_user: str, translate: Translate, language: str, title: str) -> None:
        """Have it served; ``language`` is that of ``translate``. Raises what Link.call does."""
        self._link = link
        words = words_of(translate, language, title)
        request = {"step": "open", "html": page(words), "words": words, "exam_user": exam_user}
        answer = link.call("page", request, deadline=CALL_SECONDS)
        self.url, self.opened = shown(answer.get("url")), answer.get("opened") is True
        self.command = shown(answer.get("command"))

    def show(self, show: Show) -> None:
        """Have it seen."""
        self._link.call("page", {"step": "show", "screen": asdict(show)}, deadline=CALL_SECONDS)

    def ask(self, ask: Ask) -> Answer | None:
        """What was pressed. Raises PageNotOpened."""
        screen = {**asdict(ask), "choices": [name_of(choice) for choice in choices(ask)]}
        request = {"step": "ask", "screen": screen, "seconds": ANSWER_SECONDS}
        said = self._link.call("page", request, deadline=ANSWER_SECONDS + CALL_SECONDS)
        if said.get("answer") is None and ask.screen is Screen.START and said.get("seen") is not True:
            raise PageNotOpened(
                N_("{seat}: nobody opened the page {url}"), seat=self._link.seat, url=self.url
            )
        return answer_of(ask, said.get("answer"))

    def close(self) -> None:
        """Say goodbye, and serve it no longer."""
        self.show(Show(Screen.END))
        self._link.call("page", {"step": "close"}, deadline=CALL_SECONDS)


def words_of(translate: Translate, language: str, title: str) -> dict[str, Any]:
    """All that is read at the seat, and what is typed there in a terminal."""
    asking = (Screen.START, Screen.WORD, Screen.SPEAK, Screen.AGAIN, Screen.SOUND)
    return {
        "language": language,
        "title": title,
        "asked": {k.value: translate(v).format(**texts.PARAMS) for k, v in texts.ASKED.items()},
        "offered": {k.value: translate(v) for k, v in texts.OFFERED.items()},
        "left": translate(texts.LEFT),
        "right": translate(texts.RIGHT),
        "speak": translate(texts.SPEAK),
        "count": translate(texts.COUNT),
        "lost": translate(texts.LOST),
        "told": {one.value: translate(keys.told(one)) for one in asking},
        "typed": {
            one.value: {line: name_of(answer) for line, answer in keys.typed(one).items()} for one in asking
        },
        "back_key": translate(keys.BACK_KEY),
        "no_answer": translate(keys.NO_ANSWER),
    }


def page(words: Mapping[str, Any]) -> str:
    """The page, whole: it asks nobody for anything but screens."""
    safe = json.dumps(words, ensure_ascii=True).replace("<", "\\u003c")
    return HTML.read_text("utf-8").replace(TEXTS, safe)
