"""The recipe of docs/adding-an-app.md: a small app, added by INSTALLED_APPS alone, is everywhere.

The app is in tests/allotments; a copy of the project has it in its folder and in its settings.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import ready_databases
from tests.architecture import Project
from tests.conftest import ROOT
from tests.councils.month import SERVICES
from tests.councils.packs import position, write_pack
from tests.project_copy import copy_project, run_python

RENTS = "site,service_code,rent\nField Lane,HOME,120\nMill Hill,BUSES,80.50\n"
FIGURES = "HOME H1 1000 1000 1100\nBUSES B1 100 100 180\n"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project with the app in it."""
    folder = copy_project(tmp_path_factory.mktemp("project"), new_app="allotments")
    shutil.copytree(
        ROOT / "tests" / "allotments",
        folder / "allotments",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return folder


@pytest.fixture(scope="module")
def shown(project, tmp_path_factory) -> dict[str, Any]:
    """What the product shows once rents have been loaded, published and changed."""
    pack = write_pack(
        tmp_path_factory.mktemp("pack"),
        {
            "services.csv": SERVICES,
            "periods/01/position.csv": position(FIGURES),
            "periods/01/allotments.csv": RENTS,
            "periods/02/position.csv": position(FIGURES),
        },
        publish=(1,),
        settings='[display]\nunit = "pounds"\n[allotments]\nleast_rent = 60\n',
    )
    ready_databases.copy_file(project / "data")
    result = run_python(project, str(ROOT / "tests" / "use_allotments.py"), str(pack))
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])


def test_its_kind_of_file_is_taken_and_checked(shown):
    assert shown["rents"] == [["Field Lane", 12_000], ["Mill Hill", 8_050]]
    assert "this site is on an earlier row too" in shown["twice"]
    assert "Rents of allotments" in shown["pages"]["upload"]


def test_its_statement_is_among_the_downloads_and_frozen_at_publication(shown):
    """The rents were changed afterwards."""
    after = shown["statements"].index("contingency") + 1
    assert shown["statements"][after] == "allotment-rents"
    assert re.fullmatch("[0-9a-f]{64}", shown["sha256"])
    assert shown["csv"].splitlines() == [
        "Site,Rent (£),Service code,Kind of row",
        "Field Lane,120.00,,line",
        "Mill Hill,80.50,,line",
        "Total,200.50,,total",
    ]
    assert "/reports/2021-22/1/allotment-rents.xlsx" in shown["pages"]["report"]


def test_its_check_runs(shown):
    (check,) = [each for each in shown["checks"]["checks"] if "least rent" in each["name"]]
    assert check == {
        "name": "No rent is below the least rent",
        "statement": "allotment-rents",
        "expected": 80.5,
        "actual": 80.5,
        "difference": 0.0,
        "status": "agrees",
    }


def test_its_panel_and_menu_item_are_on_the_pages_of_a_period(shown):
    overview = shown["pages"]["overview"]
    assert "2 sites bring in £201." in overview
    menu = overview[overview.index('aria-label="This period"') :]
    labels = re.findall(r"<a [^>]*>([^<]+)</a>", menu[: menu.index("</nav>")])
    assert labels[2] == "Commentary" and "Allotments" in labels[3:]


def test_its_step_is_in_the_month_with_who_is_due_and_by_when(shown):
    month = shown["pages"]["month"]
    assert '<h2 class="step__title">Allotments</h2>' in month
    assert re.search(r"0 sites have a rent\. <b>[\d,]+ days late \(due 10 June 2021\)</b>", month)
    assert '/2021-22/2/upload/">Rents<span' in month


def test_its_settings_are_read_checked_and_previewed(shown):
    assert shown["settings"] == ["Allotments", "Least rent"]
    assert shown["wrong_setting"] == "[allotments]: least_rent must be a number of pounds."
    assert shown["preview"] == ["The rent of Mill Hill would be below it."]


def test_its_settings_have_a_page_where_they_are_changed(shown):
    assert "<dt>Least rent</dt><dd>£60</dd>" in shown["pages"]["settings"]
    assert "Least rent</label>" in shown["pages"]["setting"]
    assert "Of a plot, a year." in shown["pages"]["setting"]
    nil, preview, stored = shown["changed_setting"]
    assert "<div>£60</div></td><td><div>£0</div>" in nil
    assert "Nothing that is printed there would change." in nil
    assert "<div>£60</div></td><td><div>£100</div>" in preview
    assert "The rent of Mill Hill would be below it." in preview
    assert json.loads(stored) == {"least_rent": 100.5}


def test_its_page_its_audit_link_and_its_search_are_there(shown):
    assert "<h1" in shown["pages"]["allotments"] and "Mill Hill" in shown["pages"]["allotments"]
    assert 'href="/2021-22/1/allotments/"' in shown["pages"]["audit"]
    assert shown["found"] == [["Allotments", ["Field Lane"]]]
    assert " or a site</label>" in shown["pages"]["search"]


def test_its_imports_keep_the_rules(project):
    apps = ("monitoring", "savings", "reserves", "capital", "performance", "planning")
    assert Project(project, (*apps, "allotments")).faults() == []
    result = run_python(project, ".ci/lint_imports.py")
    assert result.returncode == 0, result.stdout
