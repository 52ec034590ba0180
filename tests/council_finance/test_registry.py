"""Names that apps register: each once, in an order that entries state by name."""

import json
import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import AnonymousUser

from council_finance import registry
from council_finance.accounts.models import Role, User
from council_finance.installed_apps import (
    load_registered,
    project_apps,
    subject_apps,
    url_modules,
)
from council_finance.registry import order
from council_finance.registry.order import Register
from tests.conftest import ROOT


@pytest.fixture
def register(monkeypatch) -> Register:
    """A register that the product does not know of."""
    monkeypatch.setattr("council_finance.registry.order._registers", [])
    return Register("statement")


def test_entries_come_directly_after_the_one_they_name_and_else_as_registered(register):
    register.add("annex", 1)
    register.add("debt", 2, after=registry.ALL_OTHERS)
    register.add("savings", 3)
    register.add("control", 4, after="annex")
    register.add("tracker", 5, after="savings")
    register.add("headlines", 6, after="control")
    assert list(register.in_order()) == [
        *("annex", "control", "headlines", "savings", "tracker", "debt"),
    ]
    register.add("history", 7, after="debt")
    assert list(register.in_order().items()) == [
        *(("annex", 1), ("control", 4), ("headlines", 6)),
        *(("savings", 3), ("tracker", 5)),
        *(("debt", 2), ("history", 7)),
    ]


def test_a_name_is_registered_once(register):
    register.add("annex", 1)
    with pytest.raises(ValueError, match="statement annex is registered twice"):
        register.add("annex", 2)


@pytest.mark.parametrize("places", [{"capital": "resrves"}, {"capital": "debt", "debt": "capital"}])
def test_an_entry_after_an_unknown_one_stops_the_start(register, places):
    register.add("reserves", 1)
    for name, after in places.items():
        register.add(name, 2, after=after)
    with pytest.raises(ValueError, match="statement capital comes after “.*Registered: reserves"):
        registry.refuse_unknown_places()


IN_ANOTHER_ORDER = """
import json, sys, django
django.setup()
from council_finance import registry
from council_finance.registry import order
registry.upload_kind("position", per_period=True)
registry.load_registering(frozenset({"changed_years"}))
assert not {"capital.upload_kinds.schemes", "capital.statements"} & sys.modules.keys()
registry.upload_kind("indicators", per_period=True)
found = [list(register.in_order()) for register in reversed(order._registers)]
print(json.dumps(found[::-1]))
"""


def test_whatever_is_needed_first_the_order_is_the_same(tmp_path):
    """Modules are loaded as they are needed in commands, and all at the start of web servers."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "council_finance.settings",
    }
    command = [sys.executable, "-c", IN_ANOTHER_ORDER]
    said = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    load_registered()
    for register, names in zip(order._registers, json.loads(said.stdout), strict=True):
        in_order = list(register.in_order())
        # Sections of a report are read in alphabetical order.
        if set(names) == set(registry.report_sections()):
            in_order, names = sorted(in_order), sorted(names)
        assert names == in_order


def test_statements_stand_in_the_order_of_a_report():
    expected = [
        *("annex-a", "budgetary-control", "section-headlines"),
        *("virements", "budget-reconciliation", "contingency"),
        *("savings-summary", "savings-by-decision", "savings-tracker"),
        *("reserves-earmarked", "reserves-general-fund", "reserves-schedule"),
        *("capital-receipts", "aged-debt"),
    ]
    assert [name for name in registry.statements() if name in expected] == expected


def test_a_pack_loads_first_what_other_files_name():
    expected = [
        *(("services", False), ("position", True)),
        *(("budgets", True), ("actuals", True), ("forecasts", True)),
        *(("profiles", False), ("virements", False), ("commentary", True)),
        *(("savings", False), ("savings", True)),
        *(("reserves", False), ("reserve_movements", False)),
        *(("capital_receipts", False), ("capital_receipts", True)),
        *(("aged_debt", True), ("history", False)),
    ]
    kinds = [(kind.name, kind.per_period) for kind in registry.upload_kinds()]
    assert [kind for kind in kinds if kind in expected] == expected


def test_a_kind_is_registered_once_for_the_year_and_once_for_a_period():
    kind = registry.upload_kind("savings", per_period=True)
    with pytest.raises(ValueError, match="upload kind savings is registered twice"):
        registry.register_upload_kind(kind)


def test_the_apps_are_those_of_the_projects_folder():
    labels = [app.label for app in project_apps()]
    assert labels[:3] == ["council_finance", "accounts", "monitoring"]
    assert {"savings", "reserves"} <= set(labels)
    assert not {"auth", "sessions", "axes", "otp_totp"} & set(labels)
    assert [app.label for app in subject_apps()] == labels[2:]


def test_addresses_are_those_of_every_app_that_has_some():
    assert url_modules()[0] == "monitoring.urls"
    assert {"savings.urls", "reserves.urls"} <= set(url_modules())


REPORT = ["Overview", "Statements", "Commentary", "Savings", "Reserves"]


def labels(menu: registry.Menu, user, **options) -> list[str]:
    items = registry.menu_items(menu, user, **options)
    known = [*REPORT, "Virements", "Month", "Review", "Years", "Reports", "Compare", "People"]
    known += ["Audit trail", "Capital receipts", "Contingency", "Aged debt"]
    return [item.label for item in items if item.label in known]


@pytest.mark.parametrize(
    ("role", "work"),
    [
        (Role.SCRUTINY_MEMBER, []),
        (Role.BUDGET_MANAGER, ["Month"]),
        (Role.DIRECTOR, ["Virements", "Month"]),
        (Role.FINANCE_OFFICER, ["Virements", "Month", "Review"]),
        (Role.FINANCE_LEAD, ["Virements", "Month", "Review"]),
        (Role.ADMINISTRATOR, ["Virements", "Month", "Review"]),
    ],
)
def test_the_menu_of_a_period_has_the_report_and_then_the_work_of_the_role(role, work):
    assert labels(registry.Menu.PERIOD, User(role=role)) == [*REPORT, *work]


def test_the_menu_of_a_draft_of_ones_own_part_leaves_out_pages_of_the_whole():
    manager = User(role=Role.BUDGET_MANAGER)
    shown = labels(registry.Menu.PERIOD, manager, own_part=True)
    assert shown == ["Commentary", "Savings", "Month"]


@pytest.mark.parametrize(
    ("role", "more"),
    [
        (Role.DIRECTOR, []),
        (Role.FINANCE_LEAD, ["Audit trail"]),
        (Role.ADMINISTRATOR, ["People", "Audit trail"]),
    ],
)
def test_the_menu_of_the_site_ends_with_what_few_may_see(role, more):
    assert labels(registry.Menu.SITE, User(role=role)) == ["Years", "Reports", "Compare", *more]


def test_a_stranger_sees_the_report_of_a_period_and_none_of_its_work():
    assert labels(registry.Menu.PERIOD, AnonymousUser()) == REPORT
    assert labels(registry.Menu.BALANCES, AnonymousUser()) == [
        *("Reserves", "Capital receipts", "Contingency", "Aged debt"),
    ]


def test_a_menu_item_and_an_audit_link_are_registered_once():
    with pytest.raises(ValueError, match="period menu item savings is registered twice"):
        registry.register_menu_item(
            registry.MenuItem(registry.Menu.PERIOD, "savings", "Savings again")
        )
    with pytest.raises(ValueError, match="audit link saving {year} {code} is registered twice"):
        registry.register_audit_link("saving {year} {code}", "saving")


def test_settings_of_apps_share_a_table_of_the_pack():
    known = ("display", "commentary", "contingency", "variance-statuses", "virements")
    known += ("savings-statuses", "reserves")
    tables = registry.settings_tables()
    assert [name for name in tables if name in known] == list(known)
    assert tables["savings-statuses"].table == tables["variance-statuses"].table
    assert registry.read_values({})["reserves"] is None
    with pytest.raises(
        registry.SettingsError, match="there is no key “minimum”. The keys are: min"
    ):
        registry.read_values({"reserves": {"minimum": 5}})
    with pytest.raises(registry.SettingsError, match=r"\[virements\] must be a table of keys"):
        registry.read_values({"virements": 5})


def test_a_panel_at_an_unknown_place_stops_the_start():
    with pytest.raises(ValueError, match="panel x: there is no place “overvew”"):
        registry.panel("x", place="overvew", template="x.html")(lambda facts, node: None)
