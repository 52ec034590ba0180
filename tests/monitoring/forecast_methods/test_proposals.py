"""The proposals of many lines: whose method, from which figures, with how many queries."""

import sys
from fractions import Fraction
from math import floor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from council_finance import registry
from council_finance.registry import WorkedForecast
from monitoring.forecast_methods.models import ForecastMethod
from monitoring.forecast_methods.selectors.proposals import Proposal, proposals
from monitoring.models import Batch, BudgetLine, BudgetProfile, Position, Service
from monitoring.restructuring.services.years import set_up_year
from tests.councils.packs import period_of
from tests.monitoring.forecast_methods.two_years import choose, line_of, load_year, two_years

pytestmark = pytest.mark.slow


@pytest.fixture
def year(db, tmp_path):
    return two_years(tmp_path)


def proposed(year, number: int = 3) -> dict[str, tuple]:
    """Method, pounds and reason of each proposal, by cost centre."""
    codes = dict(BudgetLine.objects.filter(year=year).values_list("pk", "cost_centre"))
    found = proposals(period_of(year, number), list(codes))
    pounds = {pk: None if each.pence is None else each.pence / 100 for pk, each in found.items()}
    return {codes[pk]: (each.method, pounds[pk], each.why) for pk, each in found.items()}


def add_profile(year, code: str, months: list[int]) -> None:
    """Add a profile of a cost centre's line, or of a service."""
    line = BudgetLine.objects.filter(year=year, cost_centre=code).first()
    service = None if line else Service.objects.get(year=year, code=code)
    upload = Batch.objects.filter(period__year=year).first().upload
    BudgetProfile.objects.create(
        year=year, line=line, service=service, months=months, upload=upload
    )


def test_the_nearest_method_counts_and_what_is_missing_is_named(year):
    assert proposed(year) == {}
    choose(year, TOP="budget", CARE="last_year", DAY="profile", H1="run_rate", H3="commitments")
    rest = "actual and the rest of the profile of 2021/22’s actuals"
    assert proposed(year) == {
        "H1": ("run-rate", 1200.0, "actual ÷ 3 × 12"),
        "H2": ("last-year", None, "no actual in month 3 of 2021/22"),
        "H3": ("commitments", None, "no actual given"),
        "D1": ("profile", 657.69, rest),  # 150 + 600 - 600 x 100 / 650
        "R1": ("budget", -300.0, "the current budget"),
    }
    assert proposed(year, 13) == {}, "a period without figures"
    assert proposals(period_of(year, 3), []) == {}


def test_the_councils_method_is_for_lines_without_one(year):
    settings = {"forecasting": {"default_method": "last-year"}}
    set_up_year(start=2022, council=year.council, settings=settings, by=None)
    choose(year, ROADS="budget")
    after = "actual and what 2021/22 spent after month 3"
    assert proposed(year) == {
        "H1": ("last-year", 1180.0, after),
        "H2": ("last-year", None, "no actual in month 3 of 2021/22"),
        "H3": ("last-year", None, "no actual given"),
        "D1": ("last-year", 700.0, after),
        "R1": ("budget", -300.0, "the current budget"),
    }
    assert proposed(year, 2)["D1"] == (
        *("last-year", 690.0),
        "actual and what 2021/22 spent after month 2",
    )


def test_a_profile_is_the_ledgers_then_the_lines_then_the_services_then_last_years(year):
    choose(year, TOP="profile")
    Position.objects.filter(line__year=year, line__cost_centre="H2").update(actual_to_date_pence=90)
    assert proposed(year)["H2"][2].endswith("from the ledger")
    assert proposed(year)["D1"][2].endswith("of 2021/22’s actuals")
    add_profile(year, "CARE", [1] * 12)
    assert proposed(year)["D1"][1:] == (
        *(600.0,),
        "actual and the rest of the profile from the file of profiles",
    )
    assert proposed(year)["R1"][2].endswith("of 2021/22’s actuals"), "Roads is not under Care"
    add_profile(year, "D1", [2, 2, 2, *[0] * 8, 6])
    assert proposed(year)["D1"][1] == 450.0
    add_profile(year, "D1", [0, 0, 3, *[0] * 8, 1])
    assert proposed(year)["D1"][1] == 300.0, "the last one stored counts"
    assert proposed(year)["H2"][2].endswith("from the ledger")


def test_last_year_is_as_published_and_its_reason_is_named(db, tmp_path):
    year = load_year(tmp_path, "2022/23", {3: "HOME H1 1200 300"})
    choose(year, TOP="last_year")
    assert proposed(year)["H1"][1:] == (None, "no report of month 3 of 2021/22")


def test_an_apps_own_method_is_used_and_forgotten_with_the_app(year, monkeypatch):
    module = sys.modules["council_finance.registry.forecast_methods"]
    monkeypatch.setattr(module, "_methods", registry.order.Register("forecast method"))

    @registry.forecast_method("clients", label="Clients", meaning="Clients times price.")
    def by_clients(period, lines):
        return {pk: WorkedForecast(100 * period.number, "clients and prices") for pk in lines}

    choose(year, H1="clients", DAY="budget")
    found = proposals(period_of(year, 3), [line_of(year, each).pk for each in ("H1", "D1", "R1")])
    assert found == {
        line_of(year, "H1").pk: Proposal("clients", 300, "clients and prices"),
        line_of(year, "D1").pk: Proposal("budget", 60000, "the current budget"),
    }
    monkeypatch.undo()
    assert proposed(year) == {"D1": ("budget", 600.0, "the current budget")}


def test_the_queries_do_not_grow_with_the_lines(year, django_assert_max_num_queries):
    choose(year, TOP="profile", H1="last_year", H3="run_rate")
    period = period_of(year, 3)
    lines = list(BudgetLine.objects.filter(year=year).values_list("pk", flat=True))
    for some in (lines[:1], lines):
        with django_assert_max_num_queries(10):
            proposals(period, some)


amounts = st.one_of(st.none(), st.integers(-99_999, 99_999))
METHODS = st.sampled_from(["profile", "run-rate", "commitments", "last-year", "budget", ""])


def round_away(value: Fraction) -> int:
    size = floor(abs(value) + Fraction(1, 2))
    return size if value >= 0 else -size


def expected(method: str, position: Position, before: Position, close: Position) -> int | None:
    """The forecast of a line in month 3 by its method, worked out the long way."""
    actual, budget = position.actual_to_date_pence, position.current_budget_pence
    profile, commitments = position.profiled_budget_to_date_pence, position.commitments_pence
    outturn = close.actual_to_date_pence
    outturn = close.forecast_pence if outturn is None else outturn
    last = before.actual_to_date_pence
    if method == "budget":
        return budget
    if actual is None:
        return None
    if method == "run-rate":
        share = Fraction(profile, budget) if profile and budget else None
        if profile:
            return round_away(actual / share) if share else 0
        return actual * 4
    if method == "commitments":
        return None if commitments is None else actual + commitments
    if method == "last-year":
        return None if last is None or outturn is None else actual + outturn - last
    if profile is not None:
        return actual + budget - profile
    if last is None or not outturn or not 0 <= Fraction(last, outturn) <= 1:
        return None
    return actual + budget - round_away(budget * Fraction(last, outturn))


@given(st.data())
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_proposals_are_those_worked_out_line_by_line(year, data):
    centres, methods = ("H1", "H2", "D1", "R1"), {}
    ForecastMethod.objects.all().delete()
    rows = {}
    for start, number in ((2022, 3), (2021, 3), (2021, 13)):
        for row in Position.objects.filter(
            batch__period__year__start=start, batch__period__number=number
        ).select_related("line"):
            row.current_budget_pence = data.draw(st.integers(-9_999, 9_999))
            row.actual_to_date_pence = data.draw(amounts)
            row.commitments_pence = data.draw(amounts)
            row.profiled_budget_to_date_pence = data.draw(amounts)
            row.forecast_pence = data.draw(amounts)
            rows[row.line.cost_centre, start, number] = row
    fields = [field for field in vars(row) if field.endswith("_pence")]
    for row in rows.values():
        Position.objects.filter(batch=row.batch_id, line=row.line_id).update(
            **{name: getattr(row, name) for name in fields}
        )
    for centre in centres:
        if method := data.draw(METHODS):
            methods[centre] = method
            choose(year, **{centre: method})
    found = proposals(period_of(year, 3), [line_of(year, each).pk for each in centres])
    assert {line_of(year, each).pk for each in methods} == set(found)
    for centre, method in methods.items():
        own, before, close = (rows[centre, *at] for at in ((2022, 3), (2021, 3), (2021, 13)))
        found_pence = found[own.line_id].pence
        assert found_pence == expected(method, own, before, close), (centre, method)
