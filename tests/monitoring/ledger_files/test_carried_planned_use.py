"""A ledger's file without planned use keeps that of the month before, and says how much it is.

A council that was to overspend by £0.583m showed £2.155m once, because its next file had no column
of planned use: £1.192m of reserves and £0.380m of receipts had gone without a word.
"""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse

from monitoring.uploading.models import Upload
from tests.councils.loaded import load_pack
from tests.councils.packs import facts_of, nodes_of, publish, write_pack
from tests.quick_cases import quick_first

SERVICES = "code,name,parent_code\nTOP,Council,\nCARE,Care,TOP\nROADS,Roads,TOP\n"
MONTH_1 = (
    "service_code,cost_centre,account,current_budget,actual_to_date,forecast,"
    "planned_use_of_reserves,planned_use_of_capital_receipts\n"
    "CARE,C1,NET,90000000,7000000,91700000,-1000000,-380000\n"
    "CARE,C2,NET,8000000,600000,8192000,-192000,\n"
    "ROADS,R1,NET,30000000,2000000,30263000,0,0\n"
)
LEDGERS = {
    "position": "cost_centre,account,current_budget,actual_to_date\n"
    "C1,NET,90000000,15000000\nC2,NET,8000000,1300000\nR1,NET,30000000,5000000\n",
    "actuals": "cost_centre,account,actual_to_date\n"
    "C1,NET,15000000\nC2,NET,1300000\nR1,NET,5000000\n",
    "budgets": "cost_centre,account,current_budget\n"
    "C1,NET,90000000\nC2,NET,8000000\nR1,NET,30000000\n",
}
RESERVES = (
    "Planned use of reserves of -£1.192m on 2 lines is carried forward from month 1: the file "
    "gives none for them. Enter 0 where it is nil."
)
RECEIPTS = (
    "Planned use of capital receipts of -£0.380m on 1 line is carried forward from month 1: the "
    "file gives none for them. Enter 0 where it is nil."
)


@pytest.mark.parametrize("kinds", quick_first([["position"], ["budgets", "actuals"]]))
def test_a_ledger_without_planned_use_carries_it_and_says_so(client, db, tmp_path, person, kinds):
    files = {"services.csv": SERVICES, "periods/01/position.csv": MONTH_1}
    folder = write_pack(tmp_path, files, settings='[display]\nunit = "m"\n')
    year = load_pack(folder=folder, by=None).year
    publish(year, 1)
    assert nodes_of(facts_of(year, 1))["TOP"]["net_variance"] == 583_000_00
    for kind in kinds:
        file, out = tmp_path / f"{kind}.csv", io.StringIO()
        file.write_text(LEDGERS[kind])
        call_command("upload", kind, str(file), "--year", year.label, "--period", "2", stdout=out)
        assert out.getvalue().splitlines()[:2] == [RESERVES, RECEIPTS]
    top = nodes_of(facts_of(year, 2))["TOP"]
    assert (top["gross_variance"], top["net_variance"]) == (2_155_000_00, 583_000_00)
    client.force_login(person("finance_officer"))
    upload = Upload.objects.order_by("pk").last()
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert RESERVES in page and RECEIPTS in page
