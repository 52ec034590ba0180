"""Addresses of pages that differ in their code alone, for tables of hundreds of links."""

from urllib.parse import quote

from django.urls import reverse

_MARK = "-code-"
_KEPT_BY_REVERSE = "!$&'()*+,;=/~:@"
"""The characters that `reverse` writes as they are, beside letters, digits and -._"""


class Addresses:
    """The addresses of a page by the code in them, found once for all codes."""

    def __init__(self, page: str, *place: int) -> None:
        """Take the name of the page, and the arguments before the code, such as year and period."""
        address = reverse(page, args=[*place, _MARK])
        self._before, _, self._after = address.rpartition(_MARK)

    def at(self, code: str) -> str:
        """Return the address of the page of a code, as `reverse` would."""
        return f"{self._before}{quote(code, safe=_KEPT_BY_REVERSE)}{self._after}"
