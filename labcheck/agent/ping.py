"""``ping``: is anybody there, what does its clock show, how long does a question take; and the removal of
older agents."""

from __future__ import annotations

import os
import time

from .protocol import Conversation, Json


def ping(_conversation: Conversation, wanted: Json) -> Json:
    """``{"remove_others": true}`` deletes the folders of other agents beside this one's. ``{"removed": those,
    "utc": seconds since 1970}``."""
    removed = []
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if wanted.get("remove_others") and os.path.basename(own).startswith("agent-"):
        for entry in os.scandir(os.path.dirname(own)):
            if entry.name.startswith("agent-") and entry.name != os.path.basename(own):
                if entry.is_dir(follow_symlinks=False):
                    import shutil  # noqa: PLC0415 - brings five compressors

                    shutil.rmtree(entry.path, ignore_errors=True)  # one that runs on Windows stays
                else:
                    os.remove(entry.path)
                removed.append(entry.name)
    return {"removed": sorted(removed), "utc": time.time()}
