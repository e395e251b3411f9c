"""Watches for planted words: in arguments and environments of processes, and in every file that is written.

Three things look, because none sees all: a thread polls every new process and every changed file; a spy in
each Python program notes what it starts and keeps a copy of what it removes, however short-lived; and at the
end everything is read once more.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import threading
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

LOOKS_SECONDS = 0.03
YOUNG = 10
"""Looks that are taken at a new process: between fork and exec it has its parent's arguments."""
FILES_EVERY = 30
"""Looks after which the files are looked at too."""
MOST_BYTES = 64 << 20
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_SPY = """\
import os, shutil, sys
FOLDER, WATCHED, CRASH = {folder!r}, {watched!r}, {crash!r}
STARTS = {{"subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.putenv"}}
busy = False

def note(event, args):
    global busy
    if busy or event not in STARTS and event not in {{"os.remove", "open"}}:
        return
    busy = True  # what is done here is not noted
    try:
        if event in STARTS:
            with open(f"{{FOLDER}}/{{os.getpid()}}.started", "a", encoding="utf-8", errors="replace") as file:
                print(event, *map(str, args), file=file)
        elif event == "os.remove":
            keep(*args)
        elif os.path.exists(CRASH):
            fail(str(args[0]))
    except OSError:
        pass
    finally:
        busy = False

def keep(path, folder):
    path = os.fsdecode(path)
    if folder != -1:
        path = os.path.join(os.readlink(f"/proc/self/fd/{{folder}}"), path)
    path = os.path.realpath(path)
    if path.startswith(tuple(WATCHED)) and os.path.isfile(path):
        shutil.copyfile(path, f"{{FOLDER}}/{{os.getpid()}}-{{len(os.listdir(FOLDER))}}.removed")

def fail(opened):
    with open(CRASH, encoding="utf-8") as file:
        place, message = file.read().split("\\n", 1)
    if opened.endswith(place):
        raise ArithmeticError(message)

sys.addaudithook(note)
"""


def spellings(word: str) -> set[bytes]:
    """How a word may stand in a file, an argument, a message."""
    plain = {word.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "cp1251", "cp866")}
    escaped = word.encode("unicode_escape")
    quoted = urllib.parse.quote(word).encode()
    byte_by_byte = repr(word.encode())[2:-1].encode()
    octal = "".join(chr(one) if one < 0x80 else f"\\{one:o}" for one in word.encode()).encode()
    return plain | {
        escaped,
        escaped.upper().replace(b"\\U", b"\\u"),
        quoted,
        quoted.lower(),
        byte_by_byte,
        octal,
    }


def layers(data: bytes, depth: int = 3) -> Iterator[bytes]:
    """The bytes, and what is packed in them: zip (and with it .xlsx, .docx), gzip, streams of a PDF."""
    yield data
    if depth == 0:
        return
    inner: Iterable[bytes] = ()
    with contextlib.suppress(OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, ValueError):
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                inner = [packed.read(one) for one in packed.infolist() if not one.flag_bits & 1]
        elif data.startswith(b"\x1f\x8b"):
            inner = [gzip.decompress(data)]
        elif data.startswith(b"%PDF"):
            inner = list(_inflated(data))
    for one in inner:
        yield from layers(one, depth - 1)


def _inflated(data: bytes) -> Iterator[bytes]:
    for found in _STREAM.finditer(data):
        with contextlib.suppress(zlib.error):
            yield zlib.decompress(found[1])


def _below(folder: Path) -> Iterator[Path]:
    """Every file; folders may go while they are looked through, which Path.rglob does not bear."""
    return (Path(here) / name for here, _folders, names in os.walk(folder) for name in names)


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """A planted word, and where it was seen."""

    where: str
    word: str


@dataclass
class Watcher:
    """While it is entered, ``seen`` collects where ``words`` appear. ``lawful`` says in which files they may
    stand; ``spy`` is the folder of the spy's notes, among ``folders`` by itself."""

    words: Iterable[str]
    folders: Iterable[Path]
    spy: Path
    lawful: Callable[[Path], bool] = lambda _path: False
    watched: Iterable[Path] = ()
    """Folders of which the spy keeps what is removed."""
    seen: set[Seen] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    """Names of programs whose arguments were seen."""
    hidden: int = 0
    """Looks at a process that does not let its environment be read."""

    def __post_init__(self) -> None:
        """Prepare the spy."""
        self._spellings = {one: word for word in self.words for one in spellings(word)}
        longest_first = sorted(self._spellings, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, longest_first)))
        self._looks: dict[int, int] = dict.fromkeys(psutil.pids(), YOUNG)
        self._files: dict[Path, tuple[int, int]] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        notes, code = self.spy / "notes", self.spy / "code"
        for folder in (notes, code):
            folder.mkdir(parents=True)
        watched = [f"{os.path.realpath(folder)}/" for folder in self.watched]
        program = _SPY.format(folder=str(notes), watched=watched, crash=str(self.crash_file))
        (code / "sitecustomize.py").write_text(program, encoding="utf-8")
        self._all = [*self.folders, notes]

    @property
    def crash_file(self) -> Path:
        """Ending of a path, and a message: programs with the spy fail with it when they open such a file."""
        return self.spy / "crash"

    @property
    def environment(self) -> dict[str, str]:
        """What a program is started with so that the spy is in it."""
        return {"PYTHONPATH": str(self.spy / "code")}

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Look once more, and end."""
        self._end.set()
        self._thread.join()
        self.look_at_files()

    def look_at(self, where: str, data: bytes) -> None:
        """Look into anything."""
        for layer in layers(data):
            for found in self._pattern.finditer(layer):
                self.seen.add(Seen(where, self._spellings[found[0]]))

    def look_at_files(self) -> None:
        """Every file that is new or changed; its name too."""
        for path in (path for folder in self._all for path in _below(folder)):
            with contextlib.suppress(OSError):  # gone by now
                about = path.lstat()
                if not path.is_file() or path.is_symlink() or self.lawful(path):
                    continue
                state = (about.st_mtime_ns, about.st_size)
                if self._files.get(path) != state and about.st_size <= MOST_BYTES:
                    self.look_at(f"name of {path}", path.name.encode())
                    self.look_at(str(path), path.read_bytes())
                    self._files[path] = state

    def _watch(self) -> None:
        looks = 0
        while not self._end.wait(LOOKS_SECONDS):
            self._look_at_processes()
            looks += 1
            if looks % FILES_EVERY == 0:
                self.look_at_files()

    def _look_at_processes(self) -> None:
        self._looks = {pid: self._looks.get(pid, 0) for pid in psutil.pids()}
        for pid, looks in self._looks.items():
            if looks < YOUNG:
                self._looks[pid] += 1
                self._look_at_process(pid)

    def _look_at_process(self, pid: int) -> None:
        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            line = process.cmdline()
            if line:
                self.programs.add(Path(line[0]).name)
                self.look_at("arguments of " + line[0], "\0".join(line).encode("utf-8", "surrogateescape"))
            try:
                pairs = process.environ()
            except psutil.AccessDenied:
                self.hidden += 1
                return
            told = "\0".join(f"{name}={value}" for name, value in pairs.items())
            self.look_at("environment of " + "".join(line[:1]), told.encode("utf-8", "surrogateescape"))
