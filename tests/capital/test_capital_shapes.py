"""The capital programme as other councils shape it, in made-up figures; and faults of its files."""

import pytest

from council_finance.errors import Refused
from monitoring.reports.checks import check_report
from monitoring.reports.selectors.statements import statement
from monitoring.uploading.services.layouts import save_layout
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, position, publish, write_pack

TREE = (
    "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\n"
    "PEOPLE,People,TOP,1,\nPLACE,Place,TOP,2,\n"
)
SCHEMES = (
    "reference,scheme,programme,service_code,kind,original_budget,total_budget,completion\n"
    "S1,Library,Culture,PEOPLE,scheme,1000,5000,May 2023\n"
    "S2,Depot,Transport,PLACE,scheme,800,,2022/23\n"
    "S3,Bridge,Transport,PLACE,scheme,,900,\n"
    "V,Slippage allowance,,PLACE,variations,-100,,\n"
    "V2,Allowance for the rest,,,variations,-50,,\n"
)
HEAD = "reference,scheme_reference,period,kind,amount,total_amount,approved_by,reason\n"
CHANGES = (
    f"{HEAD}C1,S1,2,carry_forward,60,,Cabinet,Late steel\n"
    "C2,S2,2,to_revenue,-30,,Cabinet,Repairs\nC3,S3,2,new_scheme,300,900,Cabinet,New\n"
)
LATER = (
    f"{HEAD}C4,S1,4,rephasing,-200,,Cabinet,Ground works\nC5,S1,4,variation,40,,Cabinet,Lift\n"
    "C6,S1,4,virement,-10,,Cabinet,To the depot\nC6,S2,4,virement,10,,Cabinet,From the library\n"
)
NOW = "reference,budget,actual_to_date,forecast,total_budget,total_forecast,completion\n"
SOURCES = (
    "reference,source,kind,grant_reference,original\nF1,Lottery,grant,G1,1000\n"
    "F2,Loans,borrowing,,650\n"
)
FUNDING = "reference,budget,forecast\n"
FILES = {
    "services.csv": TREE,
    "capital.csv": SCHEMES,
    "capital_funding.csv": SOURCES,
    "periods/02/position.csv": position("PEOPLE A 1 1 1\nPLACE B 1 1 1"),
    "periods/02/capital.csv": f"{NOW}S1,1060,100,1060,,5000,May 2023\nS2,770,50,700,,,\n"
    "S3,300,0,290,,900,\nV,-100,,,,,\nV2,-50,,,,,\n",
    "periods/02/capital_changes.csv": CHANGES,
    "periods/02/capital_funding.csv": f"{FUNDING}F1,1000,1000\nF2,980,980\n",
    "periods/04/position.csv": position("PEOPLE A 1 1 1\nPLACE B 1 1 1"),
    "periods/04/capital.csv": f"{NOW}S1,880,300,800,5040,5100,June 2023\nS2,790,200,640,,,\n"
    "S3,300,10,310,,950,\nV,-100,,,,,\nV2,-50,,,,,\n",
    "periods/04/capital_changes.csv": LATER,
    "periods/04/capital_funding.csv": f"{FUNDING}F1,1000,900\nF2,820,840\n",
}


@pytest.fixture
def year(db, tmp_path):
    """A council whose month 2 is published; month 4 is a draft."""
    return load_pack(folder=write_pack(tmp_path, FILES, publish=(2,))).year


def pounds(year, number: int, name: str) -> dict[str, dict[str, float | None]]:
    rows = statement(facts_of(year, number), name).rows
    return {row.label: {key: cell.value for key, cell in row.cells.items()} for row in rows}


def test_changes_by_kind_lead_from_report_to_report(year):
    """As Brighton & Hove prints them: the previous budget, changes by kind, the budget."""
    first = pounds(year, 2, "capital-movement")["Total capital programme"]
    assert first == {
        "previous_budget": 1650,
        "carry_forward": 60,
        "new_scheme": 300,
        "to_revenue": -30,
        "other_changes": 0,
        "budget": 1980,
        "forecast": 1980,
        "variance": 0,
    }
    then = pounds(year, 4, "capital-movement")
    assert then["Library"] == {
        "previous_budget": 1060,
        "rephasing": -200,
        "variation": 40,
        "virement": -10,
        "other_changes": -10,
        "budget": 880,
        "forecast": 800,
        "variance": -80,
    }
    total = then["Total capital programme"]
    assert (total["previous_budget"], total["virement"], total["budget"]) == (1980, 0, 1820)
    whole = pounds(year, 4, "capital-reconciliation")["Library"]
    assert whole["original_budget"] + whole["carry_forward"] + whole["rephasing"] == 860


def test_slippage_uses_the_nearest_variations_budget_once(year):
    """Month 4: Place slips by 140, of which its line takes 100; the rest slips by 80, of 50."""
    rows = {row.key: row for row in statement(facts_of(year, 4), "capital-variations").rows}
    found = {
        key: [row.cells[column].value for column in ("scheme_variance", "used", "variance")]
        for key, row in rows.items()
    }
    assert found == {"V": [-140, 100, -40], "V2": [-80, 50, -30], "total": [-220, 150, -70]}
    forecasts = pounds(year, 4, "capital-programme")
    assert forecasts["Slippage allowance"]["forecast"] == 0
    assert pounds(year, 2, "capital-programme")["Slippage allowance"]["forecast"] == -20


def test_sources_stand_against_original_and_latest_programme(year):
    """As Oxfordshire prints them, with equal totals; the forecast is 10 short in month 4."""
    totals = pounds(year, 4, "capital-funding")["Total funding"]
    assert (totals["original"], totals["budget"], totals["forecast"]) == (1650, 1820, 1740)
    checks = [each for each in check_report(facts_of(year, 4)) if "Capital funding" in each.name]
    assert [(each.expected_pence, each.actual_pence) for each in checks] == [
        (165_000, 165_000),
        (182_000, 182_000),
        (175_000, 174_000),
    ]
    assert [note.text for note in statement(facts_of(year, 4), "capital-funding").footnotes] == [
        "Funding of the forecast is £10 less than the programme."
    ]


def test_funding_that_does_not_equal_the_programme_blocks_publication(year):
    with pytest.raises(Refused, match="differ in the forecast.*difference of £10"):
        publish(year, 4)
    upload = bring(year, "capital_funding", f"{FUNDING}F1,1000,900\nF2,820,850\n", 4)
    assert not [each for each in upload.warnings if "differ" in each["message"]]
    assert publish(year, 4).version == 1


def test_a_layout_turns_the_sign_of_rephasing(year):
    """Bath prints rephasing as programme less forecast, the opposite sign of its other column."""
    columns = {"Scheme": "scheme_reference", "Kind": "kind", "Rephased": "amount"}
    save_layout(
        name="Rephasing",
        kind="capital_reasons",
        definition={"columns": columns, "sign": {"reverse": ["amount"]}},
        by=None,
    )
    bring(year, "capital_reasons", "Scheme,Kind,Rephased\nS1,rephasing,80\n", 4, layout="Rephasing")
    library = pounds(year, 4, "capital-programme")["Library"]
    parts = ("variance", "rephasing", "cost", "unexplained")
    assert [library[part] for part in parts] == [-80, -80, 0, 0]


@pytest.mark.parametrize(
    ("kind", "number", "text", "told"),
    [
        ("capital", None, "reference,scheme\nS1,Library\n", "original_budget"),
        ("capital", None, SCHEMES.replace("S2,", "S1,"), "earlier row"),
        ("capital", None, SCHEMES.replace("PLACE,", "NOPE,"), "no service with this code"),
        ("capital", None, SCHEMES.replace("S1,", "heading:x,"), "give another reference"),
        ("capital", 4, f"{NOW}S9,1,1,1,,,\n", "capital.csv"),
        ("capital", 4, f"{NOW}S1,n/a,1,1,,,\n", "1,234.50"),
        ("capital_changes", None, f"{HEAD}C9,S1,14,variation,5,,,\n", "0 to 13"),
        ("capital_changes", None, f"{HEAD}C9,S9,4,variation,5,,,\n", "no scheme"),
        ("capital_changes", None, f"{HEAD}C9,S1,4,gift,5,,,\n", "gift"),
        ("capital_changes", None, f"{HEAD}C1,S1,2,carry_forward,61,,Cabinet,x\n", "published"),
        ("capital_reasons", 4, "scheme_reference,kind,amount\nS9,cost,5\n", "no scheme"),
        ("capital_funding", 4, f"{FUNDING}F9,1,1\n", "no source"),
        ("capital_funding", None, SOURCES.replace("borrowing", "luck"), "luck"),
    ],
)
def test_a_fault_is_told_by_row_and_column(year, kind, number, text, told):
    before = pounds(year, 4, "capital-programme")
    with pytest.raises(Refused) as refused:
        bring(year, kind, text, number)
    assert any(told in message for message in refused.value.messages)
    assert pounds(year, 4, "capital-programme") == before


def test_what_a_file_leaves_out_is_told_and_not_nil(year):
    upload = bring(year, "capital", f"{NOW}S1,880,300,,5040,5100,\n", 4)
    told = " ".join(each["message"] for each in upload.warnings)
    assert "4 schemes have no row and will not be reported: S2, S3, V, V2." in told
    rows = pounds(year, 4, "capital-programme")
    assert (rows["Depot"]["budget"], rows["Library"]["variance"]) == (None, None)
    assert rows["Total capital programme"]["variance"] is None
    notes = [note.text for note in statement(facts_of(year, 4), "capital-programme").footnotes]
    assert "1 scheme has no forecast; the budget of £1k is left out of the variance." in notes
