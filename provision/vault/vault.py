"""The vault: one encrypted file for each item, and nothing else that could disagree with it.

    FOLDER/items/ID.age   an item; the name, drawn by chance, says nothing of it
    FOLDER/parts/…        what is under way, encrypted too
    and the files of vault.keys

Anything may be *put in* without the passphrase: it is encrypted to the public half of the vault's key. To
read, the vault is opened. There is no index that could be lost: what is there is read from the items' own
headers.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from provision.errors import N_
from provision.secret import Secret
from provision.vault import age, keys
from provision.vault.disk import alone, clear_parts, remove, sync_folder, together, writing
from provision.vault.errors import NoSuchItem, SourceChanged, VaultDamaged, VaultThere
from provision.vault.item import (
    HEADER_BYTES,
    MAX_BYTES,
    PIECE,
    Item,
    Kind,
    NotAnItem,
    check_name,
    parse,
    plain,
)

ITEMS = "items"
_ID = re.compile("[0-9a-f]{32}")
_ID_BEGINS = 8
"""So many digits of an id are shown, and enough to be meant."""


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted file of the vault as it lies on disk, which can be told without opening it.

    ``sha256`` in hexadecimal and ``size`` in bytes are of the encrypted file."""

    id: str
    sha256: str
    size: int


class Vault:
    """A vault that is there. Several processes may use it at once; so may threads."""

    def __init__(self, folder: Path, clock: Callable[[], dt.datetime] = _utc_now) -> None:
        """Use the vault in ``folder``. Raises NoVault, VaultDamaged."""
        keys.recipient(folder)
        self.folder = folder
        self._clock = clock

    @classmethod
    def create(cls, folder: Path, role: str, phrase: Secret) -> tuple[Vault, Secret]:
        """Make a vault that ``role`` opens with the passphrase. Also returns the recovery key, to be printed
        now.

        Raises VaultThere, PassphraseTooShort."""
        for path in (folder, folder / ITEMS, folder / keys.HOLDERS, folder / keys.PARTS):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(folder.parent)
        with alone(folder):
            if keys.exists(folder):
                raise VaultThere(N_("there is a vault already"))
            _made, paper = keys.begin(folder, role, phrase)
        return cls(folder), paper

    def ids(self) -> tuple[str, ...]:
        """All items' ids."""
        found = (path.stem for path in (self.folder / ITEMS).glob("*.age"))
        return tuple(sorted(name for name in found if _ID.fullmatch(name)))

    def roles(self) -> tuple[str, ...]:
        """Who has a passphrase to it."""
        return keys.roles(self.folder)

    def put(self, name: str, kind: Kind, source: BinaryIO) -> tuple[Item, Sealed]:
        """Put in what ``source`` holds from its beginning on; returns once it is on disk, encrypted.

        ``source`` is read twice: its length and hash must be the same. What is there under the same name
        stays; the newer counts. Raises NameRefused, SourceChanged."""
        size, sha256 = _measured(source)
        item = Item(secrets.token_hex(16), check_name(name), kind, size, sha256, self._clock())
        if size > MAX_BYTES:
            raise SourceChanged(N_("the file is too large for the vault"))
        source.seek(0)
        content = _Hashing(source)
        # together: a rotation that began would not see this item, and end with a key that does not open it
        with together(self.folder), writing(self.folder / keys.PARTS, self._file(item.id)) as file:
            sealed = _Sealing(file)
            age.encrypt(age.Joined(plain(item, content)), sealed, [keys.recipient(self.folder)])
            if (content.size, content.sha256()) != (size, sha256):
                raise SourceChanged(N_("the file changed while it was put in"))
        return item, sealed.sealed(item.id)

    def put_bytes(self, name: str, kind: Kind, data: bytes) -> tuple[Item, Sealed]:
        """Put in what is in memory."""
        return self.put(name, kind, BytesIO(data))

    def sealed(self, item_id: str) -> Sealed:
        """The encrypted file as it is now. Raises NoSuchItem."""
        seen = _Sealing(None)
        with self._encrypted(item_id) as file:
            while piece := file.read(PIECE):
                seen.write(piece)
        return seen.sealed(item_id)

    def remove(self, item_id: str) -> None:
        """Take an item out for ever. Raises NoSuchItem."""
        with alone(self.folder):  # a rotation would write the file again
            with self._encrypted(item_id):
                pass
            remove(self._file(item_id))

    def clear_parts(self) -> int:
        """Remove what killed commands left unfinished, unless somebody is at work; returns how many."""
        return clear_parts(self.folder, self.folder / keys.PARTS)

    def open(self, role: str, phrase: Secret) -> OpenVault:
        """Open it. Raises VaultLocked, NoSuchHolder, VaultDamaged."""
        return self.open_with(keys.open_as(self.folder, role, phrase))

    def open_by_paper(self, paper: Secret) -> OpenVault:
        """Open it with the recovery key. Raises RecoveryRefused."""
        return self.open_with(keys.open_by_paper(self.folder, paper))

    def open_with(self, known: keys.Keys) -> OpenVault:
        """Open it with keys that are known. Raises VaultDamaged when they are not those that is encrypted
        to."""
        if keys.recipient(self.folder) not in {age.public(key) for key in known.own}:
            raise VaultDamaged(N_("the file {name} is not the one that was written"), name=keys.RECIPIENT)
        return OpenVault(self.folder, known, self._clock)

    def change_phrase(self, role: str, old: Secret, new: Secret) -> None:
        """Another passphrase for a role; nothing is encrypted anew. Raises VaultLocked,
        PassphraseTooShort."""
        with alone(self.folder):
            keys.change_phrase(self.folder, role, old, new)

    def _file(self, item_id: str) -> Path:
        return self.folder / ITEMS / f"{item_id}.age"

    @contextmanager
    def _encrypted(self, item_id: str) -> Iterator[BinaryIO]:
        if not _ID.fullmatch(item_id):
            raise NoSuchItem(N_("the vault has no such item"))
        try:
            with self._file(item_id).open("rb") as file:
                yield file
        except FileNotFoundError:
            raise NoSuchItem(N_("the vault has no such item")) from None


class OpenVault(Vault):
    """A vault with its keys: also gives back what is in it. Lives in memory only."""

    def __init__(self, folder: Path, known: keys.Keys, clock: Callable[[], dt.datetime] = _utc_now) -> None:
        """See Vault.open."""
        super().__init__(folder, clock)
        self.keys = known

    def item(self, item_id: str) -> Item:
        """What is known of an item. Raises NoSuchItem, VaultDamaged."""
        taking = _Beginning()
        try:
            with self._encrypted(item_id) as file:
                age.decrypt(file, taking, self.keys.own)
        except _Enough:
            pass
        except age.NotOpened:
            raise _damaged(item_id) from None
        return _parsed(item_id, bytes(taking.data))[0]

    def items(self) -> tuple[Item, ...]:
        """All that can be read, oldest first. ``damaged`` tells of the rest."""
        return self._look()[0]

    def damaged(self) -> tuple[str, ...]:
        """The ids of those whose header cannot be read."""
        return self._look()[1]

    def newest(self, name: str) -> Item:
        """The item of that name, the newest of several; or whose id begins so. Raises NoSuchItem."""
        items = self.items()
        found = [item for item in items if item.name == name]
        if not found and len(name) >= _ID_BEGINS:
            found = [item for item in items if item.id.startswith(name)]
        if not found:
            raise NoSuchItem(N_("the vault has no such item"))
        return found[-1]

    def take(self, item: Item, out: age.Writes) -> None:
        """Hand the content to ``out``, piece by piece, each authentic. Raises VaultDamaged, NoSuchItem: then
        what ``out`` got is not whole."""
        with self.reading(item) as source:
            while piece := source.read(PIECE):
                out.write(piece)

    def take_bytes(self, item: Item, limit: int = 64 * 2**20) -> bytes:
        """The content in memory. Raises NoSuchItem for one larger than ``limit`` bytes."""
        if item.size > limit:
            raise NoSuchItem(N_("the item is too large to be held in memory"))
        out = BytesIO()
        self.take(item, out)
        return out.getvalue()

    @contextmanager
    def reading(self, item: Item) -> Iterator[age.Reads]:
        """The content, to be read as it is needed. Its ``read`` raises VaultDamaged."""
        with self._encrypted(item.id) as file, age.decrypting(file, self.keys.own) as source:
            yield _Content(item, source)

    def verify(self, item_id: str) -> Item:
        """Read all of an item and compare it with its hash. Raises VaultDamaged, NoSuchItem."""
        item = self.item(item_id)
        self.take(item, _Nowhere())
        return item

    def admit(self, role: str, phrase: Secret) -> OpenVault:
        """Give a role its own passphrase; a former one of that role is void. Raises PassphraseTooShort."""
        with alone(self.folder):
            return self._with(keys.set_phrase(self.folder, self.current(), role, phrase))

    def dismiss(self, role: str) -> OpenVault:
        """Take a role's way in. Whoever copied the keys before can still use them: see rotate. Raises
        NoSuchHolder."""
        with alone(self.folder):
            return self._with(keys.dismiss(self.folder, self.current(), role))

    def new_paper(self) -> tuple[OpenVault, Secret]:
        """Another recovery key; the former sheet opens this vault no more."""
        with alone(self.folder):
            changed, paper = keys.new_paper(self.folder, self.current())
        return self._with(changed), paper

    def rotate(self, done: Callable[[Sealed], object]) -> OpenVault:
        """A new key of the vault, and every item encrypted anew, each replaced at one instant; ``done``
        hears of each.

        Killed, it leaves a vault that opens; called again, it goes on. Raises VaultDamaged before anything
        is lost."""
        with alone(self.folder):
            known = self.current()
            fresh = self._with(replace(known, own=(age.new_key(), *known.own)))
            keys.write_identity(self.folder, fresh.keys)  # opens the old and the new
            keys.write_recipient(self.folder, fresh.keys)
            for item_id in fresh.ids():
                done(fresh._again(item_id))
            only = self._with(replace(fresh.keys, own=fresh.keys.own[:1]))
            keys.write_identity(self.folder, only.keys)
        return only

    def current(self) -> keys.Keys:
        """The keys as they are on disk now. Raises VaultChanged after a rotation elsewhere."""
        return keys.reload(self.folder, self.keys)

    def _again(self, item_id: str) -> Sealed:
        """The same plain form, encrypted to the newest key."""
        half = age.public(self.keys.own[0])
        try:
            with (
                self._encrypted(item_id) as file,
                age.decrypting(file, self.keys.own) as source,
                writing(self.folder / keys.PARTS, self._file(item_id), replace=True) as target,
            ):
                sealed = _Sealing(target)
                age.encrypt(source, sealed, [half])
        except age.NotOpened:
            raise _damaged(item_id) from None
        return sealed.sealed(item_id)

    def _with(self, known: keys.Keys) -> OpenVault:
        return OpenVault(self.folder, known, self._clock)

    def _look(self) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        found: list[Item] = []
        damaged: list[str] = []
        for item_id in self.ids():
            try:
                found.append(self.item(item_id))
            except VaultDamaged:
                damaged.append(item_id)
            except NoSuchItem:  # removed meanwhile
                continue
        return tuple(sorted(found, key=lambda item: (item.at, item.id))), tuple(damaged)


def _damaged(item_id: str) -> VaultDamaged:
    return VaultDamaged(N_("the item {id} is not the one that was written"), id=item_id)


def _parsed(item_id: str, beginning: bytes) -> tuple[Item, int]:
    try:
        return parse(item_id, beginning)
    except NotAnItem:
        raise _damaged(item_id) from None


def _measured(source: BinaryIO) -> tuple[int, str]:
    source.seek(0)
    seen = _Hashing(source)
    while seen.read(PIECE):
        pass
    return seen.size, seen.sha256()


class _Hashing:
    """Reads on, and remembers length and hash."""

    def __init__(self, source: age.Reads) -> None:
        self._source = source
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def sha256(self) -> str:
        return self._hash.hexdigest()


class _Sealing:
    """Writes on, and remembers length and hash."""

    def __init__(self, out: age.Writes | None) -> None:
        self._out = out
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes, /) -> None:
        self._hash.update(data)
        self._size += len(data)
        if self._out is not None:
            self._out.write(data)

    def sealed(self, item_id: str) -> Sealed:
        return Sealed(item_id, self._hash.hexdigest(), self._size)


class _Enough(Exception):
    """The header is there."""


class _Beginning:
    """Takes a header's length and no more."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes, /) -> None:
        self.data += data
        if len(self.data) >= HEADER_BYTES:
            raise _Enough


class _Nowhere:
    def write(self, data: bytes, /) -> None:
        """Only that it can be read is of interest."""


class _Content:
    """An item's content out of its plain form; the end is reached only when length and hash are right, and
    nothing but padding follows."""

    def __init__(self, item: Item, source: age.Reads) -> None:
        self._item = item
        self._source = source
        self._hash = hashlib.sha256()
        self._left = item.size
        self._rest: bytes | None = None

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._read(size)
        except age.NotOpened:
            raise _damaged(self._item.id) from None

    def _read(self, size: int) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self._read(PIECE), b""))
        if self._rest is None:
            self._rest = self._after_header()
        data = self._rest[:size] or self._source.read(size)
        self._rest = self._rest[len(data) :] if self._rest else b""
        content = data[: self._left]
        self._hash.update(content)
        self._left -= len(content)
        if not content:
            self._finish()
        return content

    def _after_header(self) -> bytes:
        beginning = b""
        while len(beginning) < HEADER_BYTES and (piece := self._source.read(HEADER_BYTES)):
            beginning += piece
        item, offset = _parsed(self._item.id, beginning)
        if item != self._item:
            raise _damaged(self._item.id)
        return beginning[offset:]

    def _finish(self) -> None:
        """To the last piece: only there is a cut noticed."""
        while self._source.read(PIECE):
            pass
        if self._left or self._hash.hexdigest() != self._item.sha256:
            raise _damaged(self._item.id)
