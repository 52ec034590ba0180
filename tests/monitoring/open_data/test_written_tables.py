"""The flat table as CSV, JSON Lines and Parquet, and its addresses."""

import csv
import datetime
import io
import json
from decimal import Decimal

import duckdb
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.open_data.columns import FLAT_COLUMNS, PRIMARY_KEY
from monitoring.open_data.flat_rows import COLUMNS, FlatRow
from monitoring.open_data.writers import csv_parts, json_lines_parts, parquet_parts, write_parquet

_DATE = datetime.date(2019, 6, 30)
_CELL = ("budget", "Budget", "£", Decimal("-3070000.10"), None, None, "-3,070", Decimal("0.00"))
ROWS = [
    FlatRow(
        *("=Council", "2019/20", 3, 1, "published", _DATE, "annex-a", 1, "00123", 'A "b",\nc'),
        *("service", "00123", "Council / A", 1, True, *_CELL),
    ),
    FlatRow(
        *("=Council", "2019/20", None, 2, "draft", None, "plan", 2, "1E5", "@x", "line", "", ""),
        *(None, False, "note", "Note", "", None, Decimal("-0.56"), Decimal("12.3456"), "", None),
    ),
]


def test_the_columns_described_are_those_of_the_table():
    assert tuple(each.name for each in FLAT_COLUMNS) == COLUMNS
    assert set(PRIMARY_KEY) < set(COLUMNS)


def test_csv_has_codes_as_they_are_and_texts_that_run_nowhere():
    text = b"".join(csv_parts(ROWS)).decode()
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert first["council"] == "'=Council" and second["label"] == "'@x"
    assert (first["service_code"], second["service_code"], second["row_key"]) == (
        "00123",
        "",
        "1E5",
    )
    assert (first["pounds"], first["previous"], first["text"]) == ("-3070000.10", "0.00", "-3,070")
    assert (first["as_at"], first["counted"]) == ("2019-06-30", "true")
    empty = ("period", "as_at", "level", "pounds", "previous")
    assert [second[name] for name in empty] == [""] * 5 and second["counted"] == "false"
    assert b"".join(csv_parts([])).decode() == ",".join(COLUMNS) + "\r\n"


def test_json_lines_have_exact_numbers_and_nulls():
    lines = b"".join(json_lines_parts(ROWS)).decode().splitlines()
    first, second = (json.loads(line, parse_float=Decimal) for line in lines)
    assert first["pounds"] == Decimal("-3070000.10") and '"pounds":-3070000.10' in lines[0]
    assert (first["service_code"], first["label"]) == ("00123", 'A "b",\nc')
    assert (second["period"], second["service_code"]) == (None, "")
    assert list(second) == list(COLUMNS)


def test_parquet_has_the_same_rows_in_columns_of_their_types(tmp_path):
    """An empty text stays one, and is not missing; the same rows give the same bytes."""
    path = tmp_path / "it's.parquet"
    write_parquet(iter(ROWS), path)
    assert b"".join(parquet_parts(ROWS)) == path.read_bytes()
    with duckdb.connect() as connection:
        found = connection.read_parquet(str(path))
        assert [tuple(row) for row in found.fetchall()] == [tuple(row) for row in ROWS]
        types = dict(zip(found.columns, map(str, found.types), strict=True))
    assert types == {each.name: each.sql_type for each in FLAT_COLUMNS}
    assert list(tmp_path.iterdir()) == [path]


def test_published_tables_are_read_by_everybody_where_reports_are_public(somerset, settings):
    stranger = Client()
    addresses = [
        reverse("figures-report", args=[2019, 3, "csv"]),
        reverse("figures-year", args=[2019, "jsonl"]),
        reverse("figures-all", args=["parquet"]),
    ]
    assert {stranger.get(address).status_code for address in addresses} == {302}
    settings.PUBLIC_REPORTS = True
    for address in addresses[:2]:
        answer = stranger.get(address)
        content = answer.getvalue()
        assert answer.status_code == 200 and content.count(b"\n") > 900
        again = stranger.get(address, headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.getvalue()) == (304, b"")
    table = csv.DictReader(io.StringIO(stranger.get(addresses[0]).getvalue().decode(), newline=""))
    assert {(row["financial_year"], row["period"]) for row in table} == {("2019/20", "3")}
    for missing in ("/reports/2017-18/figures.csv", "/reports/2019-20/3/figures.xlsx"):
        assert stranger.get(missing).status_code == 404


def test_withheld_versions_are_in_no_table_of_a_reader(somerset, person, client):
    """The latest version of a month is in the table, and what is withheld only for who sees it."""
    from monitoring.models import Report
    from monitoring.open_data.selectors import readable_reports

    second, third = Report.objects.filter(period__year=somerset).order_by("period__number")
    Report.objects.filter(pk=second.pk).update(withheld_for=third)
    member, officer = person(Role.SCRUTINY_MEMBER), person(Role.FINANCE_OFFICER)
    assert readable_reports(member, start=2019) == [third]
    assert readable_reports(officer, start=2019) == [second, third]
    assert readable_reports(officer, start=2019, number=2, every_version=True) == [second]
