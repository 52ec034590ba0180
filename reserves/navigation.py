"""The pages of reserves and capital receipts in the menus of a period."""

from council_finance.registry import Menu, MenuItem, register_menu_item

for _item in (
    MenuItem(
        Menu.PERIOD,
        "reserves",
        "Reserves",
        keeps_version=True,
        for_own_part=False,
        opens=Menu.BALANCES,
    ),
    MenuItem(Menu.BALANCES, "reserves", "Reserves", keeps_version=True),
    MenuItem(
        Menu.BALANCES, "capital-receipts", "Capital receipts", after="reserves", keeps_version=True
    ),
):
    register_menu_item(_item)
