"""The outline of a document, and the figures in its texts."""

import datetime

import pytest

from council_finance.statements import Cell, Column, Display, Header, Row, Statement
from monitoring.documents import settings_tables
from monitoring.documents.fields import MISSING, fields_in, figures_of, fill_in
from monitoring.documents.outline import OutlineError, OutlinePart, PartKind, read_outline

DISPLAY = Display(unit="m", favourable="brackets")


def annex() -> Statement:
    columns = (Column("net_variance", "Net variance", "£m"), Column("status", "Status"))
    rows = [("CARE", 6_400_000, "Red"), ("ROADS.X", -37_148_000, ""), ("NIL", 40, "")]
    return Statement(
        name="annex-a",
        title="Annex A",
        header=Header("Any", "2026/27", 3, "draft", 1, datetime.date(2026, 6, 30)),
        display=DISPLAY,
        columns=columns,
        rows=tuple(
            Row(
                key,
                key,
                "service",
                {"net_variance": Cell.of_amount(pence, DISPLAY), "status": Cell(status)},
            )
            for key, pence, status in rows
        ),
    )


PRINTED = [
    ("It is {annex-a:CARE.net_variance}.", "It is £0.064m."),
    ("{annex-a:ROADS.X.net_variance}", "-£0.371m"),
    ("{annex-a:ROADS.X.net_variance|size}", "£0.371m"),
    ("an {annex-a:CARE.net_variance|overspend}", "an overspend of £0.064m"),
    ("an {annex-a:ROADS.X.net_variance|overspend}", "an underspend of £0.371m"),
    ("a {annex-a:NIL.net_variance|overspend}", "a nil variance"),
    ("{annex-a:CARE.net_variance|movement}", "£0.064m worse than the last report"),
    ("{annex-a:ROADS.X.net_variance|movement}", "£0.371m better than the last report"),
    ("{annex-a:NIL.net_variance|movement}", "unchanged since the last report"),
    ("{annex-a:CARE.status}", "Red"),
    ("{not a field} and {annex-a}", "{not a field} and {annex-a}"),
]


@pytest.mark.parametrize("text, printed", PRINTED)
def test_a_figure_prints_in_its_form(text, printed):
    assert fill_in(text, {"annex-a": annex()}.get) == (printed, [])


@pytest.mark.parametrize(
    "field",
    [
        "{other:CARE.net_variance}",
        "{annex-a:GONE.net_variance}",
        "{annex-a:CARE.gone}",
        "{annex-a:CARE.status|size}",
        "{annex-a:CARE.net_variance|unknown}",
    ],
)
def test_a_figure_that_the_report_does_not_have_is_said(field):
    text, missing = fill_in(f"It is {field}.", {"annex-a": annex()}.get)
    assert text == f"It is {MISSING}."
    assert [each.code for each in missing] == [field] == [each.code for each in fields_in(field)]


def test_every_figure_has_a_code_that_prints_it():
    figures = figures_of(annex())
    assert [(each.row, each.printed) for each in figures][:3] == [
        ("CARE", "£0.064m"),
        ("CARE", "Red"),
        ("ROADS.X", "-£0.371m"),
    ]
    for each in figures:
        assert fill_in(each.code, {"annex-a": annex()}.get) == (each.printed, [])


def test_an_outline_is_read_with_its_defaults():
    parts = [
        {"kind": "heading", "text": " Summary "},
        {"kind": "commentary", "level": 2},
        {"kind": "statement", "name": "annex-a"},
    ]
    assert read_outline(parts) == (
        OutlinePart(PartKind.HEADING, "Summary", level=1),
        OutlinePart(PartKind.COMMENTARY, level=2),
        OutlinePart(PartKind.STATEMENT, name="annex-a"),
    )


@pytest.mark.parametrize(
    "parts, message",
    [
        ("x", "parts must be a list"),
        (["x"], "part 1 must be a table"),
        ([{"kind": "poem"}], "part 1 must have one of these kinds: heading"),
        ([{"kind": "text"}], "part 1 needs a text"),
        ([{"kind": "heading", "text": "x", "level": 4}], "the level of heading 1 must be 1, 2"),
        ([{"kind": "text", "text": "x" * 20_001}], "more than 20,000 characters"),
        ([{"kind": "panel"}], "part 1 must name the panel"),
        ([{"kind": "text", "text": "x", "colour": "red"}], "unknown key colour"),
        ([{"kind": "commentary", "level": True}], "must be a whole number"),
        ([{"kind": "statements"}] * 201, "200 parts at most"),
    ],
)
def test_an_outline_that_cannot_be_used_is_refused_with_the_part(parts, message):
    with pytest.raises(OutlineError, match=message):
        read_outline(parts)


def test_a_name_of_a_panel_and_of_a_statement_is_offered_once_with_both_titles():
    names = settings_tables._list_names()
    assert len(dict(names)) == len(names)
    assert dict(names)["aged-debt"] == (
        "Chart: aged debt by how long it is overdue / Statement: Aged debt"
    )
