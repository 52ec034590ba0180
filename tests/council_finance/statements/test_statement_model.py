"""A statement as data: the contract's JSON, and the way back from what a report froze."""

import json

import pytest

from council_finance.statements import Cell, Row
from council_finance.statements.model import statement_from_frozen
from tests.statements import THIRD, cells, made


def frozen(statement):
    """The statement as a report keeps it and gives it back."""
    return statement_from_frozen(statement.to_json(), json.loads(json.dumps(statement.layout())))


def test_the_json_has_the_keys_of_the_contract_in_their_order():
    data = json.loads(made().to_json())
    assert list(data) == [
        "statement",
        "council",
        "financial_year",
        "period",
        "status",
        "version",
        "as_at",
        "columns",
        "rows",
        "footnotes",
    ]
    assert {key: data[key] for key in list(data)[:7]} == {
        "statement": "budgetary-control",
        "council": "Test Council",
        "financial_year": "2019/20",
        "period": 3,
        "status": "published",
        "version": 1,
        "as_at": "2019-06-30",
    }
    assert data["columns"][1] == {"key": "budget", "label": "Budget", "unit": "£000"}
    assert data["footnotes"] == [
        {"mark": "*", "text": "Restated by V1."},
        {"mark": "", "text": "=HYPERLINK(1)"},
    ]


def test_a_row_of_the_json_has_every_column_with_its_value_and_print():
    rows = {row["key"]: row for row in json.loads(made().to_json())["rows"]}
    assert rows["H"] == {"key": "H", "label": "Children", "kind": "heading", "cells": {}}
    assert rows["A"] == {
        "key": "A",
        "label": "=cmd|' /C calc'!A1",
        "kind": "service",
        "cells": {
            "note": {"value": None, "text": "1"},
            "budget": {"value": 1000000.5, "text": "1,000"},
            "variance": {"value": -371499.99, "text": "(371)"},
            "variance_percent": {"value": 100 * -37149999 / 100000050, "text": "(37.15%)"},
        },
    }
    assert rows["C"]["cells"]["variance"] == {"value": None, "text": "–"}
    assert rows["B"]["cells"]["variance_percent"] == {"value": None, "text": "–"}
    assert rows["T"]["cells"]["variance"]["value"] == -370265.43
    assert rows["PERCENT"]["cells"]["budget"] == {"value": THIRD, "text": "33.33%"}


def test_the_same_figures_give_the_same_bytes():
    assert made().to_json() == made().to_json()
    assert made().to_json().endswith("}\n")
    assert "£000" in made().to_json()


def test_a_frozen_statement_comes_back_as_it_was():
    assert frozen(made()) == made()
    assert frozen(made()).to_json() == made().to_json()


@pytest.mark.parametrize("pence", [0, 1, -1, 29, 57, 58_554_000_01, -999_999_999_999, 10**14 + 1])
def test_pence_survive_the_freezing_to_the_penny(pence):
    statement = made((Row("A", "A", "service", cells(pence, -pence)),))
    assert frozen(statement).row("A").cells["budget"].pence == pence
    assert frozen(statement).row("A").cells["variance"].pence == -pence


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((Row("A", "A", "heading"), Row("A", "B", "heading")), "row keys are not unique"),
        ((Row("A", "A", "service", {"budget": Cell("1", 100)}),), "row A lacks columns"),
        ((Row("A", "A", "service", cells(1, 1) | {"more": Cell("")}),), "row A lacks columns"),
        ((Row("A", "A", "headline"),), "row A lacks columns or has a wrong kind"),
    ],
)
def test_a_statement_that_is_no_table_cannot_be_made(rows, message):
    with pytest.raises(ValueError, match=message):
        made(rows)


def test_a_row_is_found_by_its_key():
    assert made().row("T").label == "Total"
    with pytest.raises(KeyError):
        made().row("X")


def test_readers_are_spared_a_column_that_programs_get():
    keys = [column.key for column in made().reader_columns]
    assert keys == ["budget", "variance", "variance_percent"]
    assert [column["key"] for column in made().to_data()["columns"]] == ["note", *keys]
