"""The pages of decisions, contracts and subjectives in the menus of a period."""

from council_finance.registry import Menu, MenuItem, register_menu_item

for _item in (
    MenuItem(
        Menu.PERIOD,
        "decisions",
        "Decisions",
        keeps_version=True,
        for_own_part=False,
        opens=Menu.DECISIONS,
    ),
    MenuItem(Menu.DECISIONS, "decisions", "Decisions", keeps_version=True),
    MenuItem(Menu.DECISIONS, "contracts", "Contracts", after="decisions", keeps_version=True),
    MenuItem(Menu.DECISIONS, "decision-dates", "Calendar", after="contracts", keeps_version=True),
    MenuItem(
        Menu.DECISIONS,
        "subjectives",
        "By subjective",
        after="decision-dates",
        keeps_version=True,
    ),
):
    register_menu_item(_item)
