"""The page of the capital programme in the menu of a period."""

from council_finance.registry import Menu, MenuItem, register_menu_item

register_menu_item(
    MenuItem(Menu.PERIOD, "capital", "Capital", keeps_version=True, for_own_part=False)
)
