"""Grants of a made-up council: files and their faults, balances, shares, checks and undo."""

import pytest

from council_finance.errors import Refused
from council_finance.registry import GrantFunding, grant_funding, preview_settings
from council_finance.statements.casting import DIFFERS
from monitoring.models import Upload
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.statements import statement
from monitoring.structure.council_settings import read_settings
from monitoring.uploading.selectors.undo import preview_undo
from monitoring.uploading.services.undo import undo_upload
from reserves.grants.calculations import closing_balance, divide_by_shares
from reserves.models import Grant, GrantPosition, GrantShare
from tests.councils.grants import COLUMNS, GRANTS, load_council
from tests.councils.packs import bring, facts_of, publish


@pytest.fixture
def council(db, tmp_path):
    return load_council(tmp_path)


@pytest.mark.parametrize(
    ("figures", "closing"),
    [
        ((717, 2230, 964, None, None), 1983),
        ((-720, 59_653, 68_335, 0, 2231), -7171),
        ((None, 10, 3, 2, -1), 4),
        ((5, 10, None, 1, 1), None),
        ((5, None, 10, 1, 1), None),
        ((5, 0, 0, None, None), 5),
    ],
)
def test_what_is_carried_forward(figures, closing):
    assert closing_balance(*figures) == closing


@pytest.mark.parametrize(
    ("pence", "shares", "parts"),
    [
        (100, [1, 1, 1], [33, 34, 33]),
        (-100, [1, 2], [-33, -67]),
        (7, [None, 2], [0, 7]),
        (7, [0, None], [7, 0]),
        (None, [1, 2], [None, None]),
        (10, [-1, -1], [5, 5]),
        (1001, [1001], [1001]),
    ],
)
def test_an_amount_is_divided_to_the_penny(pence, shares, parts):
    assert divide_by_shares(pence, shares) == parts


def texts(made, *columns) -> list[tuple[str, ...]]:
    return [(row.label, *(row.cells[c].text for c in columns)) for row in made.rows if row.cells]


def test_grants_print_by_group_with_the_small_ones_together(council):
    made = statement(facts_of(council, 1), "grants")
    assert texts(made, "expected", "received", "applied", "carried_forward", "ring_fenced") == [
        ("Roads grant", "60", "60", "75", "-7", "yes"),  # 10 + 60 - 75 - 1 - 0.50
        ("Shared grant", "31", "31", "10", "26", ""),
        ("Non-material grants (under £7)", "10", "4", "–", "–", "no"),
        ("Total Main 2021/22", "101", "95", "85", "19", ""),
        ("Whole council", "50", "–", "–", "–", ""),
        ("Total Grant Funding 2021/22", "151", "95", "85", "19", ""),
        ("Land receipts", "30", "30", "30", "20", ""),
    ]
    assert made.row("small:Main").cells["awarding_body"].text == "Various"
    bring(council, "grants", COLUMNS + "D,Small two,Y,Main,CARE,9,,,\n")
    labels = [row.label for row in statement(facts_of(council, 1), "grants").rows]
    assert "Small one" in labels and "Small two" in labels  # one alone keeps its name


def test_grants_by_service_follow_totals_and_divide_what_is_shared(council):
    made = statement(facts_of(council, 1), "grants-by-service")
    pence = {row.key: [cell.pence for cell in row.cells.values()] for row in made.rows}
    assert pence == {
        "PLACE": [7033, 7834, 216],  # ROAD's grant and a third of what is shared
        "CARE": [2667, 667, 1733],
        "total:services": [9700, 8501, 1949],
        "grant:C": [400, None, None],
        "grant:E": [5000, None, None],
        "total": [15100, 8501, 1949],
    }


def differing(facts) -> dict[str, tuple[int, int]]:
    return {
        check.name: (check.expected_pence, check.actual_pence)
        for check in check_report(facts)
        if check.status == DIFFERS and check.statement.startswith("grants")
    }


def test_ties_that_do_not_hold_are_found(council, monkeypatch):
    assert differing(facts_of(council, 1)) == {
        "Main: the grants expected are the budget of G/NET": (10_000, 10_100),
        "Grants outside groups: the grants expected are on a budget line": (0, 5000),
    }
    funding = [
        GrantFunding("K", "Land", 2000),
        GrantFunding("K", "Land again", 900),
        GrantFunding("A", "Roads", 7500),
        GrantFunding("Z", "Unknown", 100),
        GrantFunding("E", "Not applied yet", 100),
        GrantFunding("K", "Not forecast", None),
    ]
    monkeypatch.setattr("council_finance.registry.capital_grants._readers", [lambda _: funding])
    assert grant_funding(None) == funding
    bring(council, "reserves", "code,name,kind,opening_balance\nLAND,Land receipts,capital,21\n")
    found = differing(facts_of(council, 1))
    title = "Land receipts: the grant applied is its funding of the capital programme"
    assert found[title] == (2900, 3000)
    assert found["Z: capital funding names a grant of the register"] == (100, 0)
    title = "Land receipts: the capital grant carried forward is the reserve of its name"
    assert found[title] == (2100, 2000)
    assert len(found) == 5


def test_a_line_without_a_budget_and_a_group_without_grants_are_found(db, tmp_path):
    lines = '{ "Main" = "NONE/NET", "Other" = "G/NET", "" = "A/NET" }'
    council = load_council(tmp_path, settings=f"[grants]\nlines = {lines}\n")
    assert differing(facts_of(council, 1)) == {
        "Main: the grants expected are the budget of NONE/NET, which has no budget in this "
        "period": (0, 10_100),
        "Other: no grants are expected, but G/NET has a budget": (10_000, 0),
        ": the grants expected are the budget of A/NET": (-50_000, 5000),
    }


def refusal(council, text: str, number: int | None = None) -> str:
    """The sentences of a refused file; nothing was stored."""
    tables = (Grant, GrantShare, GrantPosition)
    before = [list(model.objects.order_by("pk").values()) for model in tables]
    with pytest.raises(Refused) as caught:
        bring(council, "grants", text, number)
    assert [list(model.objects.order_by("pk").values()) for model in tables] == before
    return " ".join(caught.value.messages)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("A,Roads grant,,,NOWHERE,1,,,", "no service with this code"),
        ("A,Roads grant,,,OLD,1,,,", "this service is closed"),
        ("A,Roads grant,,,ROAD,x,,,", "expected"),
        ("A,Roads grant,,,ROAD,1,loan,,", "one of revenue, capital"),
        ("A,Roads grant,,,ROAD,1,,perhaps,", "one of yes, no"),
        ("A,,,,ROAD,1,,,", "grant"),
        ("heading:x,Roads grant,,,ROAD,1,,,", "give the grant another"),
        ("A,Roads grant,,,ROAD,1,,,\nA,Roads grant,,,ROAD,2,,,", "the same service"),
        ("A,Roads grant,,,ROAD,1,,,\nA,Other name,,,CARE,2,,,", "says Roads grant"),
        ("A,Roads grant,,,ROAD,1,,yes,\nA,Roads grant,,,CARE,2,,no,", "says yes"),
        (f"A,{'x' * 301},,,ROAD,1,,,", "300 characters"),
    ],
)
def test_a_wrong_register_is_refused_with_its_row_and_nothing_is_stored(council, rows, words):
    message = refusal(council, f"{COLUMNS}{rows}\n")
    last = 2 + rows.count("\n")
    assert words in message and f"ow {last}" in message


def test_a_wrong_position_is_refused(council):
    message = refusal(council, "reference,received\nQ,1\n", 1)
    assert "there is no grant with this reference" in message and "ow 2" in message
    message = refusal(council, "reference,received\nA,1\nA,2\n", 1)
    assert "earlier row" in message
    message = refusal(council, COLUMNS.replace("expected,", "") + "A,Roads,,,ROAD,,,\n")
    assert "expected" in message


def test_a_file_changes_what_it_has_columns_for_and_warns(council):
    upload = bring(council, "grants", "reference,grant,expected\nA,Roads grant,-60\n")
    grant = Grant.objects.get(reference="A")
    assert (grant.ring_fenced, grant.opening_balance_pence, grant.group) == (True, 1000, "Main")
    assert [(s.service, s.expected_pence) for s in grant.shares.all()] == [(None, -6000)]
    warnings = [problem["message"] for problem in Upload.objects.get(pk=upload.pk).warnings]
    assert any("less than nil" in text for text in warnings)
    assert sum("stays as it is stored" in text for text in warnings) == 5


def test_an_undone_file_leaves_grants_as_they_were(council, person):
    tables = (Grant, GrantShare, GrantPosition)

    def rows():
        return [list(m.objects.order_by("pk").values()) for m in tables]

    before = rows()
    kept = "B,Shared grant,,,CARE,21,,,\n"
    upload = bring(council, "grants", f"{COLUMNS}A,Roads,,,CARE,1,,,\n{kept}N,New,,,,5,,,\n")
    assert rows() != before
    by = person("finance_lead")
    basis = preview_undo(upload, by).basis
    undo_upload(upload=upload, reason="Wrong file", basis=basis, by=by)
    assert rows() == before


def test_a_published_report_keeps_its_grants(council):
    publish(council, 1)
    frozen = statement(facts_of(council, 1), "grants").to_json()
    bring(council, "grants", GRANTS.replace("60.00", "61"))
    assert statement(facts_of(council, 1), "grants").to_json() == frozen


def test_a_preview_shows_the_rows_and_the_lines_that_change(council):
    report = facts_of(council, 1)
    value = read_settings({"grants": {"de_minimis": 40, "lines": {"Main": "A/NET"}}})
    preview = preview_settings("grants", report, value.of_apps["grants"])
    rows, lines = (table.rows for table in preview.tables)
    assert ("Roads grant", "60", "60") not in rows
    assert set(rows) >= {
        ("Shared grant", "31", "no row"),
        ("Non-material grants (under £7)", "10", "no row"),
        ("Non-material grants (under £40)", "no row", "41"),
    }
    assert lines == (("Main", "101", "A/NET", "500"),)
    same = preview_settings("grants", report, report.settings.of_apps["grants"])
    assert same.sentences == ("Nothing would change.",) and not same.tables


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"de_minimis": -1}, "below nil"),
        ({"de_minimis": "much"}, "number of pounds"),
        ({"lines": ["GRANT-02/NET"]}, "lines must name"),
        ({"lines": {"Main": "GRANT-02"}}, "“Main” must name a line"),
        ({"groups": {}}, "there is no key “groups”"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(table, words):
    with pytest.raises(ValueError, match=words):
        read_settings({"grants": table})
