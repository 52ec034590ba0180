"""The comparison of published statements and stored files with their SHA-256."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from isal.igzip_lib import IsalError

from monitoring.published.models import ReportDocument, ReportStatement
from monitoring.uploading.models import Upload, UploadState
from monitoring.uploading.selectors.uploads import file_content

_AT_ONCE = 20


@dataclass(frozen=True)
class Checked:
    """The number of rows compared, and a sentence for each that differs."""

    count: int
    differ: list[str]


def published_statements() -> Checked:
    """Compare the JSON of every published statement with its SHA-256."""
    rows = ReportStatement.objects.select_related("report__period__year").order_by("pk")
    found = (
        (f"The statement {row}", row.text.encode(), row.sha256)
        for row in rows.iterator(chunk_size=_AT_ONCE)
    )
    return _compare_rows(found)


def published_documents() -> Checked:
    """Compare the blocks of every published document with their SHA-256."""
    rows = ReportDocument.objects.select_related("report__period__year").order_by("pk")
    found = (
        (f"The {row}", row.text.encode(), row.sha256) for row in rows.iterator(chunk_size=_AT_ONCE)
    )
    return _compare_rows(found)


def stored_files() -> Checked:
    """Compare the content of every stored file that is kept with its SHA-256."""
    rows = Upload.objects.filter(state=UploadState.STORED).exclude(content=b"").order_by("pk")
    found = (
        (f"The file of {row}", _unpack_file(row), row.sha256) for row in rows.iterator(chunk_size=1)
    )
    return _compare_rows(found)


def _unpack_file(row: Upload) -> bytes:
    """Return the file; nothing, so that its SHA-256 differs, where it cannot be unpacked."""
    try:
        return file_content(row)
    except IsalError:  # type: ignore[misc]  # isal's types name it an instance, not a class
        return b""


def _compare_rows(found: Iterator[tuple[str, bytes, str]]) -> Checked:
    count, differ = 0, []
    for name, content, sha256 in found:
        count += 1
        if hashlib.sha256(content).hexdigest() != sha256:
            differ.append(f"{name} is not what its SHA-256 says.")
    return Checked(count, differ)
