"""The forecast grid of a directorate and of the whole council: what each person sees and saves."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.forecasts import page_parts, views
from monitoring.models import ForecastEntry, NodeFigure, TreeRight
from tests.councils.loaded import load_pack
from tests.councils.packs import facts_of, nodes_of, period_of, write_pack

pytestmark = pytest.mark.slow

SERVICES = (
    "code,name,parent_code\nTOP,Council,\nCARE,Care,TOP\nHOME,Home care,CARE\nDAY,Day care,CARE\n"
    "ROADS,Roads,TOP\n"
)
HEAD = (
    "service_code,cost_centre,account,description,current_budget,actual_to_date,commitments,"
    "profiled_budget_to_date,forecast,planned_use_of_reserves,exempt\n"
)
MONTH_1 = HEAD + (
    "HOME,H1,NET,Visits,1000,90,7,80,1100,0,\nHOME,H2,NET,Meals,500,,,,490,-10,\n"
    "DAY,D1,NET,Centres,300,20,,,300,0,\nROADS,R1,NET,Potholes,700,60,,30,750,-20,\n"
    "ROADS,R2,NET,A settlement,50,5,,,50,0,yes\nROADS,R3,NET,Lamps,40,,,,,0,\n"
)
MONTH_2 = MONTH_1.replace(",1100,", ",,").replace(",490,", ",,").replace(",750,", ",640,")


@pytest.fixture
def year(db, tmp_path):
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": MONTH_1,
        "periods/02/position.csv": MONTH_2,
    }
    return load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year


def grid_at(code, query=""):
    return reverse("forecasts", args=[2021, 2, code]) + query


def ids(year):
    return dict(year.lines.values_list("cost_centre", "pk"))


def rows_of(page):
    """The rows of a page's table as texts, with the values of inputs in square brackets."""
    table = page[page.index("<tbody") : page.index("</table>")]
    shown = re.sub(r'<input class="grid__input[^>]*? value="([^"]*)"[^>]*>', r"[\1] ", table)
    rows = re.findall(r"<tr.*?</tr>", shown, re.DOTALL)
    cells = (re.sub(r"<span class=\"grid__.*?</span>", "", row) for row in rows)
    plain = (
        re.sub(r"<[^>]+>", " ", row.replace("</td>", "|").replace("</th>", "|")) for row in cells
    )
    return ["|".join(" ".join(cell.split()) for cell in row.split("|")).strip("|") for row in plain]


def log_in(client, person, role, *codes):
    user = person(role)
    for code in codes:
        TreeRight.objects.create(user=user, service_code=code)
    client.force_login(user)
    return user


def test_lines_stand_by_service_with_headings_subtotals_and_a_total(client, person, year):
    log_in(client, person, Role.FINANCE_OFFICER)
    assert rows_of(client.get(grid_at("TOP")).content.decode()) == [
        "Home care",
        "H1/NET|1,000|90|7|[]|[]|[1,100]|+100|1,125|1,100|0|[]",
        "H2/NET|500|–|–|[-10]|[]|[490]|-20|–|490|0|[]",
        "Home care|1,500|90||-10|0|1,590|+80|||0",
        "Day care",
        "D1/NET|300|20|–|[]|[]|[300]|0|120|300|0|[]",
        "Day care|300|20||0|0|300|0|||0",
        "Roads",
        "R1/NET|700|60|–|[-20]|[]|[640]|-80|1,400|750|-110|[]",
        "R2/NET exempt|50|5|–|[]|[]|[50]|0|30|50|0|[]",
        "R3/NET|40|–|–|[]|[]|[]|–|–|–|–|[]",
        "Roads|790|65||-20|0|690|-80|||-110",
        "Council|2,590|175||-30|0|2,580|0|||-110",
    ]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?sort=variance", ["H1", "R1", "H2", "D1", "R2", "R3"]),
        ("?sort=movement", ["R1", "H1", "H2", "D1", "R2", "R3"]),
        ("?show=missing", ["R3"]),
        ("?show=carried", ["H1", "H2"]),
        ("?show=carried&sort=movement&q=mea", ["H2"]),
        ("?q=po", ["R1"]),
        ("?show=mine", ["H1", "H2", "D1", "R1", "R2", "R3"]),
        ("?show=odd&sort=odd", ["H1", "H2", "D1", "R1", "R2", "R3"]),
    ],
)
def test_lines_are_sorted_and_filtered_and_totals_stay(client, person, year, query, shown):
    log_in(client, person, Role.FINANCE_OFFICER)
    rows = rows_of(client.get(grid_at("TOP", query)).content.decode())
    assert [row[:2] for row in rows if "/NET" in row] == shown
    assert rows[-1].split("|")[1] == "2,590"


def test_a_long_page_is_sent_in_parts_and_says_the_same(client, person, year, monkeypatch):
    log_in(client, person, Role.FINANCE_OFFICER)
    whole = client.get(grid_at("TOP")).content.decode()
    monkeypatch.setattr(views, "_MOST_SENT_WHOLE", 5)
    monkeypatch.setattr(page_parts, "FIRST_LINES", 3)
    monkeypatch.setattr(page_parts, "_LINES_A_PART", 2)
    response = client.get(grid_at("TOP"))
    parts = [part.decode() for part in response.streaming_content]
    assert [part.count('class="grid__tick"') for part in parts] == [0, 3, 2, 1, 0]
    assert "2,590" in parts[0]
    assert rows_of("".join(parts)) == rows_of(whole)
    assert without_token("".join(parts)) == without_token(whole)
    assert not client.get(grid_at("HOME")).streaming


def test_a_row_that_was_drawn_before_shows_what_has_changed_since(client, person, year):
    user = log_in(client, person, Role.FINANCE_OFFICER)
    line = ids(year)["H1"]
    sent = {f"forecast-{line}": "1200", f"seen-{line}": "110000", "action": "save"}
    assert client.post(grid_at("HOME"), sent).status_code == 302
    pages = [client.get(grid_at("HOME")).content.decode()]
    type(user).objects.filter(pk=user.pk).update(first_name="Noor", last_name="")
    pages.append(client.get(grid_at("HOME")).content.decode())
    year.lines.filter(pk=line).update(description="<Calls>")
    pages.append(client.get(grid_at("HOME")).content.decode())
    assert [page.count("typed by Noor") for page in pages] == [0, 1, 1]
    assert [page.count("&lt;Calls&gt;") for page in pages] == [0, 0, 1]


def test_a_grid_without_lines_loads_no_script_for_them(client, person, year):
    log_in(client, person, Role.FINANCE_OFFICER)
    assert "js/grid.js" in client.get(grid_at("TOP")).content.decode()
    assert "js/grid.js" not in client.get(grid_at("TOP", "?q=nowhere")).content.decode()


def test_rights_are_checked_before_the_first_part_of_a_long_page(client, person, year, monkeypatch):
    monkeypatch.setattr(views, "_MOST_SENT_WHOLE", 0)
    log_in(client, person, Role.BUDGET_MANAGER, "HOME")
    assert client.get(grid_at("ROADS")).status_code == 403
    page = b"".join(client.get(grid_at("TOP")).streaming_content).decode()
    assert "Visits" in page and "Potholes" not in page


def without_token(page):
    return re.sub(r'csrfmiddlewaretoken" value="[^"]*"|csrf[^>]*', "", page, flags=re.IGNORECASE)


def test_columns_are_chosen_and_remembered(client, person, year):
    log_in(client, person, Role.FINANCE_OFFICER)
    for query in ("?column=&column=budget&column=movement", ""):
        rows = rows_of(client.get(grid_at("DAY", query)).content.decode())
        assert rows == ["D1/NET|300|[300]|0|[]", "Day care|300|300|0"]
    rows = rows_of(client.get(grid_at("DAY", "?column=")).content.decode())
    assert rows[0].count("|") == 10


def test_a_person_sees_and_enters_their_part_of_a_directorate(client, person, year):
    """A manager of home care opens the council: one service, its totals, and no exempt line."""
    log_in(client, person, Role.BUDGET_MANAGER, "HOME")
    page = client.get(grid_at("TOP")).content.decode()
    assert [row.split("|")[0] for row in rows_of(page)] == [
        "Home care", "H1/NET", "H2/NET", "Home care", "Your services",
    ]  # fmt: skip
    assert "Potholes" not in page and "2,590" not in page
    assert client.get(grid_at("ROADS")).status_code == 403
    lines = ids(year)
    own = {f"forecast-{lines['H1']}": "1200", f"seen-{lines['H1']}": "110000"}
    assert client.post(grid_at("TOP"), own).status_code == 302
    other = {f"forecast-{lines['D1']}": "310", f"seen-{lines['D1']}": "30000"}
    assert client.post(grid_at("TOP"), other).status_code == 409
    assert client.post(grid_at("ROADS"), other).status_code == 403
    assert list(ForecastEntry.objects.values_list("line", flat=True)) == [lines["H1"]]


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.ADMINISTRATOR])
def test_who_may_not_forecast_reads_the_grid(client, person, year, role):
    log_in(client, person, role, "CARE")
    page = client.get(grid_at("CARE")).content.decode()
    assert "<td" in page and "grid__input" not in page and "Save forecasts" not in page
    lines = ids(year)
    sent = {f"forecast-{lines['H1']}": "1200", f"seen-{lines['H1']}": "110000"}
    assert client.post(grid_at("CARE"), sent).status_code == 403


def test_figures_of_several_services_and_measures_are_saved_at_once(client, person, year):
    log_in(client, person, Role.FINANCE_OFFICER)
    h2, d1, r1 = (ids(year)[code] for code in ("H2", "D1", "R1"))
    sent = {
        f"forecast-{h2}": "490", f"seen-{h2}": "49000",
        f"use_of_reserves-{h2}": "+5", f"seen-use_of_reserves-{h2}": "-1000",
        f"forecast-{d1}": "=300+10", f"seen-{d1}": "30000",
        f"use_of_reserves-{d1}": "", f"seen-use_of_reserves-{d1}": "",
        f"forecast-{r1}": "640", f"seen-{r1}": "64000",
        f"use_of_reserves-{r1}": "0", f"seen-use_of_reserves-{r1}": "-2000",
    }  # fmt: skip
    assert client.post(grid_at("TOP"), sent).url == grid_at("TOP", "?saved=3")
    entered = ForecastEntry.objects.values_list("line", "measure", "forecast_pence")
    assert set(entered) == {
        (h2, "use_of_reserves", -500), (d1, "forecast", 31000), (r1, "use_of_reserves", 0),
    }  # fmt: skip
    assert nodes_of(facts_of(year, 2))["TOP"]["net_variance"] == 3500
    bad = client.post(grid_at("TOP"), {f"use_of_reserves-{h2}": "=5*", f"forecast-{h2}": "490"})
    page = bad.content.decode()
    assert bad.status_code == 409 and f'href="#use_of_reserves-{h2}"' in page
    clash = client.post(
        grid_at("TOP"),
        {f"use_of_reserves-{h2}": "+1", f"seen-use_of_reserves-{h2}": "-1000"},
    ).content.decode()
    assert "saved -5 meanwhile; you typed -9." in clash
    assert re.search(rf'id="use_of_reserves-{h2}"[^>]*value="-9"', clash)


@pytest.mark.parametrize(
    ("act", "ticked", "filled", "message"),
    [
        ("fill-budget", (), {"H1": "1,000", "R3": "40"}, "6 forecasts filled in"),
        ("fill-run-rate", ("H1", "H2"), {"H1": "1,125", "H2": "490"}, "1 forecast filled in"),
        ("fill-profile", (), {"H1": "1,010", "R1": "730", "D1": "300"}, "2 forecasts filled in"),
        ("fill-down", ("H1", "D1"), {"D1": "1,234", "H2": "490"}, "1 forecast filled in"),
    ],
)
def test_many_lines_are_filled_without_javascript(
    client, person, year, act, ticked, filled, message
):
    log_in(client, person, Role.FINANCE_OFFICER)
    lines = ids(year)
    sent = {"action": act, "tick": [lines[code] for code in ticked]}
    sent |= {f"forecast-{lines['H1']}": "1,234", f"seen-{lines['H1']}": "110000"}
    page = client.post(grid_at("TOP"), sent).content.decode()
    assert message in page
    for code, value in filled.items():
        assert re.search(rf'id="forecast-{lines[code]}"[^>]*value="{value}"', page), code
    assert not ForecastEntry.objects.exists()


@pytest.mark.parametrize(
    ("ticked", "query", "entered"), [((), "", 3), (("H1",), "", 2), ((), "?q=meals", 2)]
)
def test_the_rest_is_kept_as_last_month(client, person, year, ticked, query, entered):
    """What is typed is saved, and what is still carried of the chosen lines becomes the month's."""
    log_in(client, person, Role.FINANCE_OFFICER)
    lines = ids(year)
    sent = {"action": "confirm", "tick": [lines[code] for code in ticked]}
    sent |= {f"forecast-{lines['D1']}": "305", f"seen-{lines['D1']}": "30000"}
    assert client.post(grid_at("TOP", query), sent).status_code == 302
    assert ForecastEntry.objects.count() == entered
    carried = NodeFigure.objects.get(period=period_of(year, 2), key="TOP").lines_carried
    assert carried == 3 - entered
    assert ForecastEntry.objects.get(line=lines["D1"]).forecast_pence == 30500


def download_and_edit(client, code, **edits):
    """The workbook of a grid with cells changed: `H1_forecast=1234.5`."""
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse("forecasts-file", args=[2021, 2, code])).content)
    )
    sheet = book["Forecasts"]
    headings = [cell.value.lower().replace(" ", "_") for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        for name, value in edits.items():
            centre, _, column = name.partition("_")
            if row[headings.index("cost_centre")].value == centre:
                row[headings.index(column)].value = value
    out = io.BytesIO()
    book.save(out)
    return book, out.getvalue()


def send_workbook(client, code, content):
    file = SimpleUploadedFile("edited.xlsx", content)
    return client.post(grid_at(code), {"action": "workbook", "workbook": file})


def test_the_workbook_of_a_directorate_is_protected_and_adds_up(client, person, year):
    log_in(client, person, Role.BUDGET_MANAGER, "CARE")
    book, _ = download_and_edit(client, "TOP")
    sheet, totals = book["Forecasts"], book["Totals"]
    assert [cell.value for cell in sheet[1]][3:6] == [
        "Description", "Original budget", "Current budget",
    ]  # fmt: skip
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["H1", "H2", "D1"]
    assert sheet.protection.sheet and not sheet.protection.password
    unlocked = {sheet.cell(1, c.column).value for c in sheet[2] if not c.protection.locked}
    assert unlocked == {"Forecast", "Planned use of reserves", "Planned use of capital receipts"}
    assert [row[1].value for row in totals.iter_rows(min_row=2)] == [
        "Home care", "Day care", "Total",
    ]  # fmt: skip
    assert totals["C2"].value == "=SUMIFS(Forecasts!$F$2:$F$4,Forecasts!$A$2:$A$4,$A2)"
    assert totals["C4"].value == "=SUM(C2:C3)"
    assert book["Notes"]["A2"].value.startswith("Fill in the white columns")


def test_a_managers_workbook_fills_the_grid_and_saves_nothing(client, person, year):
    log_in(client, person, Role.BUDGET_MANAGER, "CARE")
    _, content = download_and_edit(
        client, "CARE", H1_forecast=1234.5, H2_planned_use_of_reserves=0, D1_current_budget=999,
        D1_forecast=None,
    )  # fmt: skip
    page = send_workbook(client, "CARE", content).content.decode()
    lines = ids(year)
    assert "2 figures of the workbook are filled in below" in page
    assert re.search(rf'id="forecast-{lines["H1"]}"[^>]*value="1,234.50"', page)
    assert re.search(rf'id="use_of_reserves-{lines["H2"]}"[^>]*value="0"', page)
    assert "D1/NET: the current budget is £300 in the ledger now, and was £999 in the" in page
    assert not ForecastEntry.objects.exists()
    unedited = send_workbook(client, "CARE", download_and_edit(client, "CARE")[1])
    assert "0 figures of the workbook are filled in below" in unedited.content.decode()


def test_a_workbook_of_other_lines_is_refused(client, person, year):
    """Lines of another service, an exempt line, and a file that is none are refused alike."""
    log_in(client, person, Role.FINANCE_OFFICER)
    _, content = download_and_edit(client, "ROADS", R1_forecast=1)
    log_in(client, person, Role.BUDGET_MANAGER, "HOME")
    page = send_workbook(client, "HOME", content)
    assert page.status_code == 409
    assert "R2/NET is no line here for which you may enter forecasts." in page.content.decode()
    assert send_workbook(client, "ROADS", content).status_code == 403
    assert send_workbook(client, "HOME", b"no workbook").status_code == 409
    assert (
        "Choose the workbook"
        in client.post(grid_at("HOME"), {"action": "workbook"}).content.decode()
    )
    log_in(client, person, Role.DIRECTOR, "ROADS")
    assert send_workbook(client, "ROADS", content).status_code == 403
