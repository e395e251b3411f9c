"""The folders that versions of a program live in, and the switch from one to another.

    NAME/current        the version in use: a link to its folder, or on Windows the folder itself
    NAME/versions/ID    versions; the folder of the one in use is away on Windows
    NAME/records/ID     how each was described, as JSON: its files and commands
    NAME/staging/ID     what is being brought here
    NAME/previous       the ID that a rollback goes back to
    NAME/journal        a change under way: {"from", "to", "step"}; gone when the change is whole

Everything is written to another name first and renamed, so that whenever the power fails each of them is the
old one or the new one, or the journal says how to go back."""

from __future__ import annotations

import contextlib
import json
import os

from .package import MARK, Package, parse, slug
from .paths import data_folder, expand, names
from .programs import WINDOWS
from .protocol import Json, Refused


class Store:
    """The folders of one program. ``links``: whether the one in use is a link; given in tests only."""

    def __init__(self, name: str, *, links: bool = not WINDOWS) -> None:
        """Name it; nothing is made yet."""
        self.root = os.path.join(data_folder(), "software", slug(name))
        self.links = links
        self.current = self.path("current")

    def path(self, *parts: str) -> str:
        """A path in this store."""
        return os.path.join(self.root, *parts)

    def current_id(self) -> str | None:
        """The version in use."""
        return read(os.path.join(self.current, MARK))

    def previous_id(self) -> str | None:
        """The version that a rollback goes back to; None when its folder is gone."""
        name = read(self.path("previous"))
        return name if name and os.path.isdir(self.path("versions", name)) else None

    def journal(self) -> Json | None:
        """The change that was under way when somebody pulled the plug; None when there was none."""
        text = read(self.path("journal"))
        return dict(json.loads(text)) if text else None

    def write_journal(self, note: Json | None) -> None:
        """Note the change under way; None: it is whole."""
        if note is None:
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.path("journal"))
            sync_folder(self.root)
        else:
            write(self.path("journal"), json.dumps(note))

    def record(self, version: str | None) -> Package | None:
        """How a version was described when it came."""
        text = read(self.path("records", version)) if version else None
        return parse(json.loads(text)) if text else None

    def switch(self, to: str | None) -> None:
        """Make a version the one in use; None: none is. Can be cut anywhere and done again.

        Raises Refused when Windows does not let go of a folder.
        """
        if self.links:
            self._link(to)
            return
        now = self.current_id()
        try:
            if os.path.isdir(self.current) and (now != to or to is None):
                away = self.path("versions", now) if now else self.path("unknown")
                _remove_folder(away, ignore_errors=True)
                os.rename(self.current, away)
            if to is not None and self.current_id() != to:
                os.rename(self.path("versions", to), self.current)
        except PermissionError:
            raise Refused(
                "in-use", "a program in the software's folder is running", folder=self.current
            ) from None
        sync_folder(self.root)

    def _link(self, to: str | None) -> None:
        if to is None:
            with contextlib.suppress(FileNotFoundError):
                os.remove(self.current)
        elif self.current_id() != to:
            beside = self.current + ".new"
            with contextlib.suppress(FileNotFoundError):
                os.remove(beside)
            os.symlink(os.path.join("versions", to), beside)
            os.replace(beside, self.current)
        sync_folder(self.root)

    def folder_of(self, version: str) -> str:
        """Where a version's files are now."""
        return self.current if self.current_id() == version else self.path("versions", version)

    def require_apart(self, answers: str) -> None:
        """Raises Refused (``answers-inside``) where answers are to lie among software: with it they would be
        removed."""
        folder = os.path.realpath(expand(answers)) if answers else ""
        if folder and below(folder, os.path.realpath(os.path.dirname(self.root))) is not None:
            raise _inside(expand(answers))

    def require_no_answers(self) -> None:
        """Raises Refused (``answers-inside``) where answers lie in this software's folders, recorded there as
        an earlier profile had it."""
        for version in {self.current_id(), *names(self.path("versions"))}:
            if version and (found := self.answers_in(version)):
                raise _inside(found)

    def answers_in(self, version: str) -> str | None:
        """The folder of answers inside a version's own; None when there is none, or nothing in it."""
        top = self.folder_of(version)
        for name in names(self.path("records")):
            known = self.record(name)
            inside = below(expand(known.answers), self.current) if known and known.answers else None
            folder = top if inside is None else os.path.join(top, inside)
            if inside is not None and any(files for _above, _folders, files in os.walk(folder)):
                return folder
        return None

    def prune(self) -> None:
        """Delete versions that are neither in use nor the previous one, nor hold answers, and what is known
        of them."""
        keep = {self.current_id(), self.previous_id()}
        keep |= {name for name in names(self.path("versions")) if self.answers_in(name)}
        for kind in ("versions", "records"):
            for name in names(self.path(kind)):
                if name not in keep:
                    remove(self.path(kind, name))


def below(path: str, folder: str) -> str | None:
    """Where in a folder a path is, "" for itself; None when it is elsewhere. By their names only."""
    same, start = (os.path.join(os.path.normcase(one), "") for one in (path, folder))
    return path[len(start) :] if same.startswith(start) else None


def _inside(folder: str) -> Refused:
    message = "the answers folder is inside the software's own, which is removed with it"
    return Refused("answers-inside", message, folder=folder)


def read(path: str) -> str | None:
    """A small file's text; None when there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def write(path: str, text: str) -> None:
    """Replace a small file, whole or not at all, and make it last."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)
    sync_folder(os.path.dirname(path))


def remove(path: str) -> None:
    """Delete a file, a link or a folder and all in it; nothing there is fine."""
    if os.path.isdir(path) and not os.path.islink(path):
        _remove_folder(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


def _remove_folder(path: str, *, ignore_errors: bool = False) -> None:
    import shutil  # noqa: PLC0415 - brings five compressors

    shutil.rmtree(path, ignore_errors=ignore_errors)


def sync_folder(folder: str) -> None:
    """Make renames in a folder last; Windows does so by itself."""
    if not WINDOWS:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
