"""Pages of a long list."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest

from council_finance.typed_text import whole_number
from monitoring.api.problems import Problem

PAGE, PER_PAGE = "page", "per_page"
USUAL, MOST = 50, 200
_DIGITS = 6


def paged(
    request: HttpRequest, found: QuerySet[Any], describe: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """Return one page of a list, with the addresses of the page before and after it.

    Raise `Problem` where the page or its length cannot be read.
    """
    page = _read_number(request, PAGE, 1, 10**_DIGITS - 1)
    per_page = _read_number(request, PER_PAGE, USUAL, MOST)
    count, start = found.count(), (page - 1) * per_page
    last = max(1, -(-count // per_page))

    def address(number: int) -> str:
        query = urlencode({PAGE: number, PER_PAGE: per_page})
        return request.build_absolute_uri(f"{request.path}?{query}")

    return {
        "count": count,
        "page": page,
        "per_page": per_page,
        "previous": address(min(page - 1, last)) if page > 1 else None,
        "next": address(page + 1) if page < last else None,
        "items": [describe(each) for each in found[start : start + per_page]],
    }


def _read_number(request: HttpRequest, name: str, usual: int, most: int) -> int:
    typed = request.GET.get(name)
    if typed is None:
        return usual
    number = whole_number(typed, digits=_DIGITS)
    if number is None or not 1 <= number <= most:
        raise Problem(400, "Wrong parameter", f"“{name}” is a whole number from 1 to {most}.")
    return number
