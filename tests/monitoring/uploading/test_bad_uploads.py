"""Files with faults: each is told by row and column, with what was expected; nothing is stored."""

import subprocess
import sys

import pytest

from council_finance.errors import Refused
from council_finance.statements import Statement
from monitoring.models import (
    Batch,
    BudgetLine,
    Commentary,
    FinancialYear,
    NodeFigure,
    Period,
    Position,
    Report,
    ReportStatement,
    Service,
    Upload,
    Virement,
)
from monitoring.packs.services import load_pack
from tests import ready_databases
from tests.conftest import ROOT
from tests.councils import loaded
from tests.councils.packs import (
    POSITION_COLUMNS,
    bring,
    csv_of,
    facts_of,
    nodes_of,
    position,
    publish,
    table,
    virements,
    write_pack,
)

TREE = """code,name,parent_code,order,total_label,successor_code
TOP,Small Council,,1,Total,
DIR,Directorate,TOP,1,Directorate total,
ONE,One,DIR,1,,
TWO,Two,DIR,2,,
OLD,Old,DIR,3,,ONE
"""
REGISTER = """
V-1,1,B,NET,A,NET,10,funding,,Cabinet,2021-05-10,,Approved
V-2,1,B,NET,A,NET,20,funding,,Cabinet,2021-05-10,,Two legs
V-2,1,B,NET,C,NET,5,funding,,Cabinet,2021-05-10,,Two legs
V-3,2,B,NET,A,NET,7,funding,,,,,Pending
"""
ROWS = "ONE A 100 130 140\nONE C 50 55 55\nTWO B 200 165 160"
FILES = {
    "services.csv": TREE,
    "virements.csv": virements(REGISTER),
    "periods/01/position.csv": position(ROWS),
    "periods/02/position.csv": position(ROWS.replace("140", "145")),
    "periods/02/commentary.csv": "service_code,text\nONE,Demand is up\n",
}
MODELS = (
    FinancialYear,
    Period,
    Service,
    BudgetLine,
    Batch,
    Position,
    NodeFigure,
    Virement,
    Commentary,
    Report,
    ReportStatement,
)


@pytest.fixture
def council(db, tmp_path):
    """Month 1 published, month 2 open with figures and commentary."""
    return loaded.load_pack(folder=write_pack(tmp_path, FILES, publish=(1,)), by=None).year


def everything() -> dict[str, list]:
    """Every row that figures are made of, as stored."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def refusal(council, kind, content, number=None, **more) -> list[str]:
    """The sentences of a refused upload; whatever is stored is as it was."""
    before = everything()
    with pytest.raises(Refused) as caught:
        bring(council, kind, content, number, **more)
    assert everything() == before
    return caught.value.messages


def assert_told(messages, row, column, *words):
    place = f"Row {row}, column {column}: "
    told = [message for message in messages if message.startswith(place)]
    assert told, messages
    assert any(all(word in message for word in words) for message in told), told


def rows_of(text, columns=POSITION_COLUMNS) -> str:
    return csv_of(columns, table(text))


LIMIT = "10000000000"
BAD_CELLS = {
    "an unknown service": ("NOPE A NET 100 130 140", 2, "service_code", "NOPE", "services.csv"),
    "a closed service": ("OLD A NET 100 130 140", 2, "service_code", "closed", "ONE (One)"),
    "a service with others under it": ("DIR A NET . 1 1", 2, "service_code", "without"),
    "the top": ("TOP A NET . 1 1", 2, "service_code", "others under it"),
    "a line twice": ("ONE A NET . 1 1\nTWO A NET . 2 2", 3, "account", "A/NET", "earlier row"),
    "text for an amount": ("ONE A NET . abc 1", 2, "current_budget", "abc", "1,234.50"),
    "text for a forecast": ("ONE A NET . 1 n/a", 2, "forecast", "n/a", "1,234.50"),
    "three decimals": ("ONE A NET . 1.234 1", 2, "current_budget", "1.234", "two decimals"),
    "two signs": ("ONE A NET . -(5) 1", 2, "current_budget", "-(5)"),
    "too large": (f"ONE A NET . {LIMIT} 1", 2, "current_budget", LIMIT, "9,999,999,999.99"),
    "a blank current budget": ("ONE A NET . . 1", 2, "current_budget", "value is needed"),
    "no cost centre": ("ONE . NET . 1 1", 2, "cost_centre", "value is needed"),
    "no account": ("ONE A . . 1 1", 2, "account", "value is needed"),
    "a long code": (f"ONE {'A' * 65} NET . 1 1", 2, "cost_centre", "64"),
    "text for planned use": ("ONE A NET . 1 1 some", 2, "planned_use_of_reserves", "some"),
}


@pytest.mark.parametrize("case", BAD_CELLS.values(), ids=BAD_CELLS)
def test_a_bad_cell_of_a_position_is_told_by_row_and_column(council, case):
    text, row, column, *words = case
    rows = [[*cells, *["."] * (8 - len(cells))] for cells in table(text)]
    messages = refusal(council, "position", csv_of(POSITION_COLUMNS, rows), 2)
    assert_told(messages, row, column, *words)
    assert messages[-1].endswith("nothing was stored.")


def test_rows_and_columns_are_named_as_they_stand_in_the_file(council):
    text = (
        "Ledger export\n"
        "\n"
        "Service Code;Cost Centre;ACCOUNT;Current Budget (£000);Forecast £\n"
        "ONE;A;NET;1,5;1\n"
        "\n"
        "ONE;C;NET;55;x\n"
    )
    messages = refusal(council, "position", text, 2)
    assert_told(messages, 4, "Current Budget (£000)", "1,5")
    assert_told(messages, 6, "Forecast £", "x")


def test_every_fault_of_a_position_is_told_at_once(council):
    text = position("NOPE A 1 1 1\nONE C 1 x 1\nONE C 1 1 1\nDIR B 1 1.001 1")
    messages = refusal(council, "position", text, 2)
    assert_told(messages, 2, "service_code", "NOPE")
    assert_told(messages, 3, "current_budget", "x")
    assert_told(messages, 4, "account", "C/NET")
    assert_told(messages, 5, "service_code", "DIR")
    assert_told(messages, 5, "current_budget", "1.001")


def test_every_fault_of_a_register_is_told_at_once(council):
    """A wrong amount on one row does not hide a wrong reversal on another."""
    text = virements(
        "N-1,2,B,NET,A,NET,-5,funding,,,,,\n"
        "N-2,2,A,NET,B,NET,5,funding,,,,NOPE,\n"
        "V-1,1,B,NET,A,NET,11,funding,,Cabinet,2021-05-10,,Approved"
    )
    messages = refusal(council, "virements", text)
    assert_told(messages, 2, "amount", "positive")
    assert_told(messages, 3, "reverses", "NOPE")
    assert_told(messages, 4, "reference", "V-1", "approved")


def test_every_fault_of_a_tree_is_told_at_once(council):
    text = TREE + "SIX,Six,NOPE,1,,\nUP,Up,DOWN,1,,\nDOWN,Down,UP,1,,\n"
    messages = refusal(council, "services", text)
    assert_told(messages, 7, "parent_code", "NOPE")
    assert_told(messages, 8, "parent_code", "above itself")
    assert_told(messages, 9, "parent_code", "above itself")


def test_of_very_many_faults_the_first_thousand_are_told_and_how_many_more(council):
    rows = "\n".join(f"NOPE A{number} 1 1 1" for number in range(1005))
    messages = refusal(council, "position", position(rows), 2)
    places = [message for message in messages if message.startswith("Row ")]
    assert len(places) == 1000
    assert any("5 more" in message for message in messages)
    assert places[0].startswith("Row 2, column service_code: “NOPE”")


HEADER = ",".join(POSITION_COLUMNS)
BAD_FILES = {
    "nothing in it": (b"", "empty"),
    "blank lines": (b"\n\n  \n", "empty"),
    "a heading row alone": (f"{HEADER}\n".encode(), "no rows"),
    "headings and blank rows": (f"{HEADER}\n,,,,,,,\n\n".encode(), "no rows"),
    "no current budget": (b"cost_centre,account\nA,NET\n", "current_budget is missing"),
    "no cost centre": (b"account,current_budget\nNET,1\n", "cost_centre is missing"),
    "a heading twice": (
        b"cost_centre,account,current_budget,Current Budget\nA,NET,1,2\n",
        "Current Budget is in the file twice",
    ),
    "a letter": (b"Dear colleague,\nplease find the figures\n", "headings"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a spreadsheet"),
    "a PDF": (b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "headings"),
    "a damaged workbook": (b"PK\x03\x04 this was a workbook", "cannot be opened"),
    "an open quotation mark": (f'{HEADER}\nONE,"A,NET,1,1,1\n'.encode(), "quotation"),
}


@pytest.mark.parametrize("case", BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_no_position_says_what_is_wrong_with_it(council, case):
    content, words = case
    messages = refusal(council, "position", content, 2)
    assert any(words in message for message in messages), messages


def test_a_sheet_that_is_not_there_is_refused(council):
    messages = refusal(council, "position", position(ROWS), 2, sheet="Ledger")
    assert any("no sheets" in message for message in messages)


@pytest.mark.parametrize(
    ("kind", "content"),
    [("position", position(ROWS)), ("commentary", "service_code,text\nONE,Late words\n")],
)
def test_a_published_period_takes_nothing(council, kind, content):
    messages = refusal(council, kind, content, 1)
    assert any("Reopen it first" in message for message in messages)


@pytest.mark.parametrize("number", [14, 99])
def test_there_is_no_such_period(council, number):
    (message,) = refusal(council, "position", position(ROWS), number)
    assert "0 to 13" in message


@pytest.mark.parametrize(
    ("kind", "number", "words"),
    [
        ("position", None, "Give a period"),
        ("services", 2, "Leave the period out"),
        ("virements", 2, "Leave the period out"),
        ("allotments", 2, "The kinds are:"),
    ],
)
def test_a_kind_at_the_wrong_place_says_where_it_goes(council, kind, number, words):
    (message,) = refusal(council, kind, "a,b\n1,2\n", number)
    assert words in message


SCOPED = {
    "a line of another service": ("ONE A 100 130 141", "TWO"),
    "a line fetched from another service": ("TWO A 100 130 141", "TWO"),
    "a line sent to another service": ("ONE B 200 165 160", "TWO"),
    "an unknown line without a service": (". ZZZ 200 165 160", "TWO"),
}


@pytest.mark.parametrize("case", SCOPED.values(), ids=SCOPED)
def test_with_a_scope_only_its_lines_may_be_in_the_file(council, case):
    text, scope = case
    messages = refusal(council, "position", position(text), 2, scope=scope)
    assert_told(messages, 2, "cost_centre", f"does not stand under {scope}")


def test_a_scope_is_a_service_that_there_is(council):
    (message,) = refusal(council, "position", position(ROWS), 2, scope="NOPE")
    assert "no service with the code NOPE" in message


@pytest.mark.parametrize("kind", ["virements", "commentary"])
def test_only_a_position_has_a_scope(council, kind):
    number = 2 if kind == "commentary" else None
    (message,) = refusal(council, kind, "a,b\n1,2\n", number, scope="ONE")
    assert "Only a file of budget lines" in message


def test_at_the_close_a_forecast_that_is_not_the_actual_is_an_error(council):
    columns = ("service_code", "cost_centre", "account", "current_budget", "actual_to_date")
    rows = table("ONE A NET 130 140 140\nONE C NET 55 56 57\nTWO B NET 165 . 160")
    messages = refusal(council, "position", csv_of((*columns, "forecast"), rows), 13)
    assert_told(messages, 3, "forecast", "57", "56")
    assert len(messages) == 2


@pytest.mark.slow
def test_a_cost_centre_under_two_services_needs_a_service_code(council):
    text = position("ONE M 1 1 1").replace("M,NET", "M,N1") + "TWO,M,N2,,1,1,,\n"
    bring(council, "position", text + "ONE,A,NET,,1,1,,\n", 2)
    messages = refusal(council, "position", f"{HEADER}\n,M,N3,,1,1,,\n", 2)
    assert_told(messages, 2, "service_code", "say which")


def test_a_total_that_is_not_the_sum_is_an_error(council):
    text = "cost_centre,account,description,current_budget\nA,NET,,1\nB,NET,,2\n,,Grand total,4\n"
    messages = refusal(council, "position", text, 2)
    assert_told(messages, 4, "current_budget", "4.00", "3.00")


BAD_VIREMENTS = {
    "an unknown giver": (
        "N,2,X,NET,A,NET,5,funding,,,,,",
        "from_cost_centre",
        "X/NET",
        "no budget",
    ),
    "an unknown receiver": ("N,2,B,NET,A,XX,5,funding,,,,,", "to_cost_centre", "A/XX"),
    "half an end": ("N,2,B,,A,NET,5,funding,,,,,", "from_cost_centre", "no budget line"),
    "no ends": ("N,2,,,,,5,funding,,,,,", "from_cost_centre", "needs a line"),
    "the same ends": ("N,2,A,NET,A,NET,5,funding,,,,,", "to_cost_centre", "line it comes from"),
    "a negative amount": ("N,2,B,NET,A,NET,-5,funding,,,,,", "amount", "-5", "positive"),
    "nil": ("N,2,B,NET,A,NET,0,funding,,,,,", "amount", "positive"),
    "no amount": ("N,2,B,NET,A,NET,,funding,,,,,", "amount", "value is needed"),
    "three decimals": ("N,2,B,NET,A,NET,5.001,funding,,,,,", "amount", "two decimals"),
    "negative spending": ("N,2,B,NET,A,NET,5,technical,-1,,,,", "forecast_amount", "-1"),
    "another kind": ("N,2,B,NET,A,NET,5,gift,,,,,", "kind", "gift", "funding, technical"),
    "no kind": ("N,2,B,NET,A,NET,5,,,,,,", "kind", "value is needed"),
    "month 14": ("N,14,B,NET,A,NET,5,funding,,,,,", "period", "14", "0 to 13"),
    "a month's name": ("N,May,B,NET,A,NET,5,funding,,,,,", "period", "May", "whole number"),
    "no such day": ("N,2,B,NET,A,NET,5,funding,,C,2021-02-30,,", "approved_on", "2021-02-30"),
    "a reversal of nothing": ("N,2,A,NET,B,NET,5,funding,,C,2021-06-01,NOPE,", "reverses", "NOPE"),
    "a reversal of itself": ("N,2,A,NET,B,NET,5,funding,,C,2021-06-01,N,", "reverses", "other"),
    "a reversal the same way": (
        "N,2,B,NET,A,NET,10,funding,,C,2021-06-01,V-1,",
        "reverses",
        "moves the money back",
    ),
    "a reversal of more": (
        "N,2,A,NET,B,NET,11,funding,,C,2021-06-01,V-1,",
        "reverses",
        "more than was moved",
    ),
    "a reversal of legs without ends": (
        "N,2,,,,,20,funding,,C,2021-06-01,V-2,",
        "reverses",
        "several legs",
    ),
    "an approved amount": (
        "V-1,1,B,NET,A,NET,11,funding,,Cabinet,2021-05-10,,Approved",
        "reference",
        "V-1",
        "take it back",
    ),
    "an approved end": ("V-1,1,C,NET,A,NET,10,funding,,Cabinet,2021-05-10,,", "reference", "V-1"),
    "an approved month": ("V-1,2,B,NET,A,NET,10,funding,,Cabinet,2021-05-10,,", "reference", "V-1"),
    "its kind": (
        "V-1,1,B,NET,A,NET,10,technical,,Cabinet,10/05/2021,,",
        "reference",
        "V-1",
    ),
    "an approved date": ("V-1,1,B,NET,A,NET,10,funding,,Cabinet,2021-05-11,,", "reference", "V-1"),
    "an approval taken away": ("V-1,1,B,NET,A,NET,10,funding,,,,,", "reference", "V-1"),
    "spending of an approved one": (
        "V-1,1,B,NET,A,NET,10,funding,3,Cabinet,2021-05-10,,",
        "reference",
        "V-1",
    ),
    "an approved leg gone": (
        "V-2,1,B,NET,A,NET,20,funding,,Cabinet,2021-05-10,,Two legs",
        "reference",
        "V-2",
    ),
}


@pytest.mark.parametrize("case", BAD_VIREMENTS.values(), ids=BAD_VIREMENTS)
def test_a_bad_virement_is_told_by_row_and_column(council, case):
    text, column, *words = case
    messages = refusal(council, "virements", virements(text))
    assert_told(messages, 2, column, *words)


def test_legs_of_a_reference_are_approved_together(council):
    text = "N,2,B,NET,A,NET,5,funding,,C,2021-06-01,,\nN,2,B,NET,C,NET,5,funding,,,,,"
    assert_told(refusal(council, "virements", virements(text)), 3, "reference", "together")


def test_a_virement_is_not_taken_back_twice(council):
    """Two reversals of the whole amount take back more than was moved."""
    back = "A,NET,B,NET,10,funding,,Cabinet,2021-06-01,V-1,Back"
    messages = refusal(council, "virements", virements(f"R-1,2,{back}\nR-2,2,{back}"))
    assert_told(messages, 3, "reverses", "more than was moved")


def test_a_virement_is_not_taken_back_twice_by_two_files(council):
    back = "A,NET,B,NET,10,funding,,Cabinet,2021-06-01,V-1,Back"
    bring(council, "virements", virements(f"R-1,2,{back}"))
    messages = refusal(council, "virements", virements(f"R-2,2,{back}"))
    assert_told(messages, 2, "reverses", "more than was moved")


HEAD = "code,name,parent_code,order,total_label,successor_code\n"
BAD_TREES = {
    "two tops": (TREE + "TOP2,Other,,2,,\n", 7, "parent_code", "exactly one"),
    "no top": (HEAD + "A,A,B,1,,\nB,B,A,1,,\n", 2, "parent_code", "exactly one"),
    "its own parent": (TREE + "SIX,Six,SIX,1,,\n", 7, "parent_code", "above itself"),
    "a ring": (TREE + "SIX,Six,SEV,1,,\nSEV,Sev,SIX,1,,\n", 7, "parent_code", "above itself"),
    "an unknown parent": (TREE + "SIX,Six,NOPE,1,,\n", 7, "parent_code", "NOPE", "that code"),
    "an unknown successor": (TREE + "SIX,Six,DIR,1,,NOPE\n", 7, "successor_code", "NOPE"),
    "a successor with others": (TREE + "SIX,Six,DIR,1,,DIR\n", 7, "successor_code", "under it"),
    "its own successor": (TREE + "SIX,Six,DIR,1,,SIX\n", 7, "successor_code", "lead back"),
    "successors in a ring": (
        TREE + "SIX,Six,DIR,1,,SEV\nSEV,Sev,DIR,1,,SIX\n",
        7,
        "successor_code",
        "lead back",
    ),
    "a parent that closes": (TREE + "SIX,Six,OLD,1,,\n", 7, "parent_code", "closes"),
    "a code twice": (TREE + "TWO,Two again,DIR,1,,\n", 7, "code", "TWO", "earlier row"),
    "no name": (TREE + "SIX,,DIR,1,,\n", 7, "name", "value is needed"),
    "no code": (TREE + ",Six,DIR,1,,\n", 7, "code", "value is needed"),
    "a long name": (TREE + f"SIX,{'x' * 301},DIR,1,,\n", 7, "name", "300"),
    "an order in words": (TREE + "SIX,Six,DIR,first,,\n", 7, "order", "first", "whole number"),
    "the product's own code": (TREE + "UNALLOCATED,U,DIR,1,,\n", 7, "code", "UNALLOCATED"),
}


@pytest.mark.parametrize("case", BAD_TREES.values(), ids=BAD_TREES)
def test_a_bad_tree_is_told_by_row_and_column(council, case):
    text, row, column, *words = case
    assert_told(refusal(council, "services", text), row, column, *words)


@pytest.mark.parametrize(
    ("text", "row", "column", "words"),
    [
        ("NOPE,Text\n", 2, "service_code", "services.csv"),
        ("OLD,Text\n", 2, "service_code", "closed"),
        ("ONE,Text\nONE,More\n", 3, "service_code", "earlier row"),
        ("ONE,\n", 2, "text", "value is needed"),
        (",Text\n", 2, "service_code", "value is needed"),
    ],
    ids=["unknown", "closed", "twice", "no text", "no service"],
)
def test_a_bad_commentary_is_told_by_row_and_column(council, text, row, column, words):
    messages = refusal(council, "commentary", f"service_code,text\n{text}", 2)
    assert_told(messages, row, column, words)


@pytest.mark.parametrize("kind", ["services", "virements", "commentary"])
@pytest.mark.parametrize("content", [b"", b"\x89PNG\x00", b"a,b\n1,2\n"], ids=["nil", "png", "ab"])
def test_what_is_no_file_of_that_kind_is_refused(council, kind, content):
    number = 2 if kind == "commentary" else None
    assert refusal(council, kind, content, number)


def test_a_refused_file_is_kept_with_its_faults_and_frees_the_place(council):
    refusal(council, "position", position("NOPE A 1 1 1"), 2)
    upload = Upload.objects.first()
    assert (upload.state, upload.problem_count) == ("refused", 1)
    assert upload.problems[0]["row"] == 2
    assert bring(council, "position", position(ROWS), 2).state == "stored"


class Broken(RuntimeError):
    """Made to happen half way."""


def broken(*_args, **_kwargs):
    raise Broken("half way")


GOOD = {
    "position": (position("ONE A 100 130 150\nTWO NEW 5 5 5"), 2),
    "services": (TREE + "SIX,Six,DIR,6,,\n", None),
    "virements": (virements("N,2,B,NET,A,NET,5,funding,,C,2021-06-01,,"), None),
    "commentary": ("service_code,text\nTWO,Other words\n", 2),
}


@pytest.mark.parametrize("kind", GOOD)
def test_an_upload_that_breaks_half_way_leaves_nothing(council, monkeypatch, kind):
    """Everything of the kind is written by then; only the year's revision is not."""
    content, number = GOOD[kind]
    before = everything()
    monkeypatch.setattr("monitoring.uploading.pipeline.store.advance", broken)
    with pytest.raises(Broken):
        bring(council, kind, content, number)
    assert everything() == before
    assert Upload.objects.first().state != "stored"


@pytest.mark.parametrize("kind", GOOD)
def test_without_the_break_the_same_file_is_stored(council, kind):
    content, number = GOOD[kind]
    before = everything()
    assert bring(council, kind, content, number).state == "stored"
    assert everything() != before


def test_a_position_that_breaks_at_its_read_model_leaves_nothing(council, monkeypatch):
    before = everything()
    monkeypatch.setattr("monitoring.ledger_files.upload_kinds.lines_file.write_figures", broken)
    with pytest.raises(Broken):
        bring(council, "position", *GOOD["position"])
    assert everything() == before


@pytest.mark.parametrize("place", ["a statement", "the end"])
def test_a_publication_that_breaks_half_way_leaves_nothing(council, monkeypatch, place):
    before = everything()
    if place == "a statement":
        monkeypatch.setattr(Statement, "to_json", broken)
    else:
        monkeypatch.setattr("monitoring.structure.year_changes._count_change", broken)
    with pytest.raises(Broken):
        publish(council, 2)
    assert everything() == before
    assert facts_of(council, 2).status == "draft"


@pytest.mark.slow
def test_a_pack_that_breaks_at_its_second_report_leaves_nothing(db, tmp_path, monkeypatch):
    from monitoring.packs import services as packs

    before, uploads, publish_report = everything(), Upload.objects.count(), packs.publish_report

    def at_month_2(*, period, by):
        return broken() if period.number == 2 else publish_report(period=period, by=by)

    monkeypatch.setattr(packs, "publish_report", at_month_2)
    folder = write_pack(tmp_path, FILES, publish=(1, 2))
    with pytest.raises(Broken):
        load_pack(folder=folder, by=None)
    assert (everything(), Upload.objects.count()) == (before, uploads)


@pytest.mark.slow
def test_a_pack_with_a_fault_in_its_last_file_leaves_nothing(db, tmp_path):
    before, uploads = everything(), Upload.objects.count()
    files = FILES | {"periods/02/commentary.csv": "service_code,text\nNOPE,Words\n"}
    with pytest.raises(Refused) as caught:
        load_pack(folder=write_pack(tmp_path, files, publish=(1, 2)), by=None)
    assert any(
        message.startswith("periods/02/commentary.csv: Row 2, column service_code: “NOPE”")
        for message in caught.value.messages
    )
    assert (everything(), Upload.objects.count()) == (before, uploads)


def test_a_changed_pack_with_a_fault_leaves_the_year_as_it_was(council, tmp_path):
    before = everything()
    files = FILES | {
        "services.csv": TREE.replace("Two", "Second"),
        "periods/02/position.csv": position("NOPE A 1 1 1"),
    }
    with pytest.raises(Refused):
        load_pack(folder=write_pack(tmp_path / "changed", files, publish=(1,)), by=None)
    assert everything() == before
    assert nodes_of(facts_of(council, 2))["TWO"]["label"] == "Two"


BREAK_AND_TRY_AGAIN = """
import pathlib, sys
import django
django.setup()
from monitoring.models import FinancialYear, Upload
from monitoring.uploading.pipeline import store
from monitoring.packs.services import load_pack
from monitoring.uploading.services.uploads import upload_file

folder = pathlib.Path(sys.argv[1])
year = load_pack(folder=folder, by=None).year
content = (folder / "periods/02/position.csv").read_bytes()
file = dict(kind="position", year=year, period=2, content=content, file_name="p.csv", by=None)
advance = store.advance

def broken(year):
    raise RuntimeError("half way")

store.advance = broken
try:
    upload_file(**file)
except RuntimeError as error:
    print(error, Upload.objects.first().state)
store.advance = advance
print(upload_file(**file).state)
"""


@pytest.mark.slow
def test_after_a_break_the_upload_has_failed_and_the_next_one_is_taken(tmp_path):
    """With real transactions, in a process of its own."""
    folder = write_pack(tmp_path / "pack", FILES, publish=(1,))
    ready_databases.copy_file(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-c", BREAK_AND_TRY_AGAIN, str(folder)],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "DATA_DIR": str(tmp_path / "data"),
            "DJANGO_SETTINGS_MODULE": "council_finance.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["half", "way", "failed", "stored"], done.stderr
