"""Charts as SVG in a page."""

from collections.abc import Collection, Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from council_finance.charts import Chart
from council_finance.charts.svg import svgs_for_page

register = template.Library()


@register.filter
def svgs(chart: Chart) -> SafeString:
    """Return a chart's drawings, made of escaped texts and numbers alone."""
    return mark_safe(svgs_for_page(chart.drawing))


@register.filter
def chart_cells(row: Iterable[str], text_columns: Collection[int]) -> SafeString:
    """Return the HTML of a row of a chart's table: its heading, then figures or words."""
    cells = []
    for number, text in enumerate(row):
        if number == 0:
            cells.append(f'<th scope="row">{escape(text)}</th>')
        else:
            look = "" if number in text_columns else ' class="numeric figure"'
            cells.append(f"<td{look}>{escape(text)}</td>")
    return mark_safe("".join(cells))
