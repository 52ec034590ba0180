"""The page of indicators in the menu of a period."""

from council_finance.registry import Menu, MenuItem, register_menu_item

register_menu_item(MenuItem(Menu.PERIOD, "indicators", "Performance", keeps_version=True))
