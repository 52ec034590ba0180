"""Middleware that refuses every request with a NUL character in it.

PostgreSQL cannot store one and answers with an error; SQLite stores it, after which the database
can no longer be moved to PostgreSQL. Arguments of commands are checked in
`council_finance.commands`, files where they are read.
"""

import re
from collections.abc import Iterator
from itertools import chain
from types import MethodType
from typing import Any
from urllib.parse import unquote

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import ImmutableList, MultiValueDict
from django.views.defaults import bad_request

from council_finance.middleware import GetResponse
from council_finance.problems import is_for_programs, problem
from council_finance.typed_text import NUL, holds_nul

_NUL_IN_JSON = re.compile(rb"\x00|(?<!\\)(?:\\\\)*\\u0000")


def refuse_nul(get_response: GetResponse) -> GetResponse:
    """Answer 400 to a request with a NUL anywhere: address, headers, cookies, form, files, JSON."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if _is_unreadable(request):
            # Answered here: an error would log a traceback for every request of a flood.
            if is_for_programs(request):
                return problem(400, "NUL character", "A NUL character cannot be read or stored.")
            return bad_request(request, BadRequest("A NUL character cannot be stored."))
        return get_response(request)

    return middleware


def _is_unreadable(request: HttpRequest) -> bool:
    """Return whether a text has a NUL, or the form ended before all of it had arrived."""
    try:
        texts = chain(_texts_around(request), _texts_within(request))
        return any(holds_nul(text) for text in texts)
    except (BadRequest, UnreadablePostError):
        return True


def _texts_around(request: HttpRequest) -> Iterator[Any]:
    """Yield the address, the cookies as they are read, and every header, those of htmx decoded."""
    yield request.path_info
    yield dict(request.GET.lists())
    yield dict(request.COOKIES)
    for name, value in request.headers.items():
        yield unquote(value) if name.startswith("Hx-") else value


def _texts_within(request: HttpRequest) -> Iterator[Any]:
    """Yield the content: fields and files of a form, or JSON."""
    # Django's own hook for parsing, replaced on this request alone before it parses the form.
    request.parse_file_upload = MethodType(_parse_file_upload, request)  # type: ignore[method-assign]
    yield dict(request.POST.lists())
    yield list(request.FILES)
    if (request.content_type or "").endswith("json") and _NUL_IN_JSON.search(request.body):
        yield NUL


def _parse_file_upload(
    request: HttpRequest, meta: dict[str, Any], post_data: Any
) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """Do as HttpRequest.parse_file_upload, with the parser that checks the names of files."""
    request.upload_handlers = ImmutableList(request.upload_handlers)
    handlers = list(request.upload_handlers)
    parser = _NulAwareParser(meta, post_data, handlers, request.encoding)
    return parser.parse()


class _NulAwareParser(MultiPartParser):
    """A parser that refuses a file's name with a NUL, which Django would silently take out."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        """Refuse a name with a NUL in it; else do as Django does."""
        if NUL in file_name:
            raise BadRequest("The name of a file has a NUL character in it.")
        return super().sanitize_file_name(file_name)
