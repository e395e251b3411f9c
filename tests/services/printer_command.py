"""What the virtual printer runs for every document it receives (ippeveprinter -c): FOLDER … DOCUMENT.

Standard library only. Appends to ``events.jsonl`` one line when the document arrived (file and IPP
attributes) and one when its last sheet would have come out. In between it obeys ``control.json``, which the
test may rewrite at any time: ``reasons`` (IPP keywords to raise), ``blocked`` (no sheet comes out),
``seconds`` (time to print a document).
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

POLL = 0.02


def note(log: Path, event: dict[str, object]) -> None:
    """Append one line in one write: several documents may be written down at once."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, (json.dumps(event) + "\n").encode())
    finally:
        os.close(descriptor)


def obey(wanted: set[str], raised: set[str]) -> set[str]:
    """Tell the printer on stderr which reasons came and went; return those raised now."""
    for sign, reasons in (("+", wanted - raised), ("-", raised - wanted)):
        for reason in sorted(reasons):
            print(f"STATE: {sign}{reason}", file=sys.stderr, flush=True)
    return wanted


def main() -> None:
    """Print one document."""
    folder, document = Path(sys.argv[1]), sys.argv[-1]
    log = folder / "events.jsonl"
    options = {key: value for key, value in os.environ.items() if key.startswith(("IPP_", "CONTENT_TYPE"))}
    note(log, {"event": "received", "file": document, "options": options})
    raised: set[str] = set()
    printed = 0.0
    while True:
        control = json.loads((folder / "control.json").read_text())
        raised = obey(set(control["reasons"]), raised)
        if not control["blocked"]:
            if printed >= control["seconds"]:
                break
            printed += POLL
        time.sleep(POLL)
    obey(set(), raised)
    note(log, {"event": "printed", "file": document})


if __name__ == "__main__":
    main()
