"""A file as it was received, with what its sender says it is. Pure."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from monitoring.feed.file_names import NamedFile


@dataclass(frozen=True)
class ReceivedFile:
    """The bytes of a file, its printable name, kind, period, and the year in which its year begins.

    Kind, year and period are empty where its name does not say them. `digest` and `length` are
    given where the file is too large to be held.
    """

    content: bytes
    file_name: str
    kind: str = ""
    start: int | None = None
    period: int | None = None
    digest: str = ""
    length: int = 0

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the bytes."""
        return self.digest or hashlib.sha256(self.content).hexdigest()

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.length or len(self.content)

    def named(self, name: NamedFile) -> "ReceivedFile":
        """Return the same file with the kind, year and period of a name."""
        return ReceivedFile(
            self.content,
            self.file_name,
            name.kind,
            name.start,
            name.period,
            self.digest,
            self.length,
        )
