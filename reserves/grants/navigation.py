"""The page of grants in the menus of a period."""

from council_finance.registry import Menu, MenuItem, register_menu_item

register_menu_item(
    MenuItem(Menu.BALANCES, "grants", "Grants", after="capital-receipts", keeps_version=True)
)
