"""The key ring: seals values that an engine or a person needs back (AES-256-GCM, NIST SP 800-38D).

A sealed text is ``s1.<key id>.<base64url of nonce + ciphertext + tag>``, so every value says which key opens it.
Several keys may be on the ring; the active one seals. ``rotate`` adds one; ``information.reseal`` moves what is stored.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from waypost.kit.crypto import Secret
from waypost.kit.errors import Problem

SCHEME = "s1"
NONCE_BYTES = 12


class SecretUnreadable(Problem):
    """A sealed value does not open: its key is not on the ring, or it was changed."""

    code = "secret_unreadable"
    status = 500
    title = "A stored secret cannot be opened"
    hint = "Put back the key ring file that belongs to this data (it is part of every backup)."


class KeyRing:
    """Keys by id, kept in one file of mode 0600 that is replaced whole. Safe to share between threads and processes."""

    def __init__(self, path: Path, active: str, keys: dict[str, bytes]) -> None:
        self.path = path
        self._set(active, keys)

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """The ring at ``path``; made with one fresh key where there is none. Refuses a file that others may read."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path):
            if not path.exists():
                key_id = _new_key_id()
                _write(path, key_id, {key_id: AESGCM.generate_key(256)})
        return cls(path, *_read(path))

    @property
    def key_ids(self) -> list[str]:
        """Ids of the keys on the ring, the active one last."""
        return [key for key in self._ciphers if key != self.active] + [self.active]

    def seal(self, value: str | Secret) -> str:
        """Sealed text for ``value``; the same value seals differently each time."""
        plain = value.reveal() if isinstance(value, Secret) else value
        return self._seal(plain.encode()).decode()

    def open(self, sealed: str) -> Secret:
        """The value of a sealed text. Raises :class:`SecretUnreadable`."""
        return Secret(self._open(sealed).decode())

    def seal_bytes(self, value: bytes) -> bytes:
        """As :meth:`seal`, for bytes."""
        return self._seal(value)

    def open_bytes(self, sealed: bytes) -> bytes:
        """As :meth:`open`, for bytes."""
        try:
            return self._open(sealed.decode("ascii"))
        except UnicodeDecodeError as error:
            raise SecretUnreadable from error

    def is_current(self, sealed: str) -> bool:
        """Whether the active key sealed it."""
        return sealed.startswith(f"{SCHEME}.{self.active}.")

    def has_key_of(self, sealed: str) -> bool:
        """Whether the key that sealed it is on the ring."""
        key_id = sealed.split(".")[1]
        return key_id in self._ciphers or key_id in self._reread()

    def rotate(self) -> str:
        """Add a fresh key and seal with it from now on; its id. Older keys still open what they sealed."""
        with _locked(self.path):
            _, keys = _read(self.path)
            key_id = _new_key_id()
            keys[key_id] = AESGCM.generate_key(256)
            _write(self.path, key_id, keys)
        self._set(key_id, keys)
        return key_id

    def retire(self, key_id: str) -> None:
        """Forget a key. Only when nothing is sealed with it any more; the active key stays."""
        with _locked(self.path):
            active, keys = _read(self.path)
            if key_id == active:
                raise ValueError("the active key cannot be retired")
            keys.pop(key_id, None)
            _write(self.path, active, keys)
        self._set(active, keys)

    def _set(self, active: str, keys: dict[str, bytes]) -> None:
        self._stamp = _stamp(self.path)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self.active = active

    def _seal(self, plain: bytes) -> bytes:
        if self._stamp != _stamp(self.path):  # another process has rotated: seal with the newest key
            self._reread()
        nonce = secrets.token_bytes(NONCE_BYTES)
        key_id = self.active
        body = nonce + self._ciphers[key_id].encrypt(nonce, plain, key_id.encode())
        return f"{SCHEME}.{key_id}.".encode() + base64.urlsafe_b64encode(body)

    def _open(self, sealed: str) -> bytes:
        scheme, _, rest = sealed.partition(".")
        key_id, _, text = rest.partition(".")
        cipher = self._ciphers.get(key_id) or self._reread().get(key_id)
        if scheme != SCHEME or cipher is None:
            raise SecretUnreadable(f"No key {key_id[:20]!r} is on the ring.")
        try:
            body = base64.urlsafe_b64decode(text)
            return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], key_id.encode())
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise SecretUnreadable from error

    def _reread(self) -> dict[str, AESGCM]:
        self._set(*_read(self.path))
        return self._ciphers

    def __repr__(self) -> str:
        return f"KeyRing({self.path}, keys=[redacted])"


def _stamp(path: Path) -> tuple[int, int]:
    """Changes when the file is replaced."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def _new_key_id() -> str:
    return f"k{secrets.token_hex(4)}"


def _read(path: Path) -> tuple[str, dict[str, bytes]]:
    if path.stat().st_mode & 0o077:
        raise SecretUnreadable(f"{path} can be read by others.", hint=f"Run `chmod 600 {path}`.")
    try:
        body = json.loads(path.read_text())
        keys = {key_id: base64.b64decode(key, validate=True) for key_id, key in body["keys"].items()}
        active = body["active"]
        if active not in keys or any(len(key) != 32 for key in keys.values()):
            raise ValueError("no active key")
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise SecretUnreadable(f"{path} is not a key ring.") from error
    return active, keys


def _write(path: Path, active: str, keys: dict[str, bytes]) -> None:
    """Replace the file in one step and make it safe on the disk before anything is sealed with a new key."""
    text = json.dumps({"active": active, "keys": {k: base64.b64encode(v).decode() for k, v in keys.items()}})
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
