"""Statements of a year as a whole: without a period, and in a report where they have rows."""

import json

import pytest

from council_finance import registry
from council_finance.errors import Refused
from council_finance.registry import reports
from council_finance.registry.order import Register
from council_finance.statements import Cell, Column, Row, Statement
from council_finance.statements.model import statement_from_frozen
from council_finance.statements.presenting import for_page
from council_finance.statements.renderers import FORMATS
from council_finance.statements.wording import facts as facts_line
from monitoring.models import FinancialYear
from monitoring.reports.selectors.statements import (
    year_statement,
    year_statements,
)
from monitoring.reports.selectors.year_data import current_year_data


@pytest.fixture
def of_year(monkeypatch):
    """A statement, a check and a section of years: a row for each name in the section."""
    for name in ("_statements", "_checks", "_sections"):
        monkeypatch.setattr(reports, name, Register(name))
    names = ["North", "South"]

    @registry.report_section("plots", of_year=True)
    def plots(year):
        return {"names": [f"{name} {year.label}" for name in names]}

    @registry.statement("plots", title="Plots", of_year=True)
    def plots_statement(facts):
        section = facts.typed_section("plots", lambda data: tuple(data["names"]))
        display = facts.display("plots")
        cells = {"rent": Cell.of_amount(1_000_00, display)}
        rows = tuple(Row(name, name, "line", cells) for name in section)
        columns = (Column("rent", "Rent", display.unit_label),)
        return Statement("plots", "Plots", facts.header, display, columns, rows)

    return names


@pytest.fixture
def year() -> FinancialYear:
    return FinancialYear(start=2019, council="Test Council", settings={})


def test_a_statement_of_a_year_has_neither_period_nor_date(of_year, year):
    made = year_statement(current_year_data(year), "plots")
    data = json.loads(made.to_json())
    assert (data["period"], data["as_at"], data["status"]) == (None, None, "draft")
    assert [row["key"] for row in data["rows"]] == ["North 2019/20", "South 2019/20"]
    assert statement_from_frozen(made.to_json(), made.layout()) == made
    assert facts_line(made.header) == "Test Council, 2019/20, draft (version 1)"
    assert for_page(made).caption == "Test Council, 2019/20"
    for name in ("csv", "json", "xlsx", "ods", "docx", "html"):
        assert FORMATS[name].render(made) == FORMATS[name].render(made), name


def test_a_statement_of_a_year_without_rows_is_in_no_report(of_year, year):
    assert list(year_statements(current_year_data(year))) == ["plots"]
    of_year.clear()
    assert not year_statements(current_year_data(year))
    assert not year_statement(current_year_data(year), "plots").rows


def test_a_statement_of_a_period_needs_one(year):
    with pytest.raises(Refused, match="annex-a is that of a period. Give a period, such as 3."):
        year_statement(current_year_data(year), "annex-a")
    with pytest.raises(ValueError, match="savings needs a period"):
        registry.read_report_section("savings", year=year)
