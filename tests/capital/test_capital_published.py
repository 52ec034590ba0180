"""Capital programme and funding, cell by cell as Cambridgeshire printed them at the close."""

import csv
import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import F

from capital.models import PublishedRephasing, PublishedScheme
from capital.report_rows import SchemeRow
from capital.report_section import section_of
from capital.scheme_page import reports_of_scheme
from monitoring.models import Period
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.report_data import current_data
from monitoring.reports.selectors.statements import statement
from tests.conftest import REFERENCE

APPENDIX = REFERENCE / "cambridgeshire-2018-19-close"
EXPENDITURE = {
    "original_budget_k": "original_budget",
    "revised_budget_k": "budget",
    "actual_k": "actual",
    "outturn_variance_k": "variance",
    "total_scheme_revised_budget_k": "total_budget",
    "total_scheme_variance_k": "total_variance",
}
FUNDING = {
    "original_allocation_k": "original",
    "revised_k": "budget",
    "outturn_k": "forecast",
    "variance_k": "variance",
}
VARIATIONS = {
    "variations_budget_k": "variations_budget",
    "outturn_variance_k": "scheme_variance",
    "used_k": "used",
    "used_percent": "used_percent",
    "revised_outturn_variance_k": "variance",
}
MISPRINTED_VARIATIONS = {
    "variations_budget_k": "-10,469",
    "outturn_variance_k": "-8,296",
    "used_k": "8,296",
    "used_percent": "79%",
    "revised_outturn_variance_k": "2,173",
}
"""By the rule, from the table of schemes above it; printed are 0, 0, 0% and 10,469, twice."""


def printed(name: str) -> list[dict[str, str]]:
    with (APPENDIX / f"appendix_6_capital_{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def facts(cambridgeshire):
    return current_data(Period.objects.get(year=cambridgeshire, number=13))


def texts(row) -> dict[str, str]:
    return {key: cell.text for key, cell in row.cells.items()}


def figures_by_label(facts, name: str, columns: dict[str, str]) -> list[dict[str, str]]:
    rows = [row for row in statement(facts, name).rows if row.cells]
    return [
        {"label": row.label} | {column: row.cells[key].text for column, key in columns.items()}
        for row in rows
    ]


@pytest.mark.parametrize(
    ("name", "table", "columns", "heading"),
    [
        ("capital-programme", "expenditure", EXPENDITURE, "scheme"),
        ("capital-funding", "funding", FUNDING, "source_of_funding"),
    ],
)
def test_every_figure_of_appendix_6_is_as_printed(facts, name, table, columns, heading):
    *found, total = figures_by_label(facts, name, columns)
    *lines, last = printed(table)
    assert found == [
        {"label": line[heading], **{column: line[column] for column in columns}} for line in lines
    ]
    assert {**total, "label": last[heading]} == {
        "label": last[heading],
        **{column: last[column] for column in columns},
    }


def test_the_misprinted_variations_follow_from_the_table_of_schemes(facts):
    lines, found = printed("variations"), figures_by_label(facts, "capital-variations", VARIATIONS)
    assert [row.pop("label") for row in found] == ["People & Communities", "Total"]
    assert found == [MISPRINTED_VARIATIONS] * 2
    assert [
        {column for column in VARIATIONS if line[column] != MISPRINTED_VARIATIONS[column]}
        for line in lines
    ] == [set(VARIATIONS) - {"variations_budget_k"}] * 2


def test_every_amount_of_the_commentary_is_a_reason(facts):
    rows, scheme, found = statement(facts, "capital-reasons").rows, "", []
    for row in rows:
        if row.cells:
            figures = texts(row)
            figures["kind"] = figures["kind"].lower()
            found.append((scheme, *(figures[key] for key in REASON_CELLS)))
        else:
            scheme = row.label
    assert found == [
        (
            *(line[column] for column in ("scheme", "project", "kind")),
            *(as_printed(line[column]) for column in ("amount_k", "total_scheme_k")),
        )
        for line in printed("commentary")
    ]


REASON_CELLS = ("project", "kind", "amount", "total_amount")


def as_printed(thousands: str) -> str:
    """The commentary's figures have no commas in the transcript, and blanks are not given."""
    return f"{int(thousands):,}" if thousands else "–"


def test_every_named_change_is_in_the_reconciliation(facts):
    rows = {row.label: texts(row) for row in statement(facts, "capital-reconciliation").rows}
    named: dict[str, dict[str, int]] = {}
    for line in printed("budget_changes"):
        changes = named.setdefault(line["scheme"], {"carry_forward": 0, "variation": 0})
        changes[line["kind"]] += int(line["amount_k"])
    for scheme, changes in named.items():
        for kind, amount in changes.items():
            assert rows[scheme][kind] == f"{amount:,}"
        assert rows[scheme]["other_changes"] == "0"
    assert rows["Basic Need – Primary"]["other_changes"] == "-10,677"


def test_slippage_cost_and_what_nobody_explained(facts):
    rows = {row.label: texts(row) for row in statement(facts, "capital-programme").rows}
    parts = ("variance", "rephasing", "cost", "unexplained")
    for scheme, figures in {
        "Basic Need – Primary": ("-3,286", "-2,233", "201", "-1,254"),
        "Basic Need - Secondary": ("-4,994", "-4,328", "0", "-666"),
        "Adaptations": ("926", "926", "0", "0"),
        "Schools Managed Capital": ("-996", "-1,983", "987", "0"),
        "Site Acquisition and Development": ("-59", "0", "0", "-59"),
        "Total capital programme": ("2,173", "-9,099", "3,766", "7,506"),
    }.items():
        assert tuple(rows[scheme][part] for part in parts) == figures


def test_the_checks_find_what_is_wrong_in_print(facts):
    """The changes named for Primary add to 11,273 for 6,930; funding equals expenditure."""
    found = {check.name: check for check in check_report(facts) if "capital" in check.statement}
    differ = {
        name: (check.expected_pence, check.actual_pence)
        for name, check in found.items()
        if check.status == "differs"
    }
    assert differ == {
        "Basic Need – Primary: the reasons explain no more than the whole scheme’s variance": (
            693_000_000,
            1_127_300_000,
        ),
        "Specialist Provision: the reasons explain no more than this year’s variance": (
            -23_048_000,
            25_000_000,
        ),
    }
    funded = {
        name.rpartition(" in ")[2]: check.actual_pence
        for name, check in found.items()
        if name.startswith("Capital funding equals expenditure")
    }
    assert funded == {
        "the original budget": 8_782_000_000,
        "the revised budget": 7_971_804_000,
        "the forecast": 8_189_148_000,
    }


def test_a_month_without_capital_figures_says_so(cambridgeshire, somerset):
    before = current_data(Period.objects.get(year=cambridgeshire, number=11))
    programme = statement(before, "capital-programme")
    assert texts(programme.row("CAP-01"))["original_budget"] == "44,866"
    assert (
        texts(programme.row("CAP-01"))["variance"] == texts(programme.row("total"))["budget"] == "–"
    )
    assert programme.footnotes[0].text.startswith("13 schemes are not reported in this period")
    other = current_data(Period.objects.get(year=somerset, number=3))
    assert [note.text for note in statement(other, "capital-programme").footnotes] == [
        "No capital programme has been brought in."
    ]


def test_rows_kept_on_publishing_are_those_frozen_and_those_of_an_upgrade(facts):
    """Each line of the programme once, with its reasons; an upgrade fills in the same."""
    section, report = section_of(facts), facts.report
    assert report is not None and section.schemes
    named = PublishedScheme.objects.filter(report=report, scheme__reference=F("reference"))
    assert named.filter(scheme__year=report.period.year).count() == len(section.schemes)
    for line in section.schemes:
        *_, found = reports_of_scheme(report.period.year, line.reference, with_drafts=False)
        assert found.scheme == SchemeRow(**{**vars(line), "previous": None})
        assert list(found.reasons) == section.reasons_by_scheme.get(line.reference, [])
    rephased = PublishedRephasing.objects.get(report=report)
    amounts = (rephased.budget_pence, rephased.in_year_pence, rephased.at_close_pence)
    assert [round(pence / 1000_00) for pence in amounts] == [90_187, 0, -9_099]
    before = rows_without_ids(PublishedScheme), rows_without_ids(PublishedRephasing)
    for model in (PublishedScheme, PublishedRephasing):
        model.objects.all().delete()
    editor = SimpleNamespace(connection=connection)
    importlib.import_module("capital.migrations.0003_published_schemes").fill_rows(apps, editor)
    later = importlib.import_module("capital.migrations.0007_schemes_of_published_rows")
    later.name_schemes(apps, editor)
    assert before == (rows_without_ids(PublishedScheme), rows_without_ids(PublishedRephasing))


def rows_without_ids(model) -> list[dict]:
    return [{**row, "id": None} for row in model.objects.order_by("report", "pk").values()]
