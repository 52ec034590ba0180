"""How close a method came in the past: published figures alone, and the result that is named."""

import pytest

from monitoring.forecast_methods.selectors.accuracy import Accuracy, Against, past_proposals
from monitoring.models import BudgetLine, Period
from monitoring.publishing.services.reports import reopen_report
from tests.councils.packs import bring, period_of, publish
from tests.monitoring.forecast_methods.two_years import (
    LAST_YEAR,
    line_of,
    month_file,
    two_years,
)

pytestmark = pytest.mark.slow

OUTTURN, FORECAST = Against.OUTTURN, Against.FORECAST


def accuracy(year, method: str, *centres: str, number: int = 3) -> list[Accuracy]:
    codes = {
        pk: (centre, account)
        for pk, centre, account in BudgetLine.objects.filter(year=year).values_list(
            "pk", "cost_centre", "account"
        )
    }
    past = past_proposals(period_of(year, number), codes)
    return past.accuracy_of(method, [line_of(year, each).pk for each in centres])


def outturn(count: int, absolute: float, signed: float) -> Accuracy:
    return Accuracy(OUTTURN, count, round(absolute * 100), round(signed * 100), "the outturn")


def forecast(count: int, absolute: float, signed: float, month: int) -> Accuracy:
    result = f"the forecast of month {month}"
    return Accuracy(FORECAST, count, round(absolute * 100), round(signed * 100), result)


@pytest.fixture
def year(db, tmp_path):
    return two_years(tmp_path)


def test_proposals_of_the_same_month_of_a_closed_year_are_compared_with_its_outturn(year):
    # Month 3 of 2021/22: H1 220 x 4 = 880 against 1100, D1 100 x 4 = 400 against 650.
    assert accuracy(year, "run-rate", "H1") == [outturn(1, 220, -220)]
    assert accuracy(year, "run-rate", "D1") == [outturn(1, 250, -250)]
    assert accuracy(year, "run-rate", "H1", "D1") == [outturn(1, 470, -470)]
    # H2 had no actual in month 3, so it is left out of proposal and outturn.
    assert accuracy(year, "run-rate", "H1", "H2") == [outturn(1, 220, -220)]
    assert accuracy(year, "budget", "H1", "D1") == [outturn(1, 150, -150)]
    assert accuracy(year, "budget", "R1") == [outturn(1, 0, 0)]
    assert accuracy(year, "budget", "H3") == [], "not a line of last year"
    assert accuracy(year, "profile", "H1") == [], "there was no profile in 2021/22"
    assert accuracy(year, "last-year", "H1") == []
    assert accuracy(year, "activity", "H1") == []
    assert accuracy(year, "budget", "H1", number=13) == []
    assert accuracy(year, "run-rate", "H1", number=2) == [outturn(1, 440, -440)]


def test_earlier_reports_of_an_open_year_are_compared_with_its_latest_forecast(year):
    assert accuracy(year, "run-rate", "D1") == [outturn(1, 250, -250)], "month 2 is the latest"
    publish(year, 3)
    bring(year, "position", month_file("DAY D1 600 210 . . 700\nHOME H1 1200 400 . . 1300"), 4)
    # Month 2: 90 x 6 = 540 against the forecast of month 3, 640; month 4 of 2021/22 is missing.
    assert accuracy(year, "run-rate", "D1", number=4) == [forecast(1, 100, -100, 3)]
    publish(year, 4)
    bring(year, "position", month_file("DAY D1 600 300 . . 700"), 5)
    # Months 2 and 3 against 700: 540 and 600.
    assert accuracy(year, "run-rate", "D1", number=5) == [forecast(2, 130, -130, 4)]
    # Last year's pattern: 90 + 650 - 50 = 690, and 150 + 650 - 100 = 700.
    assert accuracy(year, "last-year", "D1", number=5) == [forecast(2, 5, -5, 4)]
    assert accuracy(year, "run-rate", "D1", number=3) == [
        outturn(1, 250, -250),
        forecast(1, 160, -160, 4),
    ]


def test_drafts_and_replaced_versions_are_not_looked_at(year):
    last = line_of(year, "H1").year.start - 1
    before = accuracy(year, "run-rate", "H1", "D1")
    closed = Period.objects.get(year__start=last, number=3).year
    reopen_report(period=period_of(closed, 3), reason="Late", by=None)
    changed = LAST_YEAR[3].replace("1100  220", "1100  250")
    bring(closed, "position", month_file(changed), 3)
    assert accuracy(year, "run-rate", "H1", "D1") == before, "a draft"
    publish(closed, 3)
    assert accuracy(year, "run-rate", "H1") == [outturn(1, 100, -100)]


def test_the_queries_do_not_grow_with_the_lines(db, tmp_path, django_assert_max_num_queries):
    year = two_years(tmp_path)
    codes = {line.pk: (line.cost_centre, line.account) for line in year.lines.all()}
    period = period_of(year, 3)
    for some in (dict(list(codes.items())[:1]), codes):
        with django_assert_max_num_queries(8):
            past_proposals(period, some)


def test_both_councils_months_give_what_their_figures_allow(somerset, cambridgeshire):
    """Their months have no actuals, so that only the budget has a past."""
    close = period_of(cambridgeshire, 13)
    codes = {line.pk: (line.cost_centre, line.account) for line in cambridgeshire.lines.all()}
    past = past_proposals(period_of(cambridgeshire, 11), codes)
    assert past.accuracy_of("run-rate", codes) == []
    assert past.accuracy_of("budget", codes) == [], "there is no report before month 11"
    assert close.is_published
    codes = {line.pk: (line.cost_centre, line.account) for line in somerset.lines.all()}
    past = past_proposals(period_of(somerset, 3), codes)
    adults = [line.pk for line in somerset.lines.filter(cost_centre="A100")]
    # Month 2 against the forecast of month 3, which is 73.869m of a budget of 72m.
    assert past.accuracy_of("budget", adults) == [forecast(1, 1_869_000, -1_869_000, 3)]
