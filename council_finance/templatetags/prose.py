"""The filter that draws a plain text with its paragraphs and lists."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from council_finance.prose import Block, NumberedList, Paragraph, shorten_text, text_blocks

register = template.Library()

_IN_A_TABLE = 400
"""Characters of a text that a table shows."""


@register.filter
def prose(text: str) -> SafeString:
    """Return the HTML of a text: a paragraph or a list for each block, all of it escaped."""
    return format_html_join("", "{}", ((_draw_block(block),) for block in text_blocks(text)))


def _draw_block(block: Block) -> SafeString:
    if isinstance(block, Paragraph):
        lines = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in block.lines))
        return format_html('<p class="govuk-body">{}</p>', lines)
    items = format_html_join("", "<li>{}</li>", ((item,) for item in block.items))
    if not isinstance(block, NumberedList):
        return format_html('<ul class="govuk-list govuk-list--bullet">{}</ul>', items)
    start = format_html(' start="{}"', block.start) if block.start != 1 else ""
    return format_html('<ol class="govuk-list govuk-list--number"{}>{}</ol>', start, items)


@register.filter
def shortened(text: str) -> str:
    """Return the beginning of a text, for a table; the whole of it is on its own page."""
    return shorten_text(text, _IN_A_TABLE)
