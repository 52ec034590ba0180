"""Errors for programs as problem details (RFC 9457): what is wrong and what to do, in sentences."""

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

PROBLEM_TYPE = "application/problem+json"
NOT_KEPT = "private, no-store"
_FOR_PROGRAMS = ("/api/", "/odata/")


def is_for_programs(request: HttpRequest) -> bool:
    """Return whether the address is one that programs read, and no page."""
    return request.path_info.startswith(_FOR_PROGRAMS)


def problem(
    status: int, title: str, detail: str, *, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """Return the answer for an error: `title` names its kind, `detail` says what to do."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    content = json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"
    answer = HttpResponse(content, status=status, content_type=PROBLEM_TYPE)
    answer["Cache-Control"] = NOT_KEPT
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer
