"""``python -m bench NAME`` runs the benchmark in ``bench/NAME.py``."""

from __future__ import annotations

import importlib
import pkgutil
import signal
import sys

import bench

NAMES = sorted(
    module.name
    for module in pkgutil.iter_modules(bench.__path__)
    if module.name not in {"__main__", "common"} and not module.ispkg
)


def main() -> int:
    """Run the benchmark that is named, or say which there are."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"usage: python -m bench NAME, where NAME is one of: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that everything is stopped with us
    importlib.import_module(f"bench.{sys.argv[1]}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
