"""What every command shares: the site, JSON, and the boundary where errors become words and exit codes."""

from __future__ import annotations

import functools
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, cast

import click

from labcheck.phrase import Phrase as LabPhrase
from provision.errors import Phrase
from provision.locale import gettext as _

if TYPE_CHECKING:
    from provision.plan.model import PlanRefused

SCHEMA_VERSION = 1
"""Of every ``--json`` output; raised when a field changes its meaning or goes."""

P = ParamSpec("P")


class Told(Protocol):
    """An error of any of our trees."""

    code: str
    remedy: str
    template: str
    params: Mapping[str, object]


def emit(command: str, data: Mapping[str, object]) -> None:
    """Print one JSON object with its schema version."""
    click.echo(json.dumps({"schema_version": SCHEMA_VERSION, "command": command, **data}, ensure_ascii=False))


def fill(template: str, params: Mapping[str, object]) -> str:
    """A template in the person's language, filled."""
    return _(template).format(**{name: _said(value) for name, value in params.items()})


def _said(value: object) -> object:
    return fill(value.template, value.params) if isinstance(value, Phrase | LabPhrase) else value


def warn(text: str) -> None:
    """A line for the person on standard error."""
    click.echo(text, err=True)


def guarded(function: Callable[P, int | None]) -> Callable[P, None]:
    """Turn what a command returns or raises into an exit code and plain words. Nothing else exits."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = function(*args, **kwargs) or 0
        except (click.ClickException, click.exceptions.Exit):
            raise
        except (KeyboardInterrupt, click.Abort):
            warn(_("Stopped. Run the same command again: it goes on where it stopped."))
            code = 130
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 141
        except Exception as error:  # noqa: BLE001 - the boundary: every error is told, by its class
            code = _tell(error, as_json=bool(kwargs.get("as_json")))
        sys.exit(code)

    return run


def _tell(error: Exception, *, as_json: bool) -> int:
    from provision.cli.exits import Exit, exit_for  # noqa: PLC0415 - costs imports that --help must not pay
    from provision.errors import ProblemsError  # noqa: PLC0415
    from provision.system import refused  # noqa: PLC0415

    if isinstance(error, OSError):
        error = refused(error)
    code = exit_for(error)
    if code is Exit.UNEXPECTED:
        tell_unexpected(type(error), error.__traceback__, as_json=as_json)
        return code
    told = cast(Told, error)
    lines: list[str] = []
    if isinstance(error, ProblemsError):
        lines = [problem_line(p.file, p.line, p.what, p.cure, p.params) for p in error.problems]
    elif code is Exit.PLAN:
        refusals = cast("PlanRefused", error).refusals
        lines = [f"{r.exam}: {fill(r.template, r.params)} — {_(r.cure)}" for r in refusals]
    if as_json:
        message = fill(told.template, told.params)
        emit("error", {"error": told.code, "message": message, "remedy": _(told.remedy), "details": lines})
        return code
    for line in lines:
        warn(line)
    warn(_("Error: {message}").format(message=fill(told.template, told.params)))
    if told.remedy:
        warn(_(told.remedy))
    return code


def problem_line(file: Path, line: int, what: str, cure: str, params: Mapping[str, Any]) -> str:
    """``file:line: what — how to fix``, in the person's language."""
    place = f"{file}:{line}" if line else str(file)
    return f"{place}: {fill(what, params)} — {fill(cure, params)}"


def tell_unexpected(
    kind: type[BaseException], traceback_: TracebackType | None, *, as_json: bool = False
) -> None:
    """Say where it happened, without the values: a message might hold what must not be shown."""
    frames = traceback.extract_tb(traceback_)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    message = _("Unexpected error {kind} at {place}.").format(kind=kind.__name__, place=place)
    if as_json:
        emit("error", {"error": "unexpected", "message": message, "remedy": "", "details": []})
    warn(message)
    warn(_("Nothing that was recorded is lost. Run the command again; if it stays so, report these lines:"))
    for frame in frames:
        warn(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}")
