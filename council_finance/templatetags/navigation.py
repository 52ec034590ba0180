"""Template tags for menus, for addresses in tables, and for what a search finds."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import template
from django.contrib.auth.models import AnonymousUser
from django.template import Context

from council_finance import registry
from council_finance.addresses import Addresses, address_of

register = template.Library()


@dataclass(frozen=True)
class MenuLink:
    """A page in a menu, as templates show it."""

    label: str
    url: str
    is_here: bool
    purpose: str = ""


@register.simple_tag(takes_context=True)
def menu_links(context: Context, menu: str, here: str, *arguments: int) -> list[MenuLink]:
    """Return the links of a menu that the reader sees.

    `here` is the name of the page's own item, or of the menu that it opens; `arguments` are the
    year and the period of a period's menu. Read from the context: user, `partly` (the draft of the
    reader's own part is shown) and `query` (the version that is shown, for an address).
    """
    return list(_build_links(context, registry.Menu(menu), here, arguments))


def _build_links(
    context: Context, menu: registry.Menu, here: str, arguments: tuple[int, ...]
) -> Iterator[MenuLink]:
    user = context.get("user") or AnonymousUser()
    query = str(context.get("query") or "")
    for item in registry.menu_items(menu, user, own_part=bool(context.get("partly"))):
        url = address_of(item.name, *arguments)
        yield MenuLink(
            label=item.label,
            url=f"{url}{query}" if item.keeps_version else url,
            is_here=bool(here) and here in (item.name, item.opens),
            purpose=item.purpose,
        )


@register.simple_tag
def what_is_found() -> str:
    """Return what a search finds: services, cost centres and what apps add, one of each."""
    nouns = ("service", "cost centre", *registry.finder_nouns())
    *others, last = [f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}" for noun in nouns]
    return f"{', '.join(others)} or {last}"


@register.filter
def at(code: str, page: Addresses) -> str:
    """Return the address of a page for a code."""
    return page.at(code)
