"""Templates: filled with the council's own codes, and read back to the penny by the upload."""

import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.errors import Refused
from council_finance.periods import financial_year_label
from council_finance.uploads.columns import AMOUNT, CODE, TEXT, ColumnSpec
from council_finance.uploads.template_files import (
    CODES_SHEET,
    CodeList,
    ListedCode,
    TemplateContent,
    template_to_csv,
)
from council_finance.uploads.template_workbook import template_to_xlsx
from monitoring.debt.models import AgedDebt
from monitoring.forecast_methods.upload_kind import MONTH_NAMES
from monitoring.ledger.selectors.positions import positions_frame
from monitoring.models import (
    BudgetLine,
    BudgetProfile,
    Commentary,
    HistoricFigure,
    Service,
    TreeRight,
    Upload,
    Virement,
)
from monitoring.uploading.pipeline.reading import read_table
from performance.models import ActivityLine, ActivityPosition
from reserves.models import (
    CapitalReceiptsForecast,
    CapitalReceiptsProject,
    Reserve,
    ReserveMovement,
)
from savings.models import Saving, SavingPosition
from tests.councils.loaded import load_pack
from tests.councils.marked import (
    ACTIVITY_SAID,
    DEBT,
    EXEMPT,
    SAVINGS_SAID,
    position,
    write_files,
)
from tests.councils.packs import bring, period_of

START = 2021
KINDS = registry.upload_kinds()
FORMATS = ("xlsx", "csv")


def kind_id(kind: registry.AnyKind) -> str:
    return f"{kind.name}-{'period' if kind.per_period else 'year'}"


def find_kind(name: str) -> registry.AnyKind:
    return next(kind for kind in KINDS if kind_id(kind) == name)


@pytest.fixture
def council(db, tmp_path):
    """Months 1 and 2 published, month 3 with figures of every kind."""
    year = load_pack(folder=write_files(tmp_path / "pack")).year
    bring(year, "position", position("1130", "740", "75"), 3)
    bring(year, "commentary", "service_code,text\nCARE,More homes were needed.\n", 3)
    bring(year, "savings", SAVINGS_SAID, 3)
    bring(year, "aged_debt", DEBT, 3)
    bring(year, "activity", ACTIVITY_SAID, 3)
    bring(year, "capital_receipts", "reference,forecast\nPR1,20\nPR2,8\n", 3)
    bring(year, "profiles", f"service_code,{','.join(MONTH_NAMES)}\nCARE{',1' * 12}\n")
    bring(year, "reserve_movements", "reserve_code,period,kind,amount\nWINTER,3,actual,-5\n")
    bring(
        year,
        "history",
        "financial_year,period,service_code,current_budget,net_variance\n2020/21,13,CARE,900,5\n",
    )
    return year


@pytest.fixture
def lead(client, person, council):
    client.force_login(person(Role.FINANCE_LEAD))
    return client


def address(kind: registry.AnyKind, format_name: str, period: int = 3) -> str:
    if kind.per_period:
        return reverse("upload-template-period", args=[START, period, kind.name, format_name])
    return reverse("upload-template-year", args=[START, kind.name, format_name])


def download(client, name: str, format_name: str, period: int = 3, query: str = "") -> bytes:
    response = client.get(address(find_kind(name), format_name, period) + query)
    assert response.status_code == 200
    assert response["Content-Disposition"].endswith(f".{format_name}")
    return response.content


def rows_of(content: bytes, format_name: str) -> list[dict[str, object]]:
    """The rows of a template as a program reads them, by heading."""
    if format_name == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def fill_in(content: bytes, format_name: str, edits: dict[int, dict[str, object]]) -> bytes:
    """The template with cells filled in, by the number of the row: as Excel would save it."""
    if format_name == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        for number, cells in edits.items():
            while len(rows) <= number:
                rows.append([""] * len(rows[0]))
            for heading, value in cells.items():
                rows[number][rows[0].index(heading)] = str(value)
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return out.getvalue().encode()
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    for number, cells in edits.items():
        for heading, value in cells.items():
            sheet.cell(number + 1, headings.index(heading) + 1, value)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def place_of(content: bytes, format_name: str, heading: str, value: str) -> int:
    """The number of the row with this cell, the first below the headings being 1."""
    rows = rows_of(content, format_name)
    return next(n for n, row in enumerate(rows, start=1) if row[heading] == value)


def upload(year, name: str, content: bytes, format_name: str) -> Upload:
    kind = find_kind(name)
    number = 3 if kind.per_period else None
    return bring(year, kind.name, content, number, file_name=f"filled.{format_name}")


def stored_rows(year) -> dict[str, object]:
    """Everything that files bring, as it is stored, without who brought it and when."""
    tables = {
        Service: {"year": year},
        BudgetLine: {"year": year},
        Commentary: {"period__year": year},
        AgedDebt: {"period__year": year},
        HistoricFigure: {},
        BudgetProfile: {"year": year},
        Virement: {"year": year},
        Saving: {"year": year},
        SavingPosition: {"period__year": year},
        Reserve: {"year": year},
        ReserveMovement: {"reserve__year": year},
        CapitalReceiptsProject: {"year": year},
        CapitalReceiptsForecast: {"period__year": year},
    }
    aside = ("id", "source", "source_row", "entered_at", "written_at", "entered_by", "order")
    found: dict[str, object] = {}
    for model, wanted in tables.items():
        fields = [f.attname for f in model._meta.concrete_fields if f.name not in aside]
        rows = model.objects.filter(**wanted).values_list(*fields)
        found[model.__name__] = sorted(map(repr, rows))
    frame = positions_frame(period_of(year, 3).batch).drop(columns=["carried_from"])
    return found | {"positions": frame.astype("Int64").to_csv()}


@pytest.mark.slow
def test_the_headings_are_those_that_the_upload_reads(lead):
    # Years of amounts that are stored have columns too.
    of_plans = ("plan", "capital_plan", "plan_scenarios", "funding")
    labels = [financial_year_label(START), financial_year_label(START + 1)]
    for kind in KINDS:
        years = labels if kind.name in of_plans else []
        headings = [spec.name for spec in kind.columns_of_template(years)]
        text = lead.get(address(kind, "csv")).content.decode("utf-8-sig")
        assert next(csv.reader(io.StringIO(text))) == headings, kind.name
        book = openpyxl.load_workbook(io.BytesIO(lead.get(address(kind, "xlsx")).content))
        assert [cell.value for cell in book.worksheets[0][1]] == headings, kind.name
        assert book.sheetnames[0] == kind.name
        assert book.sheetnames[1:] in ([], [CODES_SHEET])


NO_ROWS = "There are headings but no rows under them."
"""Said of every kind whose template has no rows yet: a file without rows is never stored."""
SENTENCES = {"commentary-period": "column text: the cell is blank; a value is needed"}
"""Templates with rows that are refused as they come, and why."""


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FORMATS)
def test_a_template_that_is_uploaded_as_it_is_changes_nothing(lead, council, format_name):
    before = stored_rows(council)
    for kind in KINDS:
        name = kind_id(kind)
        content = download(lead, name, format_name)
        sentence = SENTENCES.get(name) if rows_of(content, format_name) else NO_ROWS
        if sentence:
            with pytest.raises(Refused, match=sentence):
                upload(council, name, content, format_name)
        else:
            stored = upload(council, name, content, format_name)
            assert stored.state == "stored"
            assert CODES_SHEET not in str(stored.reading)
            assert CODES_SHEET not in str(stored.warnings)
        assert stored_rows(council) == before, name


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FORMATS)
def test_what_a_template_still_lacks_is_said_by_row(lead, council, format_name):
    """Before a month has debt or receipts of its own its templates have no figures."""
    for name in ("aged_debt-period", "capital_receipts-period"):
        content = download(lead, name, format_name, period=4)
        with pytest.raises(Refused) as refused:
            bring(council, find_kind(name).name, content, 4)
        assert refused.value.messages[0].startswith("Row 2, column")


ADDED: dict[str, dict[str, object]] = {
    "services-year": {"code": "TREES", "name": "Trees", "parent_code": "PLACE", "order": 3},
    "virements-year": {
        **{"reference": "V9", "period": 3, "from_cost_centre": "R1", "from_account": "NET"},
        **{"to_cost_centre": "C1", "to_account": "NET", "amount": 12.34, "kind": "technical"},
    },
    "savings-year": {
        **{"reference": "SV9", "title": "-5% on lamps", "service_code": "ROADS"},
        **{"agreed_saving": 0.29},
    },
    "reserves-year": {
        **{"code": "00123", "name": "Trees", "kind": "earmarked", "opening_balance": 1234567.89},
    },
    "reserve_movements-year": {
        **{"reserve_code": "HOMES", "period": 3, "kind": "anticipated", "amount": -0.07},
    },
    "capital_receipts-year": {
        **{"reference": "PR9", "project": "X", "service_code": "CARE", "original_planned": 8.15},
    },
    "activity_groups-year": {"code": "AGN", "name": "New lamps", "service_code": "ROADS"},
    "activity-year": {
        **{"reference": "AC9", "group_code": "AGC", "name": "Short stays", "kind": "volume"},
        **{"budgeted_volume": 1.2345, "annual_budget": 8.15},
    },
    "history-year": {
        **{"financial_year": "2020/21", "period": 13, "service_code": "ROADS"},
        **{"current_budget": 100.1, "net_variance": -3.3},
    },
    "aged_debt-period": {"service_code": "PARKS", "days_31_90": 19.99},
    "position-period": {
        **{"service_code": "PARKS", "cost_centre": "0042", "account": "NET"},
        **{"current_budget": 4.35, "actual_to_date": 1.1},
    },
    "budgets-period": {"cost_centre": "P1", "account": "X", "current_budget": 2.05},
}
"""A row that a person adds below the others."""

CHANGED: dict[str, tuple[str, str, dict[str, object]]] = {
    "actuals-period": ("cost_centre", "R1", {"actual_to_date": 123.45, "commitments": 0}),
    "forecasts-period": ("cost_centre", "R2", {"forecast": 99.99}),
    "profiles-year": ("cost_centre", "R2", dict.fromkeys(MONTH_NAMES, 8.35)),
    "savings-period": ("reference", "SV1", {"forecast_saving": 10.01, "commentary": "Later"}),
    "capital_receipts-period": ("reference", "PR2", {"forecast": 8.29}),
    "activity-period": ("reference", "AC2", {"volume": 1.25, "forecast": 450.01}),
}
"""A cell that tells the row of a template, and what a person fills in there."""


def filled_in(year) -> dict[str, object]:
    """What is stored of what was filled in, in pence."""
    period = period_of(year, 3)
    frame = positions_frame(period.batch)
    codes = dict(BudgetLine.objects.filter(year=year).values_list("pk", "cost_centre"))
    lines = {codes[row.line]: row for row in frame.itertuples() if row.current_budget != 205}
    virement = Virement.objects.get(year=year, reference="V9")
    saving = Saving.objects.get(year=year, reference="SV9")
    position_of_saving = SavingPosition.objects.get(period=period, saving__reference="SV1")
    debt = AgedDebt.objects.get(period=period, service__code="PARKS")
    return {
        "services": Service.objects.get(year=year, code="TREES").parent.code,
        "virement": (virement.from_line.code, virement.to_line.code, virement.amount_pence),
        "spending": virement.forecast_amount_pence,
        "saving": (saving.title, saving.agreed_saving_pence),
        "reserve": Reserve.objects.get(year=year, code="00123").opening_balance_pence,
        "movements": sorted(
            ReserveMovement.objects.filter(reserve__year=year, period=3).values_list(
                "reserve__code", "amount_pence"
            )
        ),
        "project": CapitalReceiptsProject.objects.get(reference="PR9").original_planned_pence,
        "profiles": list(BudgetProfile.objects.values_list("line__cost_centre", "months")),
        "history": HistoricFigure.objects.get(service_code="ROADS").net_variance_pence,
        "debt": (debt.name, debt.days_31_90_pence, debt.not_overdue_pence),
        "position": (lines["0042"].current_budget, lines["0042"].actual_to_date),
        "budgets": sorted(frame.loc[frame["current_budget"] == 205, "current_budget"]),
        "actuals": lines["R1"].actual_to_date,
        "forecasts": lines["R2"].forecast,
        "savings": (position_of_saving.forecast_saving_pence, position_of_saving.commentary),
        "receipts": CapitalReceiptsForecast.objects.get(
            period=period, project__reference="PR2"
        ).forecast_pence,
        "activity": list(
            ActivityPosition.objects.filter(period=period, line__reference="AC2").values_list(
                "volume", "forecast_pence"
            )
        ),
        "activity of the year": list(
            ActivityLine.objects.filter(year=year, reference="AC9").values_list(
                "budgeted_volume", "annual_budget_pence"
            )
        ),
        "texts": sorted(
            Commentary.objects.filter(period=period).values_list("service__code", "text")
        ),
    }


@pytest.mark.slow
@pytest.mark.parametrize("format_name", FORMATS)
def test_what_is_filled_in_comes_back_to_the_penny(lead, council, format_name):
    for name in (*ADDED, *CHANGED, "commentary-period"):
        content = download(lead, name, format_name)
        rows = rows_of(content, format_name)
        if name == "commentary-period":
            waiting = [n for n, row in enumerate(rows, start=1) if not row["text"]]
            edits = {number: {"text": "+1 post"} for number in waiting}
        elif name in ADDED:
            edits = {len(rows) + 1: ADDED[name]}
        else:
            heading, value, cells = CHANGED[name]
            edits = {place_of(content, format_name, heading, value): cells}
            if name == "capital_receipts-period":  # the project added above has none yet
                edits |= {place_of(content, format_name, heading, "PR9"): {"forecast": 1}}
        assert upload(council, name, fill_in(content, format_name, edits), format_name)
    assert filled_in(council) == {
        "services": "PLACE",
        "virement": ("R1/NET", "C1/NET", 1234),
        "spending": 1234,
        "saving": ("-5% on lamps", 29),
        "reserve": 123_456_789,
        "movements": [("HOMES", -7), ("WINTER", -500)],
        "project": 815,
        "profiles": [(None, [100] * 12), ("R2", [835] * 12)],
        "history": -330,
        "debt": ("Parks", 1999, None),
        "position": (435, 110),
        "budgets": [205],
        "actuals": 12345,
        "forecasts": 9999,
        "savings": (1001, "Later"),
        "receipts": 829,
        "activity": [(12_500, 45_001)],
        "activity of the year": [(12_345, 815)],
        "texts": [
            ("CARE", "More homes were needed."),
            *((code, "+1 post") for code in ("PARKS", "ROADS", "SCHOOL")),
        ],
    }


@pytest.mark.slow
def test_a_list_that_is_too_long_for_a_cell_is_on_the_sheet_of_codes(lead, council):
    for number in range(60):
        service = Service.objects.get(year=council, code="ROADS")
        service.pk, service.code, service.name = None, f"ROAD{number:02d}", f"Road {number}"
        service.save()
    book = openpyxl.load_workbook(io.BytesIO(download(lead, "position-period", "xlsx")))
    sheet, codes = book.worksheets
    rules = {
        sheet.cell(1, next(iter(rule.sqref.ranges)).min_col).value: rule
        for rule in sheet.data_validations.dataValidation
    }
    assert set(rules) == {"service_code", "cost_centre", "account", "exempt"}
    rule = rules["service_code"]
    assert rule.formula1 == f"'{CODES_SHEET}'!$C$2:$C$65"
    listed = [codes.cell(row, 3).value for row in range(2, 66)]
    assert len(",".join(listed)) > 255
    assert {"CARE", "ROAD00", "ROAD59"} < set(listed)
    assert {"TOP", "PEOPLE"}.isdisjoint(listed)
    assert (rule.errorStyle, rules["cost_centre"].errorStyle) == (None, "warning")


@pytest.mark.slow
def test_an_officer_with_a_part_has_a_template_of_it(client, person, council):
    user = person(Role.FINANCE_OFFICER)
    TreeRight.objects.create(user=user, service_code="PLACE")
    client.force_login(user)
    assert client.get(address(find_kind("position-period"), "csv")).status_code == 403
    assert client.get(address(find_kind("savings-year"), "csv")).status_code == 403
    content = download(client, "position-period", "csv", query="?scope=PLACE")
    assert {row["service_code"] for row in rows_of(content, "csv")} == {"ROADS", "PARKS"}
    assert client.get(address(find_kind("position-period"), "csv") + "?scope=CARE").status_code == (
        403
    )
    transfers = download(client, "virements-year", "xlsx")
    codes = openpyxl.load_workbook(io.BytesIO(transfers))[CODES_SHEET]
    heads = {codes.cell(1, at).value: at for at in range(1, codes.max_column, 2)}
    at = heads["For from_cost_centre"]
    assert {codes.cell(row, at).value for row in range(2, 6)} == {"CONT", "P1", "R1", "R2"}


@pytest.mark.slow
def test_who_may_not_see_exempt_lines_has_none_in_a_template(council, monkeypatch, lead):
    shown = download(lead, "position-period", "csv").decode()
    assert f"{EXEMPT} words" in shown
    module = "monitoring.uploading.selectors.templates.may_see_exempt_lines"
    monkeypatch.setattr(module, lambda user: False)
    for kind in KINDS:
        for format_name in FORMATS:
            content = lead.get(address(kind, format_name)).content
            if format_name == "xlsx":
                book = openpyxl.load_workbook(io.BytesIO(content))
                content = repr([list(sheet.values) for sheet in book]).encode()
            if kind_id(kind) != "capital_receipts-year":
                assert EXEMPT.encode() not in content.lower(), kind_id(kind)


def test_codes_and_texts_stay_as_they_are_in_both_formats(db):
    columns = (
        ColumnSpec("code", CODE, required=True),
        ColumnSpec("text", TEXT),
        ColumnSpec("amount", AMOUNT),
    )
    rows = [
        {"code": "00123", "text": '=HYPERLINK("x")', "amount": -5},
        {"code": "1E5", "text": "-5%", "amount": 999_999_999_999},
        {"code": "12345678901234567", "text": "@home,\nand “abroad”", "amount": None},
        {"code": "+44", "text": "'quoted'", "amount": 0},
    ]
    content = TemplateContent(rows, {"code": CodeList([ListedCode("00123", "One")])})
    kind = registry.UploadKind(
        name="made", label="Made", per_period=True, columns=columns, check=print, store=print
    )
    for made in (
        template_to_xlsx("made", columns, content),
        template_to_csv(columns, content),
    ):
        table = read_table(made, kind)
        assert table.problems == []
        read = table.frame.astype(object).where(table.frame.notna(), None).to_dict("records")
        assert read == rows


@pytest.mark.slow
def test_templates_have_two_formats(lead):
    assert lead.get(address(find_kind("position-period"), "ods")).status_code == 404
    assert lead.get("/2021-22/3/upload/template/poetry.csv").status_code == 404


@pytest.mark.slow
def test_the_upload_page_offers_the_templates_of_the_chosen_kind(lead, council):
    page = lead.get(reverse("upload-for-period", args=[START, 3]) + "?kind=savings").content
    for format_name in FORMATS:
        assert address(find_kind("savings-period"), format_name).encode() in page
    file = SimpleUploadedFile("t.xlsx", download(lead, "savings-period", "xlsx"))
    response = lead.post(
        reverse("upload-for-period", args=[START, 3]), {"kind": "savings", "file": file}
    )
    assert response.url == reverse("upload", args=[Upload.objects.latest("pk").pk])
