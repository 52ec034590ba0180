"""Financial years and periods."""

import datetime

import pytest

from council_finance.periods import (
    PERIODS,
    NotAYear,
    as_at,
    financial_year_label,
    financial_year_slug,
    long_date,
    month_name,
    parse_financial_year,
    period_name,
)


@pytest.mark.parametrize(
    ("text", "start"),
    [("2019/20", 2019), ("2019-20", 2019), (" 2018/19 ", 2018), ("1999/00", 1999)],
)
def test_a_financial_year_is_read(text, start):
    assert parse_financial_year(text) == start
    assert parse_financial_year(financial_year_label(start)) == start
    assert parse_financial_year(financial_year_slug(start)) == start


@pytest.mark.parametrize(
    "text", ["", "2019", "2019/21", "2019/19", "2019/2020", "19/20", "2019 20", "x2019/20", "-1/00"]
)
def test_what_is_no_financial_year_says_how_to_write_one(text):
    with pytest.raises(NotAYear, match="write it as 2019/20"):
        parse_financial_year(text)


@pytest.mark.parametrize(
    ("start", "label", "slug"), [(2019, "2019/20", "2019-20"), (1999, "1999/00", "1999-00")]
)
def test_a_year_prints_both_its_parts(start, label, slug):
    assert financial_year_label(start) == label
    assert financial_year_slug(start) == slug


@pytest.mark.parametrize(
    ("period", "date", "name", "month"),
    [
        (0, datetime.date(2019, 4, 1), "Approved budget", "2019/20"),
        (1, datetime.date(2019, 4, 30), "Month 1", "April 2019"),
        (3, datetime.date(2019, 6, 30), "Month 3", "June 2019"),
        (8, datetime.date(2019, 11, 30), "Month 8", "November 2019"),
        (9, datetime.date(2019, 12, 31), "Month 9", "December 2019"),
        (10, datetime.date(2020, 1, 31), "Month 10", "January 2020"),
        (11, datetime.date(2020, 2, 29), "Month 11", "February 2020"),
        (12, datetime.date(2020, 3, 31), "Month 12", "March 2020"),
        (13, datetime.date(2020, 3, 31), "Close", "Outturn 2019/20"),
    ],
)
def test_a_period_has_its_date_and_its_names(period, date, name, month):
    assert period in PERIODS
    assert as_at(2019, period) == date
    assert period_name(period) == name
    assert month_name(2019, period) == month


def test_february_has_28_days_in_a_common_year():
    assert as_at(2018, 11) == datetime.date(2019, 2, 28)


@pytest.mark.parametrize(
    ("date", "text"),
    [
        (datetime.date(2019, 6, 30), "30 June 2019"),
        (datetime.date(2019, 7, 8), "8 July 2019"),
    ],
)
def test_a_date_in_words(date, text):
    assert long_date(date) == text
