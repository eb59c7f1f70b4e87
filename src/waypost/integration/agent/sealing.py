"""Sealing at rest, and file writes that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from waypost.integration.agent.failures import StateUnreadable

MAGIC = b"WPA1"
NONCE_BYTES = 12


class Sealer:
    """ChaCha20-Poly1305 (RFC 8439) under one key, random nonces; ``context`` binds a box to its place."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)

    def seal(self, plain: bytes, context: str) -> bytes:
        """A box that only :meth:`open` with the same context reads."""
        nonce = os.urandom(NONCE_BYTES)
        return MAGIC + nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def open(self, box: bytes, context: str) -> bytes:
        """What was sealed; StateUnreadable when key, place or bytes are not the ones it was sealed with."""
        head = len(MAGIC) + NONCE_BYTES
        if not box.startswith(MAGIC) or len(box) < head:
            raise StateUnreadable(f"{context} is not a sealed file")
        try:
            return self._cipher.decrypt(box[len(MAGIC) : head], box[head:], context.encode())
        except InvalidTag as error:
            raise StateUnreadable(f"{context} was not sealed with this directory's key, or was changed") from error


def load_or_make_key(path: Path) -> bytes:
    """The 32-byte key in ``path`` (mode 0600), made at the first call."""
    if not path.exists():
        write_atomic(path, os.urandom(32))
    key = path.read_bytes()
    if len(key) != 32:
        raise StateUnreadable(f"{path.name} does not hold a key")
    path.chmod(0o600)
    return key


def write_atomic(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``, durable when this returns, mode 0600. OSError leaves the old file as it was."""
    draft = path.with_name(path.name + ".draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make renames and deletes inside ``directory`` durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
