"""Ed25519: signing what is to be trusted later, and knowing by whom it was signed.

A private key is the base64 of its 32 bytes, in the environment or in a file; nobody but us reads
that file. A public key is the base64 of its 32 bytes in a file ``KEY_ID.pub``; a folder of those is
what a home knows of the keys that it has used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline.errors import SettingsError

KEY_BYTES: Final = 32
KEY_ID_DIGITS: Final = 16
OWN_KEY: Final = "journal.key"  # what a home that was given no key makes for itself
PUBLIC: Final = ".pub"


@dataclass(frozen=True)
class Key:
    """A key to sign with."""

    seed: bytes

    @property
    def public(self) -> bytes:
        """What others need to know that this key signed."""
        return self._private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the public key."""
        return key_id(self.public)

    def sign(self, document: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._private.sign(document)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def key_id(public: bytes) -> str:
    """Return the name of a public key."""
    return hashlib.sha256(public).hexdigest()[:KEY_ID_DIGITS]


def is_signed(public: bytes, document: bytes, signature: bytes) -> bool:
    """Say whether the owner of a public key signed these very bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, document)
    except (InvalidSignature, ValueError):
        return False
    return True


def decoded(text: str) -> bytes:
    """Return the 32 bytes of a key.

    Raises:
        ValueError: it is not the base64 of 32 bytes; the text is not told, since it may be a secret.
    """
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ValueError(f"must be the base64 of the {KEY_BYTES} bytes of an Ed25519 key")
    return raw


def read(path: Path) -> Key:
    """Return the private key in a file.

    Raises:
        SettingsError: the file cannot be read, or holds no key.
    """
    try:
        return Key(decoded(path.read_text(encoding="ascii")))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}.") from None
    except ValueError:
        raise SettingsError(f"{path}: must hold the base64 of the {KEY_BYTES} bytes of a key.") from None


def own(folder: Path, *, may_make: bool) -> Key | None:
    """Return the key that a home has made for itself, or makes now."""
    path = folder / OWN_KEY
    if not path.exists():
        if not may_make:
            return None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        seed = Ed25519PrivateKey.generate().private_bytes_raw()  # the one place that makes a key
        _lay_once(path, seed)
    return read(path)


def publish(folder: Path, key: Key) -> None:
    """Lay the public key where it is found when a signature is to be checked."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{key.id}{PUBLIC}"
    if not path.exists():
        _lay_once(path, key.public)


def known(folder: Path) -> Mapping[str, bytes]:
    """Return the public keys in a folder, by id; a file that holds no key of its name is left out."""
    found = {}
    for path in sorted(folder.glob(f"*{PUBLIC}")):
        try:
            public = decoded(path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        if key_id(public) == path.name.removesuffix(PUBLIC):
            found[key_id(public)] = public
    return found


def _lay_once(path: Path, key: bytes) -> None:
    """Write a file whole, readable by us alone; of two at once the first stays."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(base64.b64encode(key) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
