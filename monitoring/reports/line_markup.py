"""Draw the rows of the table of lines on the page of a service.

They are drawn here and not in the template, which would run through the same tags for each of a
hundred lines: a third of the page's time. Everything is escaped but amounts, which are digits,
commas, points and signs; what all rows share is escaped once.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe


def draw_lines(
    rows: Iterable[Mapping[str, Any]], lines_at: str, query: str, *, with_available: bool
) -> SafeString:
    """Return the rows of the table; `lines_at` is the address of lines' pages, without the id.

    A row has pk, code, name and its figures as texts, and whether it is exempt and unbudgeted.
    `with_available` adds what is committed and what is available.
    """
    lines_at, query = escape(lines_at), escape(query)
    names = ["budget", "actual", "forecast", "variance"]
    if with_available:
        names[2:2] = ["committed", "available"]
    drawn = []
    for row in rows:
        cells = {name: _draw_amount(row[name]) for name in names}
        more = f"{cells['committed']}{cells['available']}" if with_available else ""
        drawn.append(
            f"""
      <tr>
        {_draw_name(row, lines_at, query)}
        {cells["budget"]}
        {cells["actual"]}
        {more}
        {cells["forecast"]}
        <td class="quiet">{escape(row["source"])}</td>
        {cells["variance"]}
      </tr>
      """
        )
    return mark_safe("".join(drawn))


def _draw_name(row: Mapping[str, Any], lines_at: str, query: str) -> str:
    """Draw the head of a row: the line's code, which leads to its page, marks and description.

    `lines_at` and `query` are escaped already.
    """
    marks = "".join(
        f' <span class="quiet">{mark}</span>' for mark in ("exempt", "unbudgeted") if row[mark]
    )
    return (
        f'<th scope="row"><a class="govuk-link" href="{lines_at}{row["pk"]}/'
        f'{query}">{escape(row["code"])}</a>{marks}'
        f'<span class="grid__name">{escape(row["name"])}</span></th>'
    )


def _draw_amount(text: str) -> str:
    return f'<td class="numeric figure">{text}</td>'
