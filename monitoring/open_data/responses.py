"""Answers with the flat table as a file, sent while it is made."""

import hashlib
from collections.abc import Iterable, Iterator

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
    parts = _with_first_made(chosen.write(rows))
    response = StreamingHttpResponse(parts, content_type=chosen.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}.{chosen.name}"'
    response["Cache-Control"] = "private, no-store"
    if seal:
        response["ETag"], response["Cache-Control"] = tag, "private, no-cache"
    return response


def _with_first_made(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Return the parts after making the first: what fails there can still be said in an answer."""
    first = next(parts, b"")

    def send() -> Iterator[bytes]:
        yield first
        yield from parts

    return send()


def seal_of(reports: Iterable[Report], *more: str) -> str:
    """Return a SHA-256 of those of the statements that the reports were published with.

    `more` is what else the rows depend on, such as the statements chosen.
    """
    wanted = ReportStatement.objects.filter(report__in=[report.pk for report in reports])
    digest = hashlib.sha256(f"{_TABLE_VERSION}\n{more!r}\n".encode())
    for row in wanted.order_by("report_id", "name").values_list("report_id", "name", "sha256"):
        digest.update(f"{row!r}\n".encode())
    return digest.hexdigest()
