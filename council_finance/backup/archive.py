"""An archive: a zip file with a gzip file of lines a table and a manifest, sealed by its SHA-256.

The seal is the zip file's comment, its last 64 bytes: the SHA-256 of every byte before it. So any
ordinary program opens the archive, and one changed byte, anywhere, is found before the archive is
used. Where a key is set, the whole archive is encrypted (see encryption.py). Lines are gzip files
because zipfile compresses by zlib alone, which takes three times as long; archives of format 1,
whose lines the zip file itself compresses, are read as well.
"""

import contextlib
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from isal import igzip

from council_finance import whole_files
from council_finance.backup import encryption
from council_finance.backup.tables import Content
from council_finance.errors import Refused

FORMAT = 2
_ZIPPED_LINES = 1
MANIFEST = "manifest.json"
_SEAL = 64
_BLOCK = 1 << 20
_COMPRESSION_LEVEL = 1


class Writer:
    """A writer of tables, one after the other, and then of the manifest."""

    def __init__(self, zipped: zipfile.ZipFile):
        self.zipped = zipped

    def table(self, name: str, read: Callable[[Callable[[bytes], object]], Content]) -> Content:
        """Write the lines that `read` passes on; return their number and SHA-256."""
        member = zipfile.ZipInfo(f"tables/{name}.jsonl.gz")
        with (
            self.zipped.open(member, "w", force_zip64=True) as file,
            igzip.open(file, "wb", _COMPRESSION_LEVEL) as lines,
            # Few large pieces; the stub of igzip does not say that its file is a raw stream too.
            io.BufferedWriter(cast(io.RawIOBase, lines), _BLOCK) as buffered,
        ):
            return read(buffered.write)

    def manifest(self, manifest: Mapping[str, object]) -> None:
        """Write the manifest: version, migrations, and the contents of each table."""
        text = json.dumps({"format": FORMAT, **manifest}, indent=1)
        self.zipped.writestr(MANIFEST, text + "\n")


class Reader:
    """A reader of a sealed archive."""

    def __init__(self, zipped: zipfile.ZipFile):
        self.zipped = zipped
        self.manifest: dict[str, Any] = json.loads(zipped.read(MANIFEST))

    @contextlib.contextmanager
    def table(self, name: str) -> Iterator[BinaryIO]:
        """Give the file of a table's lines."""
        if self.manifest["format"] == _ZIPPED_LINES:
            with self.zipped.open(f"tables/{name}.jsonl") as file:
                yield io.BufferedReader(cast(io.RawIOBase, file), _BLOCK)
            return
        with self.zipped.open(f"tables/{name}.jsonl.gz") as file, igzip.open(file) as lines:
            yield lines


@contextlib.contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write an archive, for this user only; it gets its name only once it is whole.

    Raises Refused where the file is there already or cannot be written.
    """
    recipients = encryption.recipients()
    with whole_files.writing(path) as file:
        if not recipients:
            yield from _write_sealed(file)
            return
        with encryption.unnamed_file() as plain:
            yield from _write_sealed(plain)
            plain.seek(0)
            encryption.encrypt(plain, file, recipients)


def _write_sealed(file: BinaryIO) -> Iterator[Writer]:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        zipped.comment = b"0" * _SEAL
        yield Writer(zipped)
    _write_seal(file)


def _write_seal(file: BinaryIO) -> None:
    digest, _ = _read_seal(file)
    file.seek(-_SEAL, os.SEEK_END)
    file.write(digest.encode("ascii"))
    file.flush()


def _read_seal(file: BinaryIO) -> tuple[str, bytes]:
    """Return the SHA-256 of everything before the seal, and the seal."""
    left = file.seek(0, os.SEEK_END) - _SEAL
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0:
        block = file.read(min(_BLOCK, left))
        digest.update(block)
        left -= len(block)
    return digest.hexdigest(), file.read(_SEAL)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Read an archive that is whole and unchanged. Raises Refused for any other."""
    try:
        with open(path, "rb") as file:
            if not encryption.is_encrypted(file):
                yield from _read_sealed(file, path)
                return
            with encryption.decrypted(file, path) as plain:
                yield from _read_sealed(plain, path)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from error


def _read_sealed(file: BinaryIO, path: Path) -> Iterator[Reader]:
    digest, seal = _read_seal(file)
    if digest.encode("ascii") != seal:
        raise Refused(
            f"{path} is damaged or no back-up: its seal is broken. Nothing was restored; "
            "take another copy of it."
        )
    with zipfile.ZipFile(file) as zipped:
        reader = Reader(zipped)
        if reader.manifest["format"] not in (_ZIPPED_LINES, FORMAT):
            raise Refused(f"{path} was made by a later version, which is needed here.")
        yield reader
