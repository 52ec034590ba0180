"""Use the product with the app of allotments in it, and print as JSON what it shows.

Run by tests/project/test_adding_an_app.py in a copy of the project, with its own database.
"""

import io
import json
import os
import re
import sys
from pathlib import Path

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "council_finance.settings"
sys.path.insert(0, os.getcwd())
django.setup()

# Models can be imported only now.
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

from allotments.models import Rent  # noqa: E402
from council_finance import audit, registry  # noqa: E402
from council_finance.accounts.models import Role, User  # noqa: E402
from council_finance.errors import Refused  # noqa: E402
from monitoring.models import FinancialYear, Report, ReportStatement  # noqa: E402
from monitoring.packs.services import load_pack  # noqa: E402
from monitoring.reports.selectors.report_data import published_data  # noqa: E402
from monitoring.uploading.services.uploads import upload_file  # noqa: E402

PLACE = [2021, 1]


def command(name: str, *arguments: str) -> str:
    """Return what a command prints."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    call_command(name, *arguments, "--year", "2021/22", "--period", "1", stdout=out)
    out.flush()
    return out.buffer.getvalue().decode()


def refusal(year: FinancialYear, content: str) -> str:
    """Return why a file of rents is refused."""
    try:
        upload_file(
            kind="allotments",
            year=year,
            period=2,
            content=content.encode(),
            file_name="allotments.csv",
            by=None,
        )
    except Refused as error:
        return str(error)
    return ""


def pages(year: FinancialYear) -> dict[str, str]:
    """Return the pages that show the app, as a finance lead reads them."""
    setup_test_environment()
    lead = User.objects.create(username="lead", role=Role.FINANCE_LEAD)
    audit.record(by=lead, action="looked", on="allotments 2021/22 period 1")
    client = Client()
    client.force_login(lead)
    addresses = {
        "overview": reverse("overview", args=PLACE),
        "report": reverse("report", args=PLACE),
        "allotments": reverse("allotments", args=PLACE),
        "month": reverse("month", args=[2021, 2]),
        "upload": reverse("upload-for-period", args=[2021, 2]),
        "search": reverse("search"),
        "settings": reverse("settings-year", args=[2021]),
        "setting": reverse("settings-table", args=[2021, "allotments"]),
        "audit": reverse("audit"),
    }
    found = {}
    for name, address in addresses.items():
        response = client.get(address)
        assert response.status_code == 200, (name, response.status_code)
        found[name] = re.sub(r"\s+", " ", response.content.decode())
    return found


def main(pack: Path) -> dict[str, object]:
    """Load the pack, change what was published, and return what the product shows of it."""
    call_command("migrate", verbosity=0)
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())
    year = load_pack(folder=pack, by=None).year
    report = Report.objects.get(period__number=1)
    settings = registry.settings_tables()["allotments"]
    found = {
        "rents": list(Rent.objects.order_by("site").values_list("site", "rent_pence")),
        "sha256": ReportStatement.objects.get(report=report, name="allotment-rents").sha256,
        "statements": list(registry.statements()),
        "settings": [settings.title, settings.fields[0].label],
        "preview": registry.preview_settings(
            "allotments", published_data(report), 10_000
        ).sentences,
        "wrong_setting": wrong_setting(),
        "found": [
            (heading, [each.label for each in results])
            for heading, results in registry.find(published_data(report), ["field"])
        ],
        "twice": refusal(year, "site,service_code,rent\nField,HOME,5\nField,HOME,6\n"),
    }
    Rent.objects.update(rent_pence=1)
    return found | {
        "csv": command("statement", "allotment-rents", "--format", "csv"),
        "checks": json.loads(command("check_report", "--format", "json")),
        "pages": pages(year),
        "changed_setting": change_least_rent(year),
    }


def change_least_rent(year: FinancialYear) -> list[str]:
    """Return the pages that answer a change of the least rent, and the setting stored then."""
    upload_file(
        kind="allotments",
        year=year,
        period=2,
        content=b"site,service_code,rent\nMill Hill,BUSES,80.50\n",
        file_name="allotments.csv",
        by=None,
    )
    client = Client()
    client.force_login(User.objects.create(username="changes", role=Role.FINANCE_LEAD))
    address = reverse("settings-table", args=[2021, "allotments"])
    shown = re.search(r'name="shown" value="(\w+)"', client.get(address).content.decode())[1]
    answers = [
        client.post(address, {"least_rent": rent, "shown": shown, "do": button})
        for rent, button in (("-", "preview"), ("£100", "preview"), ("£100.50", "store"))
    ]
    pages = [re.sub(r"\s+", " ", answer.content.decode()) for answer in answers[:2]]
    return [*pages, json.dumps(FinancialYear.objects.get(start=2021).settings["allotments"])]


def wrong_setting() -> str:
    """Return why a wrong setting is refused."""
    try:
        registry.read_values({"allotments": {"least_rent": "much"}})
    except registry.SettingsError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
