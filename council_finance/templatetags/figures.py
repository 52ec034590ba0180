"""The filters that draw figures with their sense, as accountants write it."""

from collections.abc import Iterable
from typing import Protocol

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_AROUND = {
    sense: (
        f'<span class="sense" aria-hidden="true">{letter}</span>',
        f'<span class="govuk-visually-hidden"> {sense}</span>',
    )
    for sense, letter in (("adverse", "A"), ("favourable", "F"))
}


@register.filter
def sensed(text: str, sense: str) -> SafeString:
    """Return the HTML of a printed figure: the letter before it, the word for those who listen.

    `sense` is adverse, favourable or nothing. A page has hundreds: a template for each would take
    most of its time.
    """
    before, after = _AROUND.get(sense, ("", ""))
    return mark_safe(f"{before}{conditional_escape(text)}{after}")


class TintedFigure(Protocol):
    """A figure of a heat map: its text, its sense, and 1 to 3 by its size."""

    text: str
    sense: str
    tint: int


@register.filter
def heat_cells(cells: Iterable[TintedFigure]) -> SafeString:
    """Return the HTML of the figures of a heat map's row, for the same reason in one piece."""
    return mark_safe("".join(_heat_cell(cell) for cell in cells))


def _heat_cell(cell: TintedFigure) -> str:
    tint = f" heat--{cell.sense}-{cell.tint}" if cell.sense else ""
    return f'<td class="numeric figure{tint}">{sensed(cell.text, cell.sense)}</td>'


@register.filter
def counted(number: int | None) -> str:
    """Return a count as printed, with separators of thousands: `2,000`; "" where there is none."""
    return "" if number is None else f"{number:,}"
