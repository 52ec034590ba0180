"""The filter that draws a figure with its sense, as accountants write it."""

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
