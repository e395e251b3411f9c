"""Where the agent begins and ends: requests in, one at a time, until the controller is gone."""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys
from collections.abc import Callable

from .protocol import Conversation, Json, Refused, Unavailable
from .typed import Any

REQUESTS = {
    "ping": "ping",
    "facts": "facts",
    "verify": "verify",
    "install": "install",
    "uninstall": "uninstall",
    "lock": "lock",
    "unlock": "lock",
    "sound": "sound",
    "watch": "watch",
    "collect": "collect",
    "fix": "fix",
    "page": "page",
}
"""Request -> the module here that has a function of its name. Loaded when first asked for."""
HASH_FILE = "bundle.sha256"
"""Beside the package; written by whoever unpacked the bundle, after the check of its hash."""

VOLUMES_NOTE = "volumes.json"
"""See volumes.FILE: whether it is there is asked at every start, so without loading that module."""

Handler = Callable[[Conversation, Json], Json]


def bundle_hash() -> str:
    """The hash of the bundle that this agent came in; "" when it runs from the source."""
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), HASH_FILE)
    try:
        with open(path, "rb") as file:
            return file.read(64).decode("ascii")
    except OSError:
        return ""


def handler(do: str) -> Handler:
    """The function that carries out a request. Raises Refused."""
    if do not in REQUESTS:
        raise Refused("unknown-request", "this agent does not know that request", do=do[:60])
    name = f"{__package__}.{REQUESTS[do]}"
    if name not in sys.modules:
        gc.disable()  # it would look through all that an import makes, again and again; none of it is garbage
        importlib.import_module(name)
        gc.freeze()
        gc.enable()
    module = sys.modules[name]
    found: Handler = getattr(module, do)
    return found


def answer(conversation: Conversation, request: Json) -> None:
    """Carry out one request; whatever goes wrong in it is an answer."""
    try:
        conversation.result(handler(request["do"])(conversation, request["with"]))
    except Refused as refused:
        conversation.error(refused.code, refused.message, refused.detail)
    except Unavailable as unavailable:
        conversation.error("unavailable", str(unavailable), {})
    except BrokenPipeError:
        raise
    except OSError as failed:
        code = "disk-full" if failed.errno in (errno.ENOSPC, errno.EDQUOT) else "system"
        detail: dict[str, Any] = {"errno": failed.errno, "path": failed.filename}
        conversation.error(code, failed.strerror or str(failed), detail)
    except Exception as mistake:  # noqa: BLE001 - one request's mistake is no reason to leave the room
        import traceback  # noqa: PLC0415 - costs every start, and is hardly ever needed

        where = traceback.extract_tb(mistake.__traceback__)[-1]
        place = f"{os.path.basename(where.filename)}:{where.lineno}"
        conversation.error("internal", f"{type(mistake).__name__}: {mistake}"[:500], {"where": place})


def _put_back() -> None:
    """What an agent that was killed in a test of the sound has left behind."""
    from . import paths  # noqa: PLC0415

    if os.path.exists(os.path.join(paths.data_folder(), VOLUMES_NOTE)):
        from . import volumes  # noqa: PLC0415 - hardly ever needed

        volumes.restore_left()


def main() -> None:
    """Talk over stdin and stdout; what others print goes to stderr."""
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    conversation = Conversation(sys.stdin.buffer, sink)
    try:
        conversation.hello(bundle_hash())
        _put_back()
        while True:
            request = conversation.next()
            if request is None:
                break
            answer(conversation, request)
    except BrokenPipeError:
        pass
    for name in ("sound", "page"):  # a test that was prepared and never started; what was laid out
        used = sys.modules.get(f"{__package__}.{name}")
        if used is not None:
            used.release()
    sys.stderr.flush()
    os._exit(0)  # the reading thread may hang in stdin for ever


if __name__ == "__main__":
    main()
