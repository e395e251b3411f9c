"""What a printer of :mod:`bench.pace.printers` runs for a document: LOG SECONDS_PER_SHEET DOCUMENT.

Standard library only, and little of it: it starts in some 15 ms. Its sheets come out at the nominal pace from
the moment when the last byte of the document had arrived (the file's time), so that starting this program is
no part of the pace. Appends "began ended sheets document" to LOG: the times in seconds since the epoch.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    """Print one document."""
    log, seconds, document = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    with open(document, "rb") as file:
        content = file.read()
        began = os.fstat(file.fileno()).st_mtime
    sheets = content.count(b"/Type /Page") - content.count(b"/Type /Pages")
    time.sleep(max(0.0, began + sheets * seconds - time.time()))
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(descriptor, f"{began:.4f} {time.time():.4f} {sheets} {document}\n".encode())
    os.close(descriptor)


if __name__ == "__main__":
    main()
