"""The page of allotments in the menu of a period."""

from council_finance.registry import Menu, MenuItem, register_menu_item

register_menu_item(MenuItem(Menu.PERIOD, "allotments", "Allotments", after="commentary"))
