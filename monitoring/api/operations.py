"""The operations of the API: each view says of itself what the OpenAPI document lists."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from council_finance.accounts.models import TokenKind
from monitoring.api.authentication import by_token
from monitoring.api.problems import NOT_KEPT, Problem, problem

READING = ("GET", "HEAD", "OPTIONS")

Answer = HttpResponseBase | Mapping[str, Any]
View = Callable[..., Answer]


@dataclass(frozen=True)
class Operation:
    """A reading operation as the OpenAPI document describes it.

    `path` is the address after /api/v1 as the document writes it, `answer` the schema of what is
    returned, `query` the parameters after the question mark, `statuses` the errors that it can
    return beside those of every operation. `cached` says that the answer may have an ETag. `files`
    are the media types of an operation that returns a file instead of JSON.
    """

    path: str
    name: str
    summary: str
    description: str
    answer: str
    query: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()
    cached: bool = False
    files: tuple[str, ...] = ()


_operations: dict[str, Operation] = {}


def operations() -> list[Operation]:
    """Return every operation, in the order in which the views have them."""
    return list(_operations.values())


def reads(operation: Operation) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """Return a decorator for a view that reads with a token; it becomes part of the document.

    The view returns data or an answer. What it raises as `Problem`, a method that writes, and
    parameters that the operation does not have are answered with problem details.
    """
    _operations[operation.path] = operation

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                _refuse_unknown_parameters(request, operation)
                made = view(request, *args, **kwargs)
            except Problem as error:
                return problem(error.status, error.title, error.detail)
            return made if isinstance(made, HttpResponseBase) else json_answer(made)

        return read_only(by_token(TokenKind.READ)(answer))

    return decorate


def read_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return the view for GET and HEAD; OPTIONS says so, and other methods are refused."""

    @wraps(view)
    def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        allowed = {"Allow": ", ".join(READING)}
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={**allowed, "Cache-Control": NOT_KEPT})
        if request.method not in READING:
            detail = "This address is only read: use GET."
            return problem(405, "Method not allowed", detail, headers=allowed)
        return view(request, *args, **kwargs)

    return check


def json_answer(data: Mapping[str, Any]) -> HttpResponse:
    """Return data as JSON that nobody keeps."""
    content = json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"
    answer = HttpResponse(content, content_type="application/json")
    answer["Cache-Control"] = NOT_KEPT
    return answer


def _refuse_unknown_parameters(request: HttpRequest, operation: Operation) -> None:
    """Refuse unknown parameters: a program would believe that the answer took them into account."""
    for name, values in request.GET.lists():
        if name not in operation.query:
            known = ", ".join(operation.query)
            takes = f"It takes {known}." if known else "It takes none."
            raise Problem(400, "Unknown parameter", f"There is no parameter “{name[:40]}”. {takes}")
        if len(values) > 1:
            raise Problem(400, "Parameter given twice", f"Give “{name}” once.")
