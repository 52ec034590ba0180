"""Whether what was published and what was brought in is still what its SHA-256 says."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from monitoring.published.models import ReportStatement
from monitoring.uploading.models import Upload, UploadState
from monitoring.uploading.selectors.uploads import file_content

_AT_ONCE = 20


@dataclass(frozen=True)
class Checked:
    """How many were looked at, and a sentence for each that differs."""

    count: int
    differ: list[str]


def published_statements() -> Checked:
    """Hold the JSON of every published statement to its SHA-256."""
    rows = ReportStatement.objects.select_related("report__period__year").order_by("pk")
    found = (
        (f"The statement {row}", row.text.encode(), row.sha256)
        for row in rows.iterator(chunk_size=_AT_ONCE)
    )
    return _checked(found)


def stored_files() -> Checked:
    """Hold the content of every stored file that is kept to its SHA-256."""
    rows = Upload.objects.filter(state=UploadState.STORED).exclude(content=b"").order_by("pk")
    found = (
        (f"The file of {row}", _content(row), row.sha256) for row in rows.iterator(chunk_size=1)
    )
    return _checked(found)


def _content(row: Upload) -> bytes:
    """The file; nothing, which no SHA-256 is of, where it cannot be unpacked any more."""
    try:
        return file_content(row)
    except zlib.error:
        return b""


def _checked(found: Iterator[tuple[str, bytes, str]]) -> Checked:
    count, differ = 0, []
    for name, content, sha256 in found:
        count += 1
        if hashlib.sha256(content).hexdigest() != sha256:
            differ.append(f"{name} is not what its SHA-256 says.")
    return Checked(count, differ)
