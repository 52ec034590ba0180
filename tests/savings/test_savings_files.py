"""savings.csv, for a year and for a period: what is taken, what is refused, and what it changes."""

import pytest

from council_finance.audit import AuditEntry, history
from council_finance.errors import Refused
from monitoring.models import Upload
from monitoring.packs.services import load_pack
from savings.models import Saving, SavingPosition
from savings.services.positions import PositionChange, save_positions
from savings.services.register import SavingDetails, add_saving
from tests.councils.packs import bring, period_of
from tests.councils.savings import (
    AGREED,
    DECLARED,
    POSITION_COLUMNS,
    agreed,
    made,
    reported,
    savings_in,
    small_council,
)

MODELS = (Saving, SavingPosition)
EVERYWHERE = range(10**9)


@pytest.fixture
def council(db, tmp_path):
    """Statuses by rules; month 1 published with the register alone, month 2 open."""
    return small_council(tmp_path)


@pytest.fixture
def declaring(db, tmp_path):
    """The same with statuses that officers declare."""
    return small_council(tmp_path, DECLARED)


def everything() -> dict[str, list]:
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}


def refusal(council, text, number=None) -> list[str]:
    """The sentences of a refused upload; nothing was stored, nor noted as a change."""
    council.refresh_from_db()
    before, entries = everything(), AuditEntry.objects.filter(record__startswith="saving ").count()
    revision = council.revision
    with pytest.raises(Refused) as caught:
        bring(council, "savings", text, number)
    council.refresh_from_db()
    assert everything() == before
    assert council.revision == revision
    assert AuditEntry.objects.filter(record__startswith="saving ").count() == entries
    return caught.value.messages


def assert_told(messages, row, column, *words):
    place = f"Row {row}, column {column}: "
    told = [message for message in messages if message.startswith(place)]
    assert told, messages
    assert any(all(word in message for word in words) for message in told), told


def warnings_of(upload: Upload) -> list[str]:
    return [warning["message"] for warning in upload.warnings]


# The year's register

BAD_AGREED = {
    "a reference twice": ("S-1 A ONE . 1\nS-1 B ONE . 2", 3, "reference", "S-1", "earlier row"),
    "no reference": (". A ONE . 1\nS-2 A ONE . 1", 2, "reference", "value is needed"),
    "a long reference": (f"{'S' * 65} A ONE . 1", 2, "reference", "64"),
    "no title": ("S-1 . ONE . 1", 2, "title", "value is needed"),
    "a long title": (f"S-1 {'A' * 1001} ONE . 1", 2, "title", "1,000"),
    "no service": ("S-1 A . . 1", 2, "service_code", "value is needed"),
    "an unknown service": ("S-1 A NOPE . 1", 2, "service_code", "NOPE", "services.csv"),
    "a closed service": ("S-1 A OLD . 1", 2, "service_code", "closed", "ONE (One)"),
    "no amount": ("S-1 A ONE . .", 2, "agreed_saving", "value is needed"),
    "a negative amount": ("S-1 A ONE . -5", 2, "agreed_saving", "-5.00", "positive"),
    "an amount in brackets": ("S-1 A ONE . (5)", 2, "agreed_saving", "positive"),
    "nil": ("S-1 A ONE . -", 2, "agreed_saving", "0.00", "positive"),
    "minus nil": ("S-1 A ONE . -0", 2, "agreed_saving", "0.00", "positive"),
    "words": ("S-1 A ONE . lots", 2, "agreed_saving", "lots", "1,234.50"),
    "three decimals": ("S-1 A ONE . 1.234", 2, "agreed_saving", "two decimals"),
    "too large": ("S-1 A ONE . 10000000000", 2, "agreed_saving", "9,999,999,999.99"),
    "a negative investment": ("S-1 A ONE . 1 -1", 2, "investment", "-1.00", "nil or positive"),
    "a long decision": (f"S-1 A ONE {'D' * 301} 1", 2, "decision", "300"),
}


@pytest.mark.parametrize("case", BAD_AGREED.values(), ids=BAD_AGREED)
def test_a_bad_cell_of_the_register_is_told_by_row_and_column(council, case):
    text, row, column, *words = case
    messages = refusal(council, agreed(_padded(text)))
    assert_told(messages, row, column, *words)
    assert messages[-1] == "Savings agreed: nothing was stored."


def _padded(text: str) -> str:
    """Rows with blanks for the cells that are left out."""
    return "\n".join(" ".join([*row.split(), ".", "."][:6]) for row in text.splitlines())


def test_every_fault_of_a_register_is_told_at_once(council):
    messages = refusal(council, agreed("S-1 A NOPE . -5 -1\nS-1 B ONE . x ."))
    assert_told(messages, 2, "service_code", "NOPE")
    assert_told(messages, 2, "agreed_saving", "positive")
    assert_told(messages, 2, "investment", "nil or positive")
    assert_told(messages, 3, "reference", "S-1")
    assert_told(messages, 3, "agreed_saving", "x")


@pytest.mark.parametrize("column", ["reference", "title", "service_code", "agreed_saving"])
def test_a_register_without_a_needed_column_says_so(council, column):
    messages = refusal(council, agreed().replace(column, "something"))
    assert f"The column {column} is missing." in messages


def test_the_register_is_stored_in_the_files_order_with_everything_it_says(council):
    rows = list(Saving.objects.filter(year=council).values_list("reference", "order", "typed"))
    assert rows == [("S-1", 1, False), ("S-2", 2, False), ("S-3", 3, False)]
    saving = Saving.objects.get(year=council, reference="S-1")
    assert (saving.title, saving.service.code, saving.decision) == ("Lamps", "ONE", "Feb")
    assert (saving.agreed_saving_pence, saving.investment_pence) == (100_000, 5_000)
    blank, nil = (Saving.objects.get(year=council, reference=f"S-{n}") for n in (2, 3))
    assert (blank.investment_pence, nil.investment_pence) == (None, 0)


def test_a_saving_may_belong_to_a_group_of_services(council):
    bring(council, "savings", agreed(AGREED + "S-4 All DIR Feb 5 .\nS-5 Top TOP Feb 6 ."))
    assert savings_in(council, 2)["S-4"]["home"] == "DIR"
    labels = [row.label for row in made(council, 2, "summary").rows]
    assert labels[:4] == ["Small Council", "Directorate", "One", "Two"]


def test_amounts_are_scaled_and_a_total_row_is_compared(council):
    header = "Reference,Title,Service Code,Agreed Saving (£000)\n"
    bring(council, "savings", f"{header}S-1,A,ONE,1.5\nS-2,B,ONE,2\nS-3,C,TWO,3\n,Total,,6.5\n")
    assert savings_in(council, 2)["S-1"]["agreed"] == 150_000
    # Beyond what rounding explains, a total in thousands is told and not stored.
    upload = bring(council, "savings", f"{header}S-1,A,ONE,1.5\n,Total,,6.5\n")
    assert [saving["agreed"] for saving in savings_in(council, 2).values()] == [150_000]
    assert any("6500.00" in told and "1500.00" in told for told in warnings_of(upload))


def test_a_register_uploaded_again_changes_by_reference_and_tells(council):
    bring(council, "savings", reported("S-1 . 900"), 2)
    text = agreed("S-3 Fees TWO Feb 450 0\nS-1 Lights TWO Feb 1000 50")
    upload = bring(council, "savings", text)
    told = warnings_of(upload)
    assert any("S-3 changes from £400 to £450" in message for message in told)
    assert any("S-1 moves from ONE to TWO" in message for message in told)
    assert any("S-2, and nothing was reported of it: it goes" in message for message in told)
    found = savings_in(council, 2)
    assert list(found) == ["S-3", "S-1"]
    assert (found["S-1"]["title"], found["S-1"]["service"]) == ("Lights", "TWO")
    assert found["S-1"]["forecast"] == 90_000
    entry = history(f"saving {council.label} S-1")[0]
    assert entry.action == "changed a saving"
    assert entry.detail == {
        "title": {"from": "Lamps", "to": "Lights"},
        "service": {"from": "ONE", "to": "TWO"},
        "upload": upload.pk,
    }
    assert history(f"saving {council.label} S-2")[0].action == "removed a saving"


def test_a_register_never_takes_away_what_was_reported_or_typed(council, person):
    officer = person("finance_officer")
    bring(council, "savings", reported("S-1 . 900"), 2)
    details = SavingDetails(title="Typed", service="TWO", agreed_pence=7_00)
    add_saving(year=council, reference="S-9", details=details, by=officer)
    upload = bring(council, "savings", agreed("S-3 Fees TWO Feb 400 0"))
    assert list(savings_in(council, 2)) == ["S-3", "S-1", "S-9"]
    kept = [message for message in warnings_of(upload) if "so it stays" in message]
    assert len(kept) == 2


def test_columns_that_a_register_lacks_stay_as_they_are(council):
    text = "reference,title,service_code,agreed_saving\nS-1,Lamps,ONE,1100\n"
    bring(council, "savings", text)
    saving = Saving.objects.get(year=council, reference="S-1")
    assert (saving.decision, saving.investment_pence) == ("Feb", 5_000)
    assert saving.agreed_saving_pence == 110_000


def test_the_same_register_again_changes_nothing(council):
    before = everything()
    entries = AuditEntry.objects.filter(record__startswith="saving ").count()
    bring(council, "savings", agreed())
    assert everything() == before
    assert AuditEntry.objects.filter(record__startswith="saving ").count() == entries


# A period's positions

BAD_REPORTED = {
    "an unknown reference": ("S-8 . 5", 2, "reference", "S-8", "no saving", "savings.csv"),
    "a reference twice": ("S-1 . 5\nS-1 . 6", 3, "reference", "S-1", "earlier row"),
    "no reference": (". . 5\nS-1 . 5", 2, "reference", "value is needed"),
    "a status of no scheme": ("S-1 Mauve 5", 2, "status", "Mauve", "Black, Red, Amber, Green"),
    "another status without a reason": ("S-1 Green 5", 2, "status", "give Red", "commentary"),
    "a status without a forecast": ("S-1 Green .", 2, "status", "Green", "forecast"),
    "words for a forecast": ("S-1 . lots", 2, "forecast_saving", "lots", "1,234.50"),
    "three decimals": ("S-1 . 1.001", 2, "forecast_saving", "two decimals"),
    "words for a delivery": ("S-1 . 1 some", 2, "delivered_to_date", "some"),
    "words for a quarter": ("S-1 . 1 1 1 x", 2, "phasing_q2", "x"),
    "too large": ("S-1 . 10000000000", 2, "forecast_saving", "9,999,999,999.99"),
    "a direction": ("S-1 . 1 1 1 1 1 1 sideways", 2, "direction_of_travel", "up, same, down"),
}


@pytest.mark.parametrize("case", BAD_REPORTED.values(), ids=BAD_REPORTED)
def test_a_bad_cell_of_a_position_is_told_by_row_and_column(council, case):
    text, row, column, *words = case
    assert_told(refusal(council, reported(text), 2), row, column, *words)


def test_a_declared_scheme_takes_its_own_words_in_any_case_and_no_others(declaring):
    assert_told(
        refusal(declaring, reported("S-1 Amber 5"), 2), 2, "status", "Amber", "Red, Green, Blue"
    )
    bring(declaring, "savings", reported("S-1 green .\nS-2 BLUE 5\nS-3 . 5"), 2)
    assert {key: row["status"] for key, row in savings_in(declaring, 2).items()} == {
        "S-1": "Green",
        "S-2": "Blue",
        "S-3": "Not reported",
    }


@pytest.mark.slow
def test_without_a_scheme_no_status_is_taken(db, tmp_path):
    council = small_council(tmp_path, "")
    assert_told(refusal(council, reported("S-1 Green 5"), 2), 2, "status", "no status scheme")
    bring(council, "savings", reported("S-1 . 5"), 2)
    summary = made(council, 2, "summary")
    assert [column.key for column in summary.columns] == ["agreed"]
    assert made(council, 2, "tracker").row("S-1").cells["status"].text == ""


def test_minus_nil_and_dashes_are_nil_and_blank_is_not_given(council):
    bring(council, "savings", reported("S-1 . -0 - -0 (0) 0 -\nS-2 . ."), 2)
    first, second = (savings_in(council, 2)[key] for key in ("S-1", "S-2"))
    assert (first["forecast"], first["delivered"], first["phasing"]) == (0, 0, [0, 0, 0, 0])
    assert first["status"] == "Black"
    assert (second["forecast"], second["delivered"]) == (None, None)
    assert (second["phasing"], second["status"]) == ([None] * 4, "Not reported")


def test_a_period_s_file_replaces_the_period_s_positions_and_tells(council):
    bring(council, "savings", reported("S-1 . 900\nS-2 . 600"), 2)
    upload = bring(council, "savings", reported("S-1 . 950 900 100 200 300 350 up Good"), 2)
    told = warnings_of(upload)
    assert any("no row for S-2" in message for message in told)
    assert "2 savings have no row and will not be reported: S-2, S-3." in told
    found = savings_in(council, 2)
    assert found["S-2"]["status"] == "Not reported"
    assert found["S-1"]["phasing"] == [10_000, 20_000, 30_000, 35_000]
    assert (found["S-1"]["direction"], found["S-1"]["commentary"]) == ("up", "Good")
    entry = history(f"saving {council.label} S-1")[0]
    assert entry.detail["forecast_saving_pence"] == {"from": 90_000, "to": 95_000}
    assert (entry.detail["period"], entry.detail["upload"]) == (2, upload.pk)
    gone = history(f"saving {council.label} S-2")[0]
    assert gone.action == "took back what becomes of a saving"
    assert gone.detail["forecast_saving_pence"] == {"from": 60_000, "to": None}


def test_quarters_that_do_not_add_up_are_told_and_stored(council):
    """Cambridgeshire prints four quarters of 13 for a saving of 50."""
    upload = bring(council, "savings", reported("S-1 . 50 0 13 13 13 13"), 2)
    assert any("quarters add up to £52, its forecast is £50" in m for m in warnings_of(upload))
    assert savings_in(council, 2)["S-1"]["phasing"] == [1300] * 4


@pytest.mark.slow
def test_a_status_in_place_of_the_derived_one_has_the_commentary_as_its_reason(council):
    upload = bring(council, "savings", reported("S-1 Amber 500 . . . . . . Contract_signed"), 2)
    assert any("Amber replaces Red" in message for message in warnings_of(upload))
    row = savings_in(council, 2)["S-1"]
    assert (row["status"], row["derived"]) == ("Amber", "Red")
    assert row["override_reason"] == "Contract_signed"
    cell = made(council, 2, "tracker").row("S-1").cells["status"]
    assert (cell.text, cell.mark) == ("Amber", "*")
    note = made(council, 2, "tracker").footnotes[0].text
    assert "in place of Red" in note and "Contract_signed" in note
    bring(council, "savings", reported("S-1 Red 500"), 2)
    assert savings_in(council, 2)["S-1"]["derived"] == ""


def override(council, officer, status="Amber", forecast=50_000):
    saving = Saving.objects.get(year=council, reference="S-1")
    values = {
        "forecast_saving_pence": forecast,
        "status_override": status,
        "override_reason": "The contract is signed",
    }
    change = PositionChange(saving.pk, "", values)
    save_positions(period=period_of(council, 2), changes=[change], within=EVERYWHERE, by=officer)


@pytest.mark.slow
def test_a_typed_override_survives_a_file_that_gives_no_status(council, person):
    override(council, person("finance_officer", first_name="Olive"))
    bring(council, "savings", reported("S-1 . 600\nS-2 . 600"), 2)
    row = savings_in(council, 2)["S-1"]
    assert (row["forecast"], row["status"], row["derived"]) == (60_000, "Amber", "Red")
    assert (row["override_by"], row["override_reason"]) == ("Olive", "The contract is signed")
    bring(council, "savings", reported("S-1 . .\nS-2 . 600"), 2)
    assert savings_in(council, 2)["S-1"]["status"] == "Not reported"
    assert SavingPosition.objects.get(saving__reference="S-1").status_override == ""


def test_columns_that_a_period_s_file_lacks_stay_as_they_are(council):
    bring(council, "savings", reported("S-1 . 900 100 1 2 3 4 down Words"), 2)
    bring(council, "savings", "reference,delivered_to_date\nS-1,200\n", 2)
    row = savings_in(council, 2)["S-1"]
    assert (row["forecast"], row["delivered"]) == (90_000, 20_000)
    assert (row["direction"], row["commentary"], row["phasing"][0]) == ("down", "Words", 100)


def test_a_published_period_takes_no_savings(council):
    messages = refusal(council, reported("S-1 . 5"), 1)
    assert any("Reopen it first" in message for message in messages)


def test_an_upload_moves_the_year_on_and_leaves_the_figures_up_to_date(council):
    before = council.revision
    bring(council, "savings", reported("S-1 . 5"), 2)
    council.refresh_from_db()
    assert council.revision > before
    assert period_of(council, 2).figures_revision == council.revision


def test_a_file_that_fails_half_way_stores_nothing(council, monkeypatch):
    from savings.upload_kinds import positions

    real, calls = positions.put_position, []

    def fail_at_the_second(**arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("the disk is full")
        return real(**arguments)

    monkeypatch.setattr(positions, "put_position", fail_at_the_second)
    before, revision = everything(), council.revision
    with pytest.raises(RuntimeError):
        bring(council, "savings", reported("S-1 . 5\nS-2 . 6"), 2)
    council.refresh_from_db()
    assert (everything(), council.revision) == (before, revision)


@pytest.mark.slow
def test_a_pack_loaded_again_skips_what_is_the_same_and_refuses_other_figures(db, tmp_path):
    small_council(tmp_path, month_1="S-1 . 900")
    outcome = load_pack(folder=tmp_path, by=None)
    assert {"savings.csv", "periods/01/savings.csv"} <= set(outcome.same)
    path = tmp_path / "periods" / "01" / "savings.csv"
    path.write_text(path.read_text().replace("900", "901"))
    with pytest.raises(Refused) as caught:
        load_pack(folder=tmp_path, by=None)
    assert "periods/01/savings.csv: " in caught.value.messages[0]


def test_the_columns_are_those_of_the_contract():
    assert POSITION_COLUMNS[0] == "reference"
    from council_finance import registry

    year = registry.upload_kind("savings", per_period=False)
    period = registry.upload_kind("savings", per_period=True)
    assert [spec.name for spec in year.columns] == [
        *("reference", "title", "service_code", "decision", "category", "committee"),
        *("agreed_saving", "investment"),
        *("plan_reference", "recurrence", "brought_forward_from"),
    ]
    assert tuple(spec.name for spec in period.columns) == POSITION_COLUMNS
    assert [spec.name for spec in period.columns if spec.required] == ["reference"]
