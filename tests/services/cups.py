"""A real private CUPS server and real virtual printers, on free loopback ports, as root or not.

Nothing of the system is used or changed: the server has its own configuration, spool and state in a temporary
folder. ``ippeveprinter`` needs a D-Bus system bus to start, though not the Avahi daemon behind it when it
announces nothing (``-r off``): it gets a private bus.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cups
import psutil
from pypdf import PdfReader

from tests.services.counting import PLACEHOLDER, Relay
from tests.services.process import Process, free_port, listens, program, until

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""
_CUPS_FILES = """{identity}FileDevice Yes
Printcap
ServerRoot {root}
RequestRoot {root}/spool
TempDir {root}/tmp
CacheDir {root}/cache
StateDir {root}/state
AccessLog {root}/log/access
ErrorLog {root}/log/error
PageLog {root}/log/page
"""
# Everyone may do everything, but job names are private as in CUPS's own default policy.
_CUPSD = """Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
LogLevel info
<Location />
Order allow,deny
Allow from 127.0.0.1
</Location>
<Location /admin>
Order allow,deny
Allow from 127.0.0.1
</Location>
<Policy default>
JobPrivateAccess default
JobPrivateValues default
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""
_MARGINS = ("media-bottom-margin", "media-left-margin", "media-right-margin", "media-top-margin")
_SIZES = {"iso_a4_210x297mm": (21000, 29700), "iso_a3_297x420mm": (29700, 42000)}
# A printer whose own default is two-sided: what it prints one-sided, it prints so because it was told to.
_ATTRIBUTES = """ATTR text printer-make-and-model "Test Laser"
ATTR mimeMediaType document-format-supported application/octet-stream,application/pdf,image/pwg-raster
ATTR mimeMediaType document-format-default application/octet-stream
ATTR keyword sides-supported {sides}
ATTR keyword sides-default {sides_default}
ATTR keyword media-supported {media}
ATTR keyword media-default {media_default}
ATTR keyword media-ready {media}
ATTR keyword media-col-supported {columns_offered}
ATTR collection media-size-supported {sizes}
ATTR collection media-col-database {columns}
ATTR integer media-bottom-margin-supported 423
ATTR integer media-top-margin-supported 423
ATTR integer media-left-margin-supported 423
ATTR integer media-right-margin-supported 423
ATTR boolean color-supported {color}
ATTR keyword print-color-mode-supported {modes}
ATTR keyword print-color-mode-default {mode_default}
ATTR resolution printer-resolution-supported 600dpi
ATTR resolution printer-resolution-default 600dpi
ATTR resolution pwg-raster-document-resolution-supported 600dpi
ATTR keyword pwg-raster-document-type-supported black_1,sgray_8
ATTR enum print-quality-supported 4
ATTR enum print-quality-default 4
ATTR integer copies-default 1
ATTR rangeOfInteger copies-supported 1-99
ATTR keyword output-bin-supported face-down
ATTR keyword output-bin-default face-down
ATTR enum finishings-supported 3
ATTR enum finishings-default 3
"""
# A black toner in percent, and a waste box.
_SUPPLIES = """ATTR octetString printer-supply "index=1;class=supplyThatIsConsumed;type=toner;unit=percent;\
maxcapacity=100;level={toner};colorantname=black;","index=2;class=receptacleThatIsFilled;type=wasteToner;\
unit=percent;maxcapacity=100;level=25;colorantname=unknown;"
ATTR text printer-supply-description "Black Toner","Waste Toner Box"
"""
# Cancel-Job, as the button on a printer's panel does.
_CANCEL = """{{
OPERATION Cancel-Job
GROUP operation-attributes-tag
ATTR charset attributes-charset utf-8
ATTR naturalLanguage attributes-natural-language en
ATTR uri printer-uri $uri
ATTR integer job-id {number}
ATTR name requesting-user-name $user
}}
"""


@dataclass(frozen=True, slots=True)
class Received:
    """One document as it reached the printer: its job's name, the IPP attributes ("sides" -> "one-sided"),
    and whether its last sheet came out. What is in it is read when it is asked for: no file changes."""

    job_name: str
    file: Path
    options: dict[str, str]
    printed: bool

    @property
    def pages(self) -> tuple[str, ...]:
        """The text of each page."""
        return _texts(self.file)

    @property
    def sheets(self) -> int:
        """How many pages it has; a hundredth of the work of reading them."""
        return _count(self.file)


@cache
def _texts(file: Path) -> tuple[str, ...]:
    return tuple(page.extract_text().strip() for page in PdfReader(file).pages)


@cache
def _count(file: Path) -> int:
    return len(PdfReader(file).pages)


class MessageBus:
    """A private D-Bus system bus."""

    def __init__(self, folder: Path) -> None:
        """Start it in ``folder``."""
        socket = folder / "bus"
        (folder / "bus.conf").write_text(_BUS.format(socket=socket))
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={socket}"}
        self._process = Process(
            [program("dbus-daemon"), f"--config-file={folder / 'bus.conf'}", "--nofork", "--nopidfile"],
            folder / "bus.log",
        )
        self._process.wait_ready(socket.exists, "a private D-Bus")

    def stop(self) -> None:
        """End it."""
        self._process.stop()


class VirtualPrinter:
    """A real IPP Everywhere printer (ippeveprinter): what it received is what would be on paper."""

    def __init__(
        self,
        name: str,
        folder: Path,
        bus: MessageBus,
        *,
        media: Sequence[str] = ("iso_a4_210x297mm", "iso_a3_297x420mm"),
        sides: Sequence[str] = ("two-sided-long-edge", "one-sided"),
        color_modes: Sequence[str] = ("color", "monochrome"),
        toner: int | None = None,
        counted: int | None = None,
    ) -> None:
        """Start a printer that offers ``media``, ``sides`` and ``color_modes``; the first is its default.

        ``toner`` percent are left, and it counts its sheets from ``counted`` on; without, it says nothing of
        either.
        """
        self.name = name
        self.port = free_port()
        self._folder = folder
        self._bus = bus
        self._process: Process | None = None
        self._starts = 0
        folder.mkdir(parents=True)
        # A shell wrapper, because a "#!" line cannot name an interpreter in a folder with a space.
        script = Path(__file__).with_name("printer_command.py")
        self._command = folder / "command"
        words = [sys.executable, "-IS", str(script), str(folder)]
        self._command.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        self._command.chmod(0o755)
        self._control: dict[str, object] = {"reasons": [], "blocked": False, "seconds": 0.0}
        self._obey()
        sizes = [
            f"MEMBER integer x-dimension {_SIZES[m][0]} MEMBER integer y-dimension {_SIZES[m][1]}"
            for m in media
        ]
        margins = " ".join(
            f"MEMBER integer media-{edge}-margin 423" for edge in ("bottom", "left", "right", "top")
        )
        supplies = "" if toner is None else _SUPPLIES.format(toner=toner)
        counter = "" if counted is None else f"ATTR integer printer-media-sheets-completed {PLACEHOLDER}\n"
        (folder / "attributes.conf").write_text(
            _ATTRIBUTES.format(
                sides=",".join(sides),
                sides_default=sides[0],
                media=",".join(media),
                media_default=media[0],
                columns_offered=",".join(["media-size", *_MARGINS]),
                sizes=",".join(f"{{{size}}}" for size in sizes),
                columns=",".join(f"{{MEMBER collection media-size {{{size}}} {margins}}}" for size in sizes),
                color=str("color" in color_modes).lower(),
                modes=",".join(color_modes),
                mode_default=color_modes[0],
            )
            + supplies
            + counter
        )
        self._relay = Relay(self.port, lambda: counted + self._sheets()) if counted is not None else None
        self.start()

    @property
    def uri(self) -> str:
        """Where the printer is."""
        return f"ipp://localhost:{self._relay.port if self._relay else self.port}/ipp/print"

    def start(self) -> None:
        """Switch it on. Each start has a spool folder of its own, so that nothing is overwritten."""
        self._starts += 1
        spool = self._folder / str(self._starts)
        spool.mkdir()
        arguments = ["-r", "off", "-n", "localhost", "-p", str(self.port), "-d", str(spool), "-k"]
        arguments += ["-a", str(self._folder / "attributes.conf"), "-c", str(self._command), self.name]
        self._process = Process(
            [program("ippeveprinter"), *arguments], self._folder / "log", self._bus.environment
        )
        self._process.wait_ready(lambda: listens("localhost", self.port), f"printer {self.name}")

    def kill(self) -> None:
        """Cut its power: what it was printing ends there."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def restart(self) -> None:
        """Power-cycle it."""
        self.kill()
        self.start()

    def raise_reason(self, *reasons: str) -> None:
        """Report state reasons ("media-jam-error") while a document is printing, and print no further."""
        self._obey(reasons=list(reasons), blocked=True)

    def clear_reasons(self) -> None:
        """Take the reasons back and print on."""
        self._obey(reasons=[], blocked=False)

    def block(self) -> None:
        """Take documents but let no sheet out, without a reason."""
        self._obey(blocked=True)

    def unblock(self) -> None:
        """Print on."""
        self._obey(blocked=False)

    def slow(self, seconds: float) -> None:
        """Take ``seconds`` for every document from now on."""
        self._obey(seconds=seconds)

    def dispose(self) -> None:
        """Cut its power for good."""
        self.kill()
        if self._relay is not None:
            self._relay.close()

    @property
    def running(self) -> bool:
        """Whether it is switched on."""
        return self._process is not None

    def busy(self) -> bool:
        """Whether it is printing a document, or holds one back."""
        if self._process is None:
            return False
        try:
            return bool(psutil.Process(self._process.pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return False

    def cancel(self) -> bool:
        """Press the button that cancels what it is printing; no sheet of that comes out any more.

        False when it was printing nothing.
        """
        documents = [str(event["file"]) for event in self._events() if event["event"] == "received"]
        if not documents or self._process is None or not self.busy():
            return False
        number = Path(documents[-1]).name.partition("-")[0]
        request = self._folder / "cancel.test"
        request.write_text(_CANCEL.format(number=number))
        subprocess.run([program("ipptool"), "-q", self.uri, str(request)], check=False, capture_output=True)
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._process.pid).children(recursive=True):
                child.kill()
        return True

    def empty_tray(self) -> None:
        """Forget what was received so far."""
        for event in self._events():
            Path(str(event["file"])).unlink(missing_ok=True)
        (self._folder / "events.jsonl").unlink(missing_ok=True)

    def received(self) -> tuple[Received, ...]:
        """Every document that reached the printer, in order, over all its starts."""
        events = self._events()
        printed = {str(event["file"]) for event in events if event["event"] == "printed"}
        return tuple(self._received(event, printed) for event in events if event["event"] == "received")

    def printed(self) -> tuple[tuple[Path, str], ...]:
        """File and job name of every document whose last sheet came out, in order; opens none of them."""
        events = self._events()
        names: dict[str, str] = {}
        files: list[str] = []
        for event in events:
            file, options = str(event["file"]), event.get("options")
            if isinstance(options, dict):
                names[file] = str(options["IPP_JOB_NAME"])
            else:
                files.append(file)
        return tuple((Path(file), names[file]) for file in files)

    def _sheets(self) -> int:
        """How many sheets came out so far."""
        return sum(_count(file) for file, _name in self.printed())

    def received_count(self) -> int:
        """How many documents reached the printer; cheap, for waiting."""
        return sum(event["event"] == "received" for event in self._events())

    def _events(self) -> list[dict[str, object]]:
        log = self._folder / "events.jsonl"
        text = log.read_text() if log.exists() else ""
        whole = text[: text.rfind("\n") + 1]  # a line may be half written at this moment
        return [json.loads(line) for line in whole.splitlines()]

    @staticmethod
    def _received(event: dict[str, object], printed: set[str]) -> Received:
        given = event["options"]
        assert isinstance(given, dict)
        options = {key.removeprefix("IPP_").replace("_", "-").lower(): value for key, value in given.items()}
        file = Path(str(event["file"]))
        return Received(options["job-name"], file, options, str(file) in printed)

    def _obey(self, **changes: object) -> None:
        self._control.update(changes)
        new = self._folder / "control.new"
        new.write_text(json.dumps(self._control))
        new.replace(self._folder / "control.json")


class PrintServer:
    """A real cupsd of our own on ``host``:``port``, with as many virtual printers as wanted."""

    host = "127.0.0.1"

    def __init__(self, folder: Path) -> None:
        """Start it in ``folder``, which the spooler's user (lp, when we are root) must be able to enter."""
        self.folder = folder
        self.port = free_port()
        self._process: Process | None = None
        self._printers: list[VirtualPrinter] = []
        self._orphans: list[psutil.Process] = []
        for part in ("spool", "tmp", "cache", "state", "log", "ppd"):
            (folder / part).mkdir()
        identity = "User lp\nGroup lp\nSystemGroup lpadmin root\n" if os.geteuid() == 0 else ""
        (folder / "cups-files.conf").write_text(_CUPS_FILES.format(root=folder, identity=identity))
        (folder / "cupsd.conf").write_text(_CUPSD.format(port=self.port))
        self._bus = MessageBus(folder)
        self.start()

    def uri(self, queue: str) -> str:
        """The queue's address as in an inventory."""
        return f"cups://{self.host}:{self.port}/{queue}"

    def start(self) -> None:
        """Start the server."""
        command = [program("cupsd"), "-f", "-c", str(self.folder / "cupsd.conf")]
        command += ["-s", str(self.folder / "cups-files.conf")]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        self._process = Process(command, self.folder / "cupsd.log", self._bus.environment)
        self._process.wait_ready(lambda: listens(self.host, self.port), "a private cupsd")

    def stop(self) -> None:
        """Stop it orderly: it writes down its queues and jobs."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """Kill it as a power failure does: it forgets what it had not yet written down.

        Its backends have groups of their own, live on and may still deliver, as they do in life.
        """
        if self._process is not None:
            self._orphans += psutil.Process(self.pid).children(recursive=True)
            self._process.kill()
            self._process = None

    def end_orphans(self) -> None:
        """End the backends that outlived :meth:`kill`."""
        for orphan in self._orphans:
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.kill()
        self._orphans.clear()

    def restart(self) -> None:
        """Stop it orderly and start it again."""
        self.stop()
        self.start()

    @property
    def running(self) -> bool:
        """Whether it is started."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def printer(
        self,
        name: str,
        *,
        media: Sequence[str] = ("iso_a4_210x297mm", "iso_a3_297x420mm"),
        sides: Sequence[str] = ("two-sided-long-edge", "one-sided"),
        color_modes: Sequence[str] = ("color", "monochrome"),
        toner: int | None = None,
        counted: int | None = None,
    ) -> VirtualPrinter:
        """A new virtual printer and a driverless queue of the same ``name`` for it."""
        printer = VirtualPrinter(
            name,
            self.folder / "printers" / name,
            self._bus,
            media=media,
            sides=sides,
            color_modes=color_modes,
            toner=toner,
            counted=counted,
        )
        self._printers.append(printer)
        self.add_queue(name, printer.uri)
        return printer

    def add_queue(self, name: str, device: str, model: str = "everywhere") -> None:
        """A new queue, or an old one set up anew; ``model`` "raw" makes one without filters."""
        self.administer("lpadmin", "-p", name, "-E", "-v", device, "-m", model)
        if model == "everywhere":  # cupsd asks the printer what it can in the background
            until(lambda: "sides-supported" in self._attributes(name), f"the driver of queue {name}")

    def _attributes(self, queue: str) -> dict[str, object]:
        cups.setServer(self.host)
        cups.setPort(self.port)
        attributes: dict[str, object] = cups.Connection(self.host, self.port).getPrinterAttributes(queue)
        return attributes

    def administer(self, command: str, *arguments: str) -> None:
        """Run one of CUPS's own commands (lpadmin, cupsdisable, cancel …) on this server."""
        server = {"CUPS_SERVER": f"{self.host}:{self.port}"}
        done = subprocess.run(
            [program(command), *arguments],
            env={**os.environ, **server},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def wait_written(self, queue: str) -> None:
        """Make the server write its queues down, so that they outlive :meth:`kill`."""
        self.restart()
        config = self.folder / "printers.conf"
        until(lambda: f"Printer {queue}>" in config.read_text(), "printers.conf")

    def close(self) -> None:
        """Stop everything."""
        for printer in self._printers:
            printer.dispose()
        self.end_orphans()
        self.stop()
        self._bus.stop()


@contextlib.contextmanager
def print_server() -> Iterator[PrintServer]:
    """A private print server in a temporary folder that its filters' user can enter."""
    folder = Path(tempfile.mkdtemp(prefix="vpr-cups-"))
    folder.chmod(0o711)
    try:
        server = PrintServer(folder)
        try:
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
