"""The forecast grid's page: who may, what is kept when something is wrong, and its workbook."""

import io
import re

import openpyxl
import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.forecasts.models import PLANNED_USE
from monitoring.models import ForecastEntry, NodeFigure, TreeRight
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, facts_of, nodes_of, period_of, write_pack

SERVICES = (
    "code,name,parent_code,total_label\nTOP,Council,,Total\nCARE,Care,TOP,Care total\n"
    "HOME,Home care,CARE,\nDAY,Day care,CARE,\nROADS,Roads,TOP,\n"
)
COLUMNS = (
    "service_code,cost_centre,account,description,original_budget,current_budget,actual_to_date,"
    "profiled_budget_to_date,forecast,planned_use_of_reserves,exempt\n"
)
MONTH_1 = COLUMNS + (
    "HOME,H1,NET,Visits,1000,1000,90,80,1100,0,\n"
    "HOME,H2,NET,=HYPERLINK(1),500,500.25,,,490,-10,\n"
    "HOME,H3,NET,A settlement,50,50,5,,50,0,yes\n"
    "DAY,D1,NET,Centres,300,300,20,,300,0,\n"
    "ROADS,R1,NET,Potholes,700,700,60,,750,-20,\n"
)
MONTH_2 = MONTH_1.replace(",1100,", ",,").replace(",490,", ",,").replace(",750,", ",740,")


@pytest.fixture
def year(db, tmp_path):
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": MONTH_1,
        "periods/02/position.csv": MONTH_2,
    }
    return load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year


@pytest.fixture
def manager(person):
    """Looks after home care."""
    user = person(Role.BUDGET_MANAGER)
    TreeRight.objects.create(user=user, service_code="HOME")
    return user


def address(code="HOME", name="forecasts", number=2):
    return reverse(name, args=[2021, number, code])


def line_ids(year):
    return {line.cost_centre: line.pk for line in year.lines.all()}


def fields(year, **cells):
    """What the page's form sends: `H1=("1100.00", seen pence, reason)`."""
    ids = line_ids(year)
    data = {"action": "save"}
    for centre, (text, seen, *reason) in cells.items():
        data[f"forecast-{ids[centre]}"] = text
        data[f"seen-{ids[centre]}"] = seen
        data[f"reason-{ids[centre]}"] = reason[0] if reason else ""
    return data


@pytest.mark.parametrize("role", Role.values)
def test_who_sees_and_who_fills_the_grid(client, person, year, role):
    user = person(role)
    client.force_login(user)
    sees = role in (Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR)
    enters = role in (Role.FINANCE_OFFICER, Role.FINANCE_LEAD)
    assert client.get(address()).status_code == (200 if sees else 403)
    sent = fields(year, H1=("1200", "110000"))
    assert client.post(address(), sent).status_code == (302 if enters else 403)
    assert ForecastEntry.objects.exists() == enters


@pytest.mark.parametrize(
    ("role", "codes", "seen", "entered"),
    [
        (Role.BUDGET_MANAGER, ["HOME"], {"HOME"}, {"HOME"}),
        (Role.BUDGET_MANAGER, ["CARE"], {"HOME", "DAY"}, {"HOME", "DAY"}),
        (Role.DIRECTOR, ["CARE"], {"HOME", "DAY"}, set()),
        (Role.FINANCE_OFFICER, ["ROADS"], {"HOME", "DAY", "ROADS"}, {"ROADS"}),
        (Role.SCRUTINY_MEMBER, ["CARE"], set(), set()),
    ],
)
def test_people_stay_within_their_part_of_the_tree(
    client, person, year, role, codes, seen, entered
):
    user = person(role)
    for code in codes:
        TreeRight.objects.create(user=user, service_code=code)
    client.force_login(user)
    for code, cells in (
        ("HOME", {"H1": ("1200", "110000")}),
        ("DAY", {"D1": ("310", "30000")}),
        ("ROADS", {"R1": ("700", "74000")}),
    ):
        for name in ("forecasts", "forecasts-file"):
            status = client.get(address(code, name)).status_code
            assert status == (200 if code in seen else 403), (code, name)
        status = client.post(address(code), fields(year, **cells)).status_code
        assert status == (302 if code in entered else 403), code


@pytest.mark.parametrize(("code", "number"), [("NONE", 2), ("HOME", 3), ("TOP", 14)])
def test_only_services_with_lines_have_a_grid(client, person, year, code, number):
    client.force_login(person(Role.FINANCE_OFFICER))
    assert client.get(f"/2021-22/{number}/forecasts/{code}/").status_code == 404


def test_the_page_shows_what_holds_and_where_it_is_from(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(address()).content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert "carried forward from month 1" in text
    assert "1,125" in text, "run rate: 90 / 80 x 1,000"
    assert 'value="1,100"' in page
    assert "=HYPERLINK(1)" in text


def test_saving_by_the_form_leads_back_to_the_grid(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    sent = fields(year, H1=("£1.2k", "110000", "More visits"), H2=("(500)", "49000"))
    response = client.post(address() + "?q=H", sent | {"reason": "Review of June"})
    assert (response.status_code, response.url) == (302, address() + "?q=H&saved=2")
    values = ForecastEntry.objects.order_by("pk").values_list("forecast_pence", "reason")
    assert list(values) == [(120000, "More visits"), (-50000, "Review of June")]
    page = client.get(response.url).content.decode()
    assert "2 forecasts are saved" in page
    commentary = reverse("commentary-write", args=[2021, 2])
    assert f'<a class="govuk-button" href="{commentary}">Write the commentary' in page


def test_a_sum_is_worked_out_from_what_the_page_showed(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    sent = fields(year, H1=("=12*100/8", "110000"), H2=("+10.50", "49000"))
    assert client.post(address(), sent).status_code == 302
    entered = ForecastEntry.objects.order_by("pk").values_list("forecast_pence", flat=True)
    assert list(entered) == [15000, 50050]
    page = client.post(address(), fields(year, H1=("=12*", "15000"))).content.decode()
    assert "“=12*” cannot be read: the sum ends where a number was expected." in page


def test_what_cannot_be_right_is_told_in_place_and_nothing_is_stored(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    sent = fields(year, H1=("12o0", "110000", "Typing"), H2=("480", "49000"), H3=("1.234", "5000"))
    response = client.post(address(), sent)
    page = response.content.decode()
    assert response.status_code == 409
    assert "“12o0” cannot be read: a figure such as 1,234.50 was expected." in page
    assert "“1.234” cannot be read: there are more than two decimals." in page
    for kept in ('value="12o0"', 'value="Typing"', 'value="480"', 'aria-invalid="true"'):
        assert kept in page
    assert not ForecastEntry.objects.exists()


@pytest.mark.parametrize("seen", ["x", "1.5", "--1"])
def test_a_form_that_was_tampered_with_stores_nothing(client, person, year, seen):
    client.force_login(person(Role.FINANCE_OFFICER))
    assert client.post(address(), fields(year, H1=("1200", seen))).status_code == 409
    assert not ForecastEntry.objects.exists()


@pytest.mark.slow
def test_a_clash_shows_both_figures_and_saving_again_decides(client, person, year):
    client.force_login(person(Role.FINANCE_LEAD, first_name="Robin", last_name="Day"))
    client.post(address(), fields(year, H1=("1200", "110000")))
    client.force_login(person(Role.FINANCE_OFFICER))
    response = client.post(address(), fields(year, H1=("1300", "110000"), H2=("480", "49000")))
    page = response.content.decode()
    assert response.status_code == 409
    assert "Robin Day saved 1,200 meanwhile; you typed 1,300." in page
    assert 'value="1300"' in page and 'value="480"' in page
    assert ForecastEntry.objects.count() == 1
    seen = re.search(rf'name="seen-{line_ids(year)["H1"]}" value="(\d+)"', page)[1]
    again = fields(year, H1=("1300", seen), H2=("480", "49000"))
    assert client.post(address(), again).status_code == 302
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 130000 + 48000 + 5000


def test_what_a_colleague_changed_stays_when_another_line_is_refused(client, person, year):
    client.force_login(person(Role.FINANCE_LEAD))
    client.post(address(), fields(year, H2=("610", "49000")))
    client.force_login(person(Role.FINANCE_OFFICER))
    sent = fields(year, H1=("12o0", "110000"), H2=("490", "49000"))
    page = client.post(address(), sent).content.decode()
    row = page[page.index("H2/NET") :]
    assert 'value="610"' in row[: row.index("</tr>")]


@pytest.mark.parametrize(
    "query", ["?page=²", "?page=x", "?page=-1", "?page=99999999", "?q=" + "x" * 5000]
)
def test_an_odd_query_is_no_fault_of_the_page(client, person, year, query):
    client.force_login(person(Role.FINANCE_OFFICER))
    assert client.get(address() + query).status_code == 200


def test_a_manager_neither_sees_nor_changes_an_exempt_line(client, manager, year):
    client.force_login(manager)
    page = client.get(address()).content.decode()
    assert "H3/NET" not in page and "settlement" not in page
    assert "1 exempt line of this service" in page
    response = client.post(address(), fields(year, H3=("60", "5000")))
    assert response.status_code == 409
    assert not ForecastEntry.objects.exists()
    content = client.get(address(name="forecasts-file")).content
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["H1", "H2"]


def test_carried_forward_forecasts_are_entered_unchanged(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    response = client.post(address(), {"action": "confirm"})
    assert response.url == address() + "?saved=2"
    assert NodeFigure.objects.get(period=period_of(year, 2), key="HOME").lines_carried == 0


def test_a_published_month_is_read_only(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(address(number=1)).content.decode()
    assert "Save forecasts" not in page
    sent = fields(year, H1=("1200", "110000"))
    assert client.post(address(number=1), sent).status_code == 409
    assert not ForecastEntry.objects.exists()


@pytest.mark.slow
def test_two_hundred_pasted_rows_are_stored_in_few_queries(
    client, person, tmp_path, django_assert_max_num_queries
):
    rows = "".join(f"HOME,X{n:03},NET,,{n},{n},,,{n},0,\n" for n in range(200))
    files = {"services.csv": SERVICES, "periods/01/position.csv": COLUMNS + rows}
    files["periods/02/position.csv"] = files["periods/01/position.csv"]
    year = load_pack(folder=write_pack(tmp_path, files, publish=(1,)), by=None).year
    client.force_login(person(Role.FINANCE_OFFICER))
    sent = fields(year, **{f"X{n:03}": (str(n + 1), str(n * 100), "Pasted") for n in range(200)})
    with django_assert_max_num_queries(16):
        assert client.post(address(), sent).status_code == 302
    assert ForecastEntry.objects.count() == 200
    assert nodes_of(facts_of(year, 2))["TOP"]["net_variance"] == 20000


@pytest.mark.slow
def test_the_largest_form_is_sent_whole_and_stored_without_a_script(client, person, tmp_path):
    """Send 2,000 lines with their ties and ticks, as a browser does that runs no script."""
    rows = "".join(f"HOME,X{n:04},NET,,{n},{n},,,{n},-1,\n" for n in range(2000))
    files = {"services.csv": SERVICES, "periods/01/position.csv": COLUMNS + rows}
    files["reserves.csv"] = (
        "code,name,kind,group,opening_balance\nER,Equalisation,earmarked,Earmarked,5000\n"
    )
    year = load_pack(folder=write_pack(tmp_path, files), by=None).year
    client.force_login(person(Role.FINANCE_OFFICER))
    query = "?" + "&".join(f"column={measure}&column=tied_{measure}" for measure in PLANNED_USE)
    page = b"".join(client.get(address(number=1) + query).streaming_content).decode()
    sent = re.findall(r'<input [^>]*?name="([^"]+-\d+)"(?: [^>]*?)? ?value="([^"]*)"', page)
    ticks = re.findall(r'name="tick" value="(\d+)"', page)
    assert len(sent) + len(ticks) >= 20_000 and len(ticks) == 2000
    changed = {name: "7" for name, _ in sent if name.startswith("forecast-")}
    questions = [f"{number:016x}" for number in range(3 * 2000)]
    data = {**dict(sent), **changed, "tick": ticks, "shown": questions, "action": "save"}
    data["reason"] = "All of them"
    assert client.post(address(number=1), data).status_code == 302
    assert ForecastEntry.objects.count() == 1999  # one of them was 7 before
    assert nodes_of(facts_of(year, 1))["HOME"]["forecast"] == 2000 * 700


@pytest.mark.slow
def test_five_thousand_pasted_cells_are_taken(client, person, tmp_path):
    rows = "".join(f"HOME,X{n:04},NET,,{n},{n},,,{n},0,\n" for n in range(2500))
    files = {"services.csv": SERVICES, "periods/01/position.csv": COLUMNS + rows}
    year = load_pack(folder=write_pack(tmp_path, files), by=None).year
    client.force_login(person(Role.FINANCE_OFFICER))
    cells = {f"X{n:04}": (str(-n), str(n * 100), f"Reason {n}") for n in range(2500)}
    assert client.post(address(number=1), fields(year, **cells)).status_code == 302
    assert ForecastEntry.objects.count() == 2500
    assert nodes_of(facts_of(year, 1))["HOME"]["forecast"] == -sum(range(2500)) * 100


@pytest.mark.slow
def test_the_workbook_uploaded_again_changes_nothing(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    client.post(address(), fields(year, H1=("1200", "110000", "More visits")))
    before = nodes_of(facts_of(year, 2))
    carried = NodeFigure.objects.get(period=period_of(year, 2), key="HOME").lines_carried
    content = client.get(address(name="forecasts-file")).content
    bring(year, "position", content, 2, file_name="HOME.xlsx", scope="HOME")
    assert nodes_of(facts_of(year, 2)) == before
    assert NodeFigure.objects.get(period=period_of(year, 2), key="HOME").lines_carried == carried
    assert ForecastEntry.objects.count() == 1


@pytest.mark.slow
def test_the_workbook_edited_and_uploaded_again_is_taken(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    content = client.get(address(name="forecasts-file")).content
    book = openpyxl.load_workbook(io.BytesIO(content))
    headings = [cell.value for cell in book.active[1]]
    row = next(row for row in book.active.iter_rows(min_row=2) if row[1].value == "H1")
    assert row[3].value == "Visits"
    row[headings.index("Forecast")].value = 1234.56
    out = io.BytesIO()
    book.save(out)
    bring(year, "position", out.getvalue(), 2, file_name="HOME.xlsx", scope="HOME")
    assert nodes_of(facts_of(year, 2))["HOME"]["forecast"] == 123456 + 49000 + 5000
