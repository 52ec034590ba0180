"""Send a long page of the forecast grid in parts: a browser shows its head while rows are drawn."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.crypto import get_random_string
from django.utils.safestring import SafeString, mark_safe

from monitoring.forecasts.row_markup import RowMarkup
from monitoring.forecasts.selectors.lines import GridLine

FIRST_LINES = 60
"""The number of lines that are drawn first: more than a screen shows."""

_LINES_A_PART = 100


class PageRows:
    """The rows of a page; after the first, marks stand in the page until it is sent.

    A mark has a random text of its own page in it, so no text of a person can be taken for one.
    """

    def __init__(self, markup: RowMarkup) -> None:
        self.markup = markup
        self.left_to_draw = FIRST_LINES
        self.parts: list[list[GridLine]] = []
        self.mark = get_random_string(20)

    def draw(self, lines: list[GridLine]) -> SafeString:
        """Return the rows of the first lines of a page, and marks in the place of later ones."""
        first, later = lines[: self.left_to_draw], lines[self.left_to_draw :]
        self.left_to_draw -= len(first)
        marks = ""
        for start in range(0, len(later), _LINES_A_PART):
            marks += f"<!--{self.mark}-->"
            self.parts.append(later[start : start + _LINES_A_PART])
        return mark_safe(self.markup.draw(first).decode() + marks)

    def fill(self, page: str) -> Iterator[bytes]:
        """Yield the page in parts, with rows in the place of the marks."""
        texts = re.split(f"<!--{self.mark}-->", page)
        yield texts[0].encode()
        for lines, text in zip(self.parts, texts[1:], strict=True):
            yield self.markup.draw(lines) + text.encode()


def respond(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    draw_lines: Callable[[], Iterator[bytes]],
    *,
    status: int,
    whole: bool,
) -> HttpResponseBase:
    """Return the page, with the lines in the place of `lines` in its template.

    Unless the page is sent `whole`, so that its length is known, the lines are read and drawn when
    the head has been sent; the rights must have been checked by then.
    """
    get_token(request)  # sets the cookie of the forms, while there is still a head to put it in
    mark = f"<!--{get_random_string(20)}-->"
    page = render_to_string(template, {**context, "lines": mark_safe(mark)}, request)
    before, after = page.split(mark)
    parts = chain([before.encode()], draw_lines(), [after.encode()])
    if whole:
        return HttpResponse(b"".join(parts), status=status)
    return StreamingHttpResponse(parts, status=status)
