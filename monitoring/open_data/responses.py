"""Answers with the flat table as a file, sent while it is made."""

import hashlib
from collections.abc import Generator, Iterable, Iterator

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from monitoring.open_data.flat_rows import FlatRow
from monitoring.open_data.writers import TableFormat
from monitoring.published.models import Report, ReportStatement

_TABLE_VERSION = 1
"""To be raised when the same reports give other rows: programs then read them again."""


def table_response(
    request: HttpRequest,
    rows: Iterable[FlatRow],
    chosen: TableFormat,
    *,
    name: str,
    seal: str = "",
) -> HttpResponseBase:
    """Return the rows as a file of that name; 304 for who has the one with that `seal`.

    Without a seal, as for a draft, nobody may keep the file.
    """
    if seal:
        tag = f'"{hashlib.sha256(f"{seal} {chosen.name}".encode()).hexdigest()}"'
        if known := get_conditional_response(request, etag=tag):
            return known
    parts = _BegunParts(chosen.write(rows))
    response = StreamingHttpResponse(parts, content_type=chosen.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{chosen.name}"'
    response["Cache-Control"] = "private, no-store"
    if seal:
        response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


class _BegunParts:
    """Parts of which the first is made already: what fails there can still be said in an answer.

    Closed early, as for a client that goes away, they remove what they keep in a folder.
    """

    def __init__(self, parts: Generator[bytes]) -> None:
        self._parts = parts
        self._first: bytes | None = next(parts, b"")

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first is None:
            return next(self._parts)
        first, self._first = self._first, None
        return first

    def close(self) -> None:
        """End the parts."""
        self._parts.close()


def seal_of(reports: Iterable[Report], *more: str) -> str:
    """Return a SHA-256 of those of the statements that the reports were published with.

    `more` is what else the rows depend on, such as the statements chosen.
    """
    wanted = ReportStatement.objects.filter(report__in=[report.pk for report in reports])
    digest = hashlib.sha256(f"{_TABLE_VERSION}\n{more!r}\n".encode())
    for row in wanted.order_by("report_id", "name").values_list("report_id", "name", "sha256"):
        digest.update(f"{row!r}\n".encode())
    return digest.hexdigest()
