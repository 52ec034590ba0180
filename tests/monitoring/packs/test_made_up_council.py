"""The made-up council: the same files every time, which load, cast and are explained."""

import hashlib

import pytest

from council_finance.statements.casting import ROUNDING
from monitoring.commentary.selectors import commentary_rows
from monitoring.models import FinancialYear, Period, Report, Service, Virement
from monitoring.packs.demo import load_full_year
from monitoring.packs.made_up.ledger import Ledger, make_lines
from monitoring.packs.made_up.packs import write_packs
from monitoring.packs.made_up.tree import read_council, reorganise
from monitoring.packs.made_up.virements import add_virements
from monitoring.packs.services import load_pack
from monitoring.people.selectors.directorates import directorates
from monitoring.reports.checks import check_report, check_year
from monitoring.reports.selectors.report_data import ReportData, current_data
from monitoring.reports.selectors.statements import year_statement
from monitoring.reports.selectors.year_data import current_year_data

SMALL_DIGEST = "bc930999eeba92e4020368cf960f812e134d1b0143cc6b51c9d458a0c438b4b0"
FULL_DIGEST = "d66462fd5d4d89963a40ba7d237cc71545fde5a80c432a183514aae1c21dcff9"


_OF_THE_YEAR = ("virements.csv", "reserve_movements.csv") + tuple(
    f"{name}.csv" for name in ("decisions", "decision_effects", "sign_offs")
)
"""The files in a month's folder that add to the year and are not the month's alone."""


def digest(folder) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def statuses(facts: ReportData) -> set[str]:
    return {check.status for check in check_report(facts)}


def unexplained(facts: ReportData) -> list[str]:
    return [row.node.key for row in commentary_rows(facts) if row.due and not row.explained]


def test_the_same_bytes_every_time(tmp_path):
    write_packs(tmp_path, most=1)
    assert digest(tmp_path) == SMALL_DIGEST


def test_the_council_is_as_large_as_one():
    council = read_council()
    lines = make_lines(council, 2023)
    assert (len(council.services), len(lines)) == (335, 2357)
    assert len({line.key for line in lines}) == len(lines)
    assert len({row.code for row in council.rows}) == len(council.rows)
    later = reorganise(council)
    names = {row.code: row.name for row in later.rows}
    assert {(names[old], names[new]) for old, new in later.homes.items()} == {
        ("Youth service, north", "Youth service"),
        ("Youth service, south", "Youth service"),
        ("Accountancy, adults and children", "Financial management"),
        ("Accountancy, place", "Financial management"),
        ("Accountancy, corporate", "Financial management"),
    }


def test_a_virement_that_is_taken_back_leaves_the_budget_as_it_was():
    council = read_council()
    ledger = Ledger(2023, make_lines(council, 2023))
    add_virements(ledger, through=13, pending=False)
    [taken_back] = [leg for leg in ledger.legs if leg.reverses]
    [original] = [leg for leg in ledger.legs if leg.reference == taken_back.reverses]
    assert (original.giver, original.receiver) == (taken_back.receiver, taken_back.giver)
    cells = {
        month: {each.line.key: each.budget for each in ledger.month(month)} for month in (8, 9, 10)
    }
    key = original.receiver.key
    assert cells[9][key] - cells[8][key] == original.amount
    assert cells[10][key] == cells[8][key]


@pytest.fixture
def second_year(db, tmp_path):
    """The small council's year under way, with two months published and one open."""
    *_, pack = write_packs(tmp_path, most=1)
    settings = pack / "pack.toml"
    text = settings.read_text(encoding="utf-8").replace("[1, 2, 3, 4]", "[1, 4]")
    settings.write_text(text, encoding="utf-8")
    for month in ("02", "03"):
        for path in (pack / "periods" / month).iterdir():
            if path.name not in _OF_THE_YEAR:
                path.unlink()
    return load_pack(folder=pack, by=None).year


@pytest.mark.slow
def test_a_small_council_loads_and_casts(second_year):
    assert second_year.label == "2024/25"
    for number in (1, 4, 5):
        facts = current_data(Period.objects.get(year=second_year, number=number))
        assert statuses(facts) <= {"agrees", ROUNDING}, number
        assert (unexplained(facts) == []) == (number != 5)
    assert facts.top.lines_carried > 0
    assert [each.name for each in directorates(second_year)][:2] == [
        "Adult social care",
        "Children and families",
    ]


@pytest.mark.slow
def test_the_whole_council_loads_casts_and_is_signed_off(db, tmp_path):
    said: list[str] = []
    load_full_year(tmp_path, say=said.append)
    assert digest(tmp_path) == FULL_DIGEST
    assert len(said) == 3 + 13 + 4
    reports = Report.objects.filter(period__year__start__in=(2023, 2024))
    assert reports.count() == 17
    for period in Period.objects.filter(year__start__in=(2023, 2024), batch__isnull=False):
        if period.number == 0:
            continue
        facts = current_data(period)
        assert statuses(facts) <= {"agrees", ROUNDING}, period
        if period.is_published:
            assert unexplained(facts) == [], period
            assert set(facts.commentary) == set(facts.sign_offs), period
    for each in FinancialYear.objects.filter(start__in=(2023, 2024)):
        of_year = current_year_data(each)
        assert {check.status for check in check_year(of_year)} <= {"agrees", ROUNDING}, each
        council = year_statement(of_year, "plan-to-ledger").rows[0]
        assert council.cells["difference"].text == "0", each
    year = FinancialYear.objects.get(start=2023)
    moved = Service.objects.get(year=year, name="Community safety")
    assert moved.parent.code == "PLACE"
    late = Virement.objects.filter(year=year, reference="V23-006").get()
    assert late.period == 4
    month_5, month_6 = (
        Report.objects.get(period__year=year, period__number=number) for number in (5, 6)
    )
    assert not month_5.virements.filter(pk=late.pk).exists()
    assert month_6.virements.filter(pk=late.pk).exists()
