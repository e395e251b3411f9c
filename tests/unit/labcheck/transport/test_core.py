"""Threads of connections share a core; the others, and programs that they start, keep all of them."""

from __future__ import annotations

import os
import subprocess
import sys

FOUND = """
import os, threading
from labcheck.transport.core import share_core
found = []
def look():
    share_core()
    inner = threading.Thread(target=lambda: found.append(os.sched_getaffinity(0)))
    inner.start()
    inner.join()
for _ in range(4):
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
print([sorted(cores) for cores in found], sorted(os.sched_getaffinity(0)))
"""


def test_the_threads_that_ask_and_theirs_share_one_core_and_nobody_else() -> None:
    done = subprocess.run([sys.executable, "-c", FOUND], capture_output=True, text=True, check=True)
    shared, _, own = done.stdout.strip().rpartition("] [")
    cores = eval(shared + "]")
    assert len(cores) == 4
    assert len({tuple(one) for one in cores}) == 1
    assert len(cores[0]) == 1
    assert eval("[" + own) == sorted(os.sched_getaffinity(0))
