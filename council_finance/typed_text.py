"""What arrives in addresses and forms, before anything looks at it. Pure but for the middleware."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

NUL = "\x00"


def whole_number(text: str, *, digits: int = 6) -> int | None:
    """A number as addresses have it, in at most so many digits; None for anything else."""
    plain = text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if plain else None


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponse]):
    """An address with a NUL in it is bad: no text has one, and PostgreSQL stores none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        values = (value for values in request.GET.lists() for value in (values[0], *values[1]))
        if NUL in request.path_info or any(NUL in value for value in values):
            raise BadRequest("A character in the address cannot be read.")
        return get_response(request)

    return middleware
