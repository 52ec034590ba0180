"""Read the streams of Excel's older container (XLS, workbooks with a password). Pure."""

import struct

import numpy as np

_LAST_SECTOR = 0xFFFFFFF0
_ENTRY_BYTES = 128
_WITH_CONTENT = (2, 5)
"""Kinds of entries that have content: a stream, and the root with the small streams."""


class Damaged(ValueError):
    """A container whose parts contradict each other."""


class Compound:
    """The streams of a compound file, by name. Raises Damaged or struct.error."""

    def __init__(self, content: bytes):
        self._content = content
        header = struct.unpack_from("<HH6x9I", content, 30)
        self._size, self._small = 1 << header[0], 1 << header[1]
        if header[0] not in (9, 12) or header[1] != 6:
            raise Damaged("sector size")
        self._check_promises()
        _, _, directory, _, self._cutoff, small_table, _, more, _ = header[2:]
        self._table = self._sector_table(more)
        self._small_table = np.frombuffer(self._read_chain(small_table), "<u4")
        self._entries = dict(self._read_directory(self._read_chain(directory)))
        self._small_stream = b""
        if root := next(iter(self._entries.values()), None):
            self._small_stream = self._read_chain(root[0])

    def _check_promises(self) -> None:
        """Refuse a header that counts more sectors than the file has bytes for.

        The reader of workbooks allocates memory for that many before it reads any.
        """
        sectors = len(self._content) // self._size + 1
        directories, tables = struct.unpack_from("<II", self._content, 40)
        small_tables = struct.unpack_from("<I", self._content, 64)[0]
        more_tables = struct.unpack_from("<I", self._content, 72)[0]
        if max(directories, tables, small_tables, more_tables) > sectors:
            raise Damaged("more sectors than bytes")

    @property
    def names(self) -> set[str]:
        """Return the names of streams and folders."""
        return set(self._entries)

    def stream(self, name: str) -> bytes:
        """Return the bytes of a stream."""
        start, size = self._entries[name]
        if size >= self._cutoff:
            return self._read_chain(start)[:size]
        places = _follow_chain(self._small_table, start)
        parts = (self._small_stream[p * self._small : (p + 1) * self._small] for p in places)
        return b"".join(parts)[:size]

    def _read_sector(self, number: int) -> bytes:
        """Return a sector's bytes; the header takes the place of the first sector."""
        return self._content[(number + 1) * self._size : (number + 2) * self._size]

    def _sector_table(self, more: int) -> np.ndarray:
        """Return the number of the sector that follows each sector. Raises Damaged."""
        numbers = list(struct.unpack_from("<109I", self._content, 76))
        for _ in range(len(self._content) // self._size):
            if more >= _LAST_SECTOR:
                break
            found = np.frombuffer(self._read_sector(more), "<u4")
            if found.size == 0:
                raise Damaged("sector table")
            numbers += found[:-1].tolist()
            more = int(found[-1])
        parts = (self._read_sector(number) for number in numbers if number < _LAST_SECTOR)
        whole = b"".join(parts)
        return np.frombuffer(whole[: len(whole) // 4 * 4], "<u4")

    def _read_chain(self, start: int) -> bytes:
        """Return the bytes of a chain of sectors, cut to whole words of four bytes."""
        whole = b"".join(self._read_sector(number) for number in _follow_chain(self._table, start))
        return whole[: len(whole) // 4 * 4]

    def _read_directory(self, directory: bytes):
        """Yield the name, first sector and size of each entry. Raises Damaged."""
        for place in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            length, kind = struct.unpack_from("<HB", directory, place + 64)
            name = directory[place : place + max(0, min(length, 64) - 2)]
            start, size = struct.unpack_from("<II", directory, place + 116)
            # The upper half of a size counts only where sectors are large.
            upper = struct.unpack_from("<I", directory, place + 124)[0] if self._size > 512 else 0
            if kind in _WITH_CONTENT and size + (upper << 32) > len(self._content):
                raise Damaged("a stream larger than the file")
            if length:
                yield name.decode("utf-16-le", errors="replace"), (start, size)


def _follow_chain(table: np.ndarray, start: int) -> list[int]:
    """Return the numbers of a chain's sectors. Raises Damaged where it is broken or circular."""
    chain = []
    while start < _LAST_SECTOR:
        if start >= len(table) or len(chain) > len(table):
            raise Damaged("a chain of sectors leads nowhere")
        chain.append(start)
        start = int(table[start])
    return chain
