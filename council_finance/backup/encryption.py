"""The encryption of back-ups, in the format of age, by the library pyrage.

A file is encrypted for one or more public keys (BACKUP_RECIPIENTS), so the machine that makes
back-ups need not be able to open them; without those it is encrypted for the public key that
belongs to BACKUP_KEY or BACKUP_KEY_FILE. The format is authenticated in parts of 64 KiB, the last
of which is marked: any change, cut or rearrangement is found, and memory stays small.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyrage
from django.conf import settings

from council_finance.errors import Refused

_FIRST_BYTES = b"age-encryption.org/v1\n"


def recipients() -> list[pyrage.x25519.Recipient]:
    """Return the public keys that back-ups are encrypted for; none where they stay plain.

    Raises Refused where a text is not a key.
    """
    if settings.BACKUP_RECIPIENTS:
        try:
            return [pyrage.x25519.Recipient.from_str(each) for each in settings.BACKUP_RECIPIENTS]
        except pyrage.RecipientError as error:
            raise Refused(
                "BACKUP_RECIPIENTS has a key that is none: give public keys, which begin with age1."
            ) from error
    return [identity.to_public() for identity in _read_identities()]


def is_encrypted(file: BinaryIO) -> bool:
    """Return whether a file, read from its beginning, is encrypted."""
    first = file.read(len(_FIRST_BYTES))
    file.seek(0)
    return first == _FIRST_BYTES


def encrypt(plain: BinaryIO, into: BinaryIO, keys: list[pyrage.x25519.Recipient]) -> None:
    """Write a copy of a file that is encrypted for those keys. Raises OSError for a full disk."""
    try:
        pyrage.encrypt_io(plain, into, keys)
    except pyrage.EncryptError as error:
        raise OSError(f"encrypting failed: {error}") from error


@contextlib.contextmanager
def decrypted(file: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """Give the plain content of an encrypted file, in a file without a name.

    It is read to its end first, so that a damaged file is never used in part. Raises Refused.
    """
    keys = _read_identities()
    if not keys:
        raise Refused(f"{path} is encrypted. Set BACKUP_KEY_FILE to the file with its private key.")
    with unnamed_file() as plain:
        try:
            pyrage.decrypt_io(file, plain, keys)
        except pyrage.DecryptError as error:
            raise Refused(
                f"{path} cannot be opened with the key that is set: it is encrypted for another "
                "one, or its beginning is damaged. Nothing was restored."
            ) from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise Refused(
                f"{path} is damaged: a part of it was changed or cut off. Nothing was restored; "
                "take another copy of it."
            ) from error
        plain.seek(0)
        yield plain


def unnamed_file() -> BinaryIO:
    """Make a file in the data folder that has no name and is gone with its process."""
    return tempfile.TemporaryFile(dir=settings.DATA_DIR)


def make_key() -> tuple[str, str]:
    """Return a new private key and the public key that belongs to it."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def _read_identities() -> list[pyrage.x25519.Identity]:
    """Return the private keys of BACKUP_KEY and BACKUP_KEY_FILE, which may have old ones too."""
    lines = [*settings.BACKUP_KEY, *_read_key_file()]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines]
    except pyrage.IdentityError as error:
        raise Refused(
            "BACKUP_KEY or BACKUP_KEY_FILE has a key that is none: a private key begins with "
            "AGE-SECRET-KEY-1."
        ) from error


def _read_key_file() -> list[str]:
    if not settings.BACKUP_KEY_FILE:
        return []
    path = Path(settings.BACKUP_KEY_FILE)
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError as error:
        raise Refused(f"BACKUP_KEY_FILE {path} cannot be read: {error.strerror}.") from error
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not keys:
        raise Refused(f"BACKUP_KEY_FILE {path} holds no key.")
    return keys
