"""The totals of a draft, summed in the database, beside those of its lines; and long lists."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capital.budget_sums import sum_budgets
from capital.draft_totals import read_columns
from capital.entry.selectors import budgets_of_schemes
from capital.models import CapitalScheme, ProgrammeChange, PublishedScheme, SchemePosition
from capital.programme_totals import ProgrammeTotals, add_lines
from capital.report_section import draft_section, section_of
from council_finance.accounts.models import Role
from tests.capital.test_capital_pages import words
from tests.capital.test_capital_shapes import FILES
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, period_of, write_pack

pytestmark = pytest.mark.slow

REASONS = (
    "scheme_reference,project,kind,amount,total_amount,reason\n"
    "S1,,rephasing,-70,,Ground\nS1,Lift,cost,,30,Lift\nS2,,cost,25,,Steel\n"
    "S4,,rephasing,-5,,No forecast yet\nV,,cost,1,,An odd one\n"
)
EXTRA = (
    "reference,scheme,programme,service_code,kind,original_budget\n"
    "S4,Pool,Culture,PEOPLE,scheme,90\nS5,Not reported,Culture,,scheme,70\n"
    "S6,Interest,,,financing,\n"
)
NOW = "reference,budget,actual_to_date,forecast,total_forecast\n"
FIGURES = f"{NOW}S1,880.01,300,800,5100\nS2,790,,640,\nS4,95,3,,120\nV,-100,,,\nV2,-50,,,\n"


@pytest.fixture
def council(db, tmp_path):
    """Month 2 published; in month 4, a draft, schemes lack amounts and one moves to Place."""
    year = load_pack(folder=write_pack(tmp_path, FILES, publish=(2,))).year
    bring(year, "capital", EXTRA)
    bring(year, "capital", "reference,scheme,service_code,original_budget\nS1,Library,PLACE,1000\n")
    bring(year, "capital", FIGURES, 4)
    bring(year, "capital_reasons", REASONS, 4)
    return year


def by_group(totals: ProgrammeTotals):
    return {(each.home, each.is_variations): each for each in totals.groups}


def test_sums_in_the_database_are_those_of_the_lines(council):
    for number in (3, 4, 13):
        section = section_of(facts_of(council, number)) if number == 4 else None
        section = section or draft_section(period_of(council, number))
        lines = add_lines(section.schemes, section.reasons_by_scheme, section.changes_by_scheme)
        assert by_group(section.totals) == by_group(lines)
        assert section.totals.variations == lines.variations
        assert read_columns(period_of(council, number)) == lines.columns
    total = draft_section(period_of(council, 4)).totals
    place = by_group(total)["PLACE", False]
    assert (place.lines, place.figures.variance, place.previous_variance) == (3, -230_01, -80_00)
    PublishedScheme.objects.update(scheme=None)
    assert by_group(draft_section(period_of(council, 4)).totals)["PLACE", False] == place
    assert (total.figures_of_schemes.unexplained, total.way.other) == (-185_01, 5_01)
    assert total.columns.incomplete == {"forecast"}, "the pool has a budget and no forecast"


def test_a_long_programme_is_listed_page_by_page(client, person, council):
    """A draft reads the schemes of the page alone; totals are those of all; a search finds some."""
    client.force_login(person(Role.FINANCE_LEAD))
    client.get("/2021-22/4/capital/")
    few = count_queries(client, "/2021-22/4/capital/")
    add_schemes(council, 120)
    assert count_queries(client, "/2021-22/4/capital/") == few
    text = words(client.get("/2021-22/4/capital/"))
    assert "Page 1 of 3" in text and "Wharf 28" in text and "Wharf 29" not in text
    last = words(client.get("/2021-22/4/capital/?page=3"))
    assert "Wharf 99" in last and "Library" not in last
    found = words(client.get("/2021-22/4/capital/?q=wharf+Ä119&service=PEOPLE"))
    assert "No scheme matches" in found
    found = words(client.get("/2021-22/4/capital/?q=wharf+ä119&service=PLACE"))
    assert "1 scheme found" in found and "Wharf 119" in found and "Wharf 11 " not in found
    entry = words(client.get("/2021-22/4/capital/entry/?state=missing&q=ä1"))
    assert "126 of 128 schemes of your services have no forecast" in entry
    assert "Wharf 10 Ä10" in entry and "Library" not in entry


def test_slippage_of_earlier_years(client, person, council, cambridgeshire):
    """Of 90,187 for schemes in Cambridgeshire's 2018/19, reasons at the close name 9,099."""
    client.force_login(person(Role.FINANCE_LEAD))
    text = words(client.get("/2021-22/4/capital/"))
    assert "Of the schemes’ budgets in 2018/19, 10.1% was rephased to other years." in text
    assert "Slippage in earlier years" not in words(client.get("/2018-19/13/capital/"))


def add_schemes(year, count: int) -> None:
    service = CapitalScheme.objects.get(year=year, reference="S1").service
    CapitalScheme.objects.bulk_create(
        CapitalScheme(
            year=year,
            reference=f"W{place}",
            name=f"Wharf {place} Ä{place}",
            order=9,
            service=service,
        )
        for place in range(count)
    )


def count_queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_the_programmes_budget_is_the_sum_of_each_schemes(council):
    """Budgets of some months for some schemes, and changes before and after them, by chance."""
    chance = random.Random(11)
    SchemePosition.objects.exclude(period__number=2).delete()
    ProgrammeChange.objects.filter(period__gt=2).delete()
    schemes = list(CapitalScheme.objects.filter(year=council))
    seen = set()
    for _ in range(24):
        number = chance.choice([1, 3, 4, 5])
        period, scheme = period_of(council, number), chance.choice(schemes)
        pence = chance.choice([None, chance.randint(-9_999, 99_999)])
        SchemePosition.objects.update_or_create(
            period=period, scheme=scheme, defaults={"budget_pence": pence}
        )
        ProgrammeChange.objects.create(
            year=council,
            reference=f"R{chance.random()}",
            scheme=chance.choice(schemes),
            period=chance.choice([1, 3, 5, 6]),
            kind="variation",
            amount_pence=chance.randint(-9_999, 99_999),
            total_amount_pence=0,
            state=chance.choice(["approved", "approved", "proposed"]),
        )
        for number in (1, 4, 6):
            period = period_of(council, number)
            each = budgets_of_schemes(schemes, period).values()
            total = sum_budgets(period)
            assert total == sum(budget.this_year or 0 for budget in each), number
            seen.add(total)
    assert len(seen) > 12
