"""Addresses of pages: kept once they are found, and by code for tables of hundreds of links."""

from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

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


def address_of(page: str, *arguments: int | str) -> str:
    """Return the address of a page by its name, as `reverse` would; the last thousands are kept.

    An address depends on what it is kept by alone, so nothing has to empty them.
    """
    pages = get_urlconf() or settings.ROOT_URLCONF
    return _find_address(pages, get_script_prefix(), page, *arguments)


@lru_cache(maxsize=4_096, typed=True)
def _find_address(pages: str, prefix: str, page: str, *arguments: int | str) -> str:
    """Return the address under the site's prefix, which `reverse` puts before it."""
    return reverse(page, urlconf=pages, args=arguments)
