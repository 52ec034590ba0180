"""Open a workbook's zip container within the limits on unzipped size. Pure."""

import io
import struct
from collections.abc import Iterator
from typing import TypeAlias
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from isal import isal_zlib

from council_finance.uploads.limits import (
    MOST_PARTS,
    MOST_TIMES_SMALLER,
    MOST_UNZIPPED_BYTES,
    SMALL_PART_BYTES,
    refusal,
)

PASSWORD = "The workbook is protected by a password. Save it without one, and try again."
_ENTRY, _ENCRYPTED = b"PK\x01\x02", 0x1
_PIECE = 64 * 1024
_CHUNK = 1024 * 1024


Unzipped: TypeAlias = dict[str, bytes]
"""Parts that were unzipped before, by name: each is taken out of it as it is read."""


class Archive:
    """The parts of a zipped workbook.

    The sizes in the directory are checked at once. As a directory may be wrong, the bytes that are
    unzipped are counted as parts are read: together they stay below MOST_UNZIPPED_BYTES.
    """

    def __init__(self, content: bytes, unzipped: Unzipped | None = None):
        """Raise FileRefused beyond the limits or for a password, BadZipFile for no container."""
        self._unzipped = {} if unzipped is None else unzipped
        if content.count(_ENTRY) > MOST_PARTS:
            raise refusal("The workbook is made of too many parts. Save it again as XLSX.")
        self._content = content
        with ZipFile(io.BytesIO(content)) as container:
            entries = container.infolist()
        self.parts = {entry.filename: entry for entry in entries}
        if len({name.casefold() for name in self.parts}) < len(entries):
            raise BadZipFile("a part stands there twice")
        self._unread = set(self.parts)
        self._left = MOST_UNZIPPED_BYTES
        _check_directory(entries)

    def __contains__(self, name: str) -> bool:
        return name in self.parts

    def read(self, name: str) -> bytes:
        """Return a part, unzipped. Raises FileRefused beyond the limit, KeyError for no part."""
        self._unread.discard(name)
        if name in self._unzipped:
            part = self._unzipped.pop(name)
            self._count_bytes(len(part))
            return part
        return b"".join(self._unzip_within_limits(self.parts[name]))

    def with_part(self, name: str, content: bytes) -> bytes:
        """Return an archive of the parts that the reader of ODS needs, with this part replaced."""
        out = io.BytesIO()
        with ZipFile(out, "w", ZIP_STORED) as container:
            for other in ("mimetype", "META-INF/manifest.xml"):
                if other in self.parts and other != name:
                    container.writestr(other, self.read(other))
            container.writestr(name, content)
        return out.getvalue()

    def measure_the_rest(self) -> None:
        """Unzip the unread parts without keeping them. Raises FileRefused beyond the limit."""
        for name in sorted(self._unread):
            for _ in self._unzip_within_limits(self.parts[name]):
                pass
        self._unread.clear()

    def _unzip_within_limits(self, entry: ZipInfo) -> Iterator[bytes]:
        """Yield a part's bytes in pieces. Raises FileRefused as soon as there are too many."""
        size = 0
        for chunk in _unzip_part(self._packed_bytes(entry), entry.compress_type):
            size += len(chunk)
            self._count_bytes(len(chunk))
            if size > SMALL_PART_BYTES and size > entry.compress_size * MOST_TIMES_SMALLER:
                raise _too_tight()
            yield chunk

    def _count_bytes(self, size: int) -> None:
        """Count unzipped bytes. Raises FileRefused as soon as there are too many."""
        self._left -= size
        if self._left < 0:
            raise _too_large()

    def _packed_bytes(self, entry: ZipInfo) -> memoryview:
        """Return a part's compressed bytes, which follow its local header."""
        name, extra = struct.unpack_from("<HH", self._content, entry.header_offset + 26)
        start = entry.header_offset + 30 + name + extra
        return memoryview(self._content)[start : start + entry.compress_size]


def _check_directory(entries: list[ZipInfo]) -> None:
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise refusal(PASSWORD)
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BadZipFile("packed in a way that workbooks are not")
        tight = entry.file_size > entry.compress_size * MOST_TIMES_SMALLER
        if tight and entry.file_size > SMALL_PART_BYTES:
            raise _too_tight()
    if sum(entry.file_size for entry in entries) > MOST_UNZIPPED_BYTES:
        raise _too_large()


def _unzip_part(packed: memoryview, method: int) -> Iterator[bytes]:
    """Yield the unzipped bytes in pieces of limited size."""
    if method == ZIP_STORED:
        yield bytes(packed)
        return
    unzip = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS)
    for start in range(0, len(packed), _PIECE):
        waiting = packed[start : start + _PIECE]
        while len(waiting):
            yield unzip.decompress(waiting, _CHUNK)
            waiting = unzip.unconsumed_tail
    yield unzip.flush()


def _too_large():
    return refusal(
        f"The workbook unzips to more than {MOST_UNZIPPED_BYTES // _CHUNK} MB. Delete the sheets"
        " and pictures that are not the table, or save the table as CSV."
    )


def _too_tight():
    return refusal(
        "The workbook unzips to many hundred times its size, which no ledger does. Save the table"
        " as CSV, or copy it into a new workbook."
    )
