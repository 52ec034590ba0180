"""The pages of monitoring in the site's menus."""

from council_finance.registry import ALL_OTHERS, Menu, MenuItem, register_menu_item
from monitoring.people.rights import (
    may_keep_people,
    may_read_settings,
    may_review,
    may_see_audit,
    may_see_month,
    may_see_virements,
)

for _item in (
    MenuItem(Menu.SITE, "home", "Years"),
    MenuItem(Menu.SITE, "reports", "Reports", after="home"),
    MenuItem(Menu.SITE, "compare", "Compare", after="reports"),
    MenuItem(Menu.SITE, "people", "People", after=ALL_OTHERS, shown_to=may_keep_people),
    MenuItem(Menu.SITE, "settings", "Settings", after="people", shown_to=may_read_settings),
    MenuItem(Menu.SITE, "audit", "Audit trail", after="settings", shown_to=may_see_audit),
    MenuItem(
        Menu.SETTINGS,
        "council",
        "Council",
        shown_to=may_read_settings,
        purpose="Its name, and the colour and logo at the head of every page.",
    ),
    MenuItem(
        Menu.SETTINGS,
        "set-up",
        "Set-up",
        after=ALL_OTHERS,
        shown_to=may_read_settings,
        purpose="The steps from an empty site to the first month, and what is still to do.",
    ),
    MenuItem(
        Menu.SETTINGS,
        "years",
        "Years",
        shown_to=may_read_settings,
        purpose="Every financial year: roll it forward, take it back, archive it, bring it back.",
    ),
    MenuItem(
        Menu.SETTINGS,
        "people",
        "People",
        shown_to=may_keep_people,
        purpose="Who can log in, their roles and the services they look after.",
    ),
    MenuItem(
        Menu.SETTINGS,
        "layouts",
        "Layouts",
        after="people",
        shown_to=may_read_settings,
        purpose="How your ledgers’ own exports are read: headings, signs, units and steps.",
    ),
    MenuItem(
        Menu.SETTINGS,
        "mail-log",
        "Reminders sent",
        after="people",
        shown_to=may_keep_people,
        purpose="Every mail that reminded somebody of their work: to whom, when, and the result.",
    ),
    MenuItem(Menu.PERIOD, "overview", "Overview", keeps_version=True, for_own_part=False),
    MenuItem(
        Menu.PERIOD,
        "report",
        "Statements",
        after="overview",
        keeps_version=True,
        for_own_part=False,
    ),
    MenuItem(Menu.PERIOD, "commentary", "Commentary", after="report", keeps_version=True),
    MenuItem(
        Menu.PERIOD,
        "warning-signs",
        "Warning signs",
        after="commentary",
        keeps_version=True,
        for_own_part=False,
    ),
    MenuItem(Menu.PERIOD, "virements", "Virements", after=ALL_OTHERS, shown_to=may_see_virements),
    MenuItem(Menu.PERIOD, "month", "Month", after="virements", shown_to=may_see_month),
    MenuItem(Menu.PERIOD, "review", "Review", after="month", shown_to=may_review),
    MenuItem(Menu.BALANCES, "contingency", "Contingency", after=ALL_OTHERS, keeps_version=True),
    MenuItem(Menu.BALANCES, "debt", "Aged debt", after="contingency", keeps_version=True),
):
    register_menu_item(_item)
