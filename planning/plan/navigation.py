"""The page of the plan in the menus of a year and of a period."""

from council_finance.registry import Menu, MenuItem, register_menu_item
from monitoring.people.rights import may_see_drafts

register_menu_item(MenuItem(Menu.YEAR, "plan", "Medium-term plan", shown_to=may_see_drafts))
register_menu_item(
    MenuItem(Menu.PERIOD, "plan-of-report", "Plan", keeps_version=True, for_own_part=False)
)
