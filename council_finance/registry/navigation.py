"""The menus of the site and the pages that apps add to them."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from council_finance.registry.order import Register


class Menu(StrEnum):
    """The site's menus: every page's, the settings', a period's, those of its parts, and data's."""

    SITE = "site"
    SETTINGS = "settings"
    PERIOD = "period"
    YEAR = "year"
    BALANCES = "balances"
    DECISIONS = "decisions"
    DATA = "data"


class MenuItem(NamedTuple):
    """A page in a menu. In the menus of a period its address takes a year and a period.

    `name` is that of its address, `after` that of the item it follows. `shown_to` says of a person
    who is logged in whether they see it; without it everybody does. `keeps_version` says that the
    page shows an earlier version of a report too, `for_own_part` that it has something for people
    who read the draft of their own part alone. `opens` is the menu that its page and others share.
    `purpose` says in a sentence what is done on the page; the pages of settings and of data for
    other programs print it.
    """

    menu: Menu
    name: str
    label: str
    after: str = ""
    shown_to: Callable[[Any], bool] | None = None
    keeps_version: bool = False
    for_own_part: bool = True
    opens: Menu | None = None
    purpose: str = ""


_menus: dict[Menu, Register[MenuItem]] = {
    menu: Register(f"{menu} menu item", "navigation") for menu in Menu
}


def register_menu_item(item: MenuItem) -> None:
    """Add a page to a menu."""
    _menus[item.menu].add(item.name, item, after=item.after)


def menu_items(menu: Menu, user: Any, *, own_part: bool = False) -> list[MenuItem]:
    """Return the items of a menu that a person sees, in order; `user` may be anonymous.

    `own_part` says that the page shows the draft of the person's own part alone.
    """
    return [
        item
        for item in _menus[menu].in_order().values()
        if _is_shown(item, user) and (item.for_own_part or not own_part)
    ]


def _is_shown(item: MenuItem, user: Any) -> bool:
    return item.shown_to is None or (user.is_authenticated and item.shown_to(user))
