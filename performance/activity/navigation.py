"""The page of activity in the menu of a period."""

from council_finance.registry import Menu, MenuItem, register_menu_item

register_menu_item(
    MenuItem(Menu.PERIOD, "activity", "Activity", after="savings", keeps_version=True)
)
