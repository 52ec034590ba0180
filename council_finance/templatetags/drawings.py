"""Charts as SVG in a page."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from council_finance.charts import Chart
from council_finance.charts.svg import svgs_for_page

register = template.Library()


@register.filter
def svgs(chart: Chart) -> SafeString:
    """Return a chart's drawings, made of escaped texts and numbers alone."""
    return mark_safe(svgs_for_page(chart.drawing))
