"""The overview of a report and of a service: where it stands, whence, what changed, and why."""

import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.errors import Refused
from council_finance.statements import Display
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.services import save_forecasts
from monitoring.models import BudgetLine, ForecastEntry, HistoricFigure
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports import charts
from monitoring.reports.selectors.breakdown import node_of
from monitoring.reports.selectors.course import courses
from monitoring.reports.selectors.overview import overview, parts_of
from monitoring.reports.selectors.service_lines import listed_lines
from monitoring.reports.selectors.spending import (
    Compared,
    compared_lines,
    compared_under,
    spending_of,
)
from monitoring.reports.spending import spending
from tests.councils.month import FIRST_TEXT, MONTH_1, MONTH_2, service, small_council, texts, tie
from tests.councils.packs import (
    POSITION_COLUMNS,
    bring,
    csv_of,
    facts_of,
    period_of,
    position,
    publish,
    report_row,
)

HISTORY = (
    "financial_year,period,service_code,current_budget,net_variance\n"
    "2020/21,1,TOP,2500,400\n2020/21,2,TOP,2500,-90.50\n2020/21,2,HOME,1400,10\n"
    "2019/20,2,TOP,1,1\n"
)


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def words_of(response) -> str:
    """What stands on the page, without its tags."""
    text = re.sub(r"<(script|title).*?</\1>", " ", response.content.decode(), flags=re.S)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text).split()))


def of(facts, code):
    node = node_of(facts, code)
    return overview(facts, node, parts_of(facts, node))


def test_somersets_third_month_in_its_own_print(client, person, somerset):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    text = words_of(page(client, "overview", 2019, 3))
    for words in (
        "Forecast on budget, against a net budget of £327.967m",
        "Net budget £327.967m",
        "Contingency left £6.061m of £7.226m at first",
        "Children & Families - Operations is furthest over its budget: £0.433m; "
        "Non-Service Items is furthest under: £0.410m",
        "All in all unchanged since month 2; Economic & Community Infrastructure Services moved "
        "most: £0.389m better",
        "£0.362m worse than in month 2: now £0.410m under its budget",
    ):
        assert words in text


def test_the_key_services_are_told_apart_from_their_restatement(client, person, somerset):
    """Annex A: 0.992 as published, 0.494 restated by the virement of 0.498, now 0.126."""
    client.force_login(person(Role.SCRUTINY_MEMBER))
    text = words_of(page(client, "service", 2019, 3, "KEY"))
    assert "Forecast overspend of £0.126m on a net budget of £277.433m, £0.368m better" in text
    assert "Month 2, as published 0.992" in text
    assert "Restated: virements and moves of services (0.498)" in text
    assert "Now 0.126" in text
    assert "0.059 * (restated)" in text, "Annex A marks the service"
    assert "0.494 * (restated)" not in text, "and not its total"


@pytest.mark.parametrize("code", ["SCC", "KEY", "SUPPORT"])
def test_the_steps_of_a_waterfall_lead_from_the_last_report_to_this_one(somerset, code):
    facts = facts_of(somerset, 3)
    node = node_of(facts, code)
    chart = charts.what_changed(facts.display("annex-a"), node, parts_of(facts, node), "month 2")
    trace = chart.figure["data"][0]
    first, *steps, last = (round(pounds * 100) for pounds in trace["x"])
    assert first == node.previous_as_published
    assert first + sum(steps) == last == node.net_variance
    assert len(chart.table.rows) == len(trace["x"])


def test_what_the_parts_do_not_explain_is_a_step_of_its_own():
    before = {"previous_as_published": 100, "previous_net_variance": 100}
    node = report_row(**before, movement=50, net_variance=150)
    parts = [report_row(label="One", movement=20, net_variance=0), report_row(label="Two")]
    drawn = charts.what_changed(Display(unit="pounds"), node, parts, "month 2")
    assert [row[0] for row in drawn.table.rows] == [
        "Month 2, as published",
        "One",
        "Not in one of these",
        "Now",
    ]


def test_beyond_twelve_services_the_rest_is_one_bar():
    parts = [report_row(label=f"S{n}", net_variance=n * 100) for n in range(1, 16)]
    drawn = charts.where_from(Display(unit="pounds"), parts)
    rows = drawn.table.rows
    assert len(rows) == 13 and rows[0][0] == "S15"
    assert rows[-1] == ("The other 3 together", "6", "£6")
    assert drawn.title == "S15 is furthest over its budget: £15"
    assert charts.where_from(Display(), parts[:1]) is None, "one bar compares nothing"


@pytest.mark.parametrize(
    ("variances", "title"),
    [
        ((500, -300), "A is furthest over its budget: £5; B is furthest under: £3"),
        ((500, 0), "A is furthest over its budget: £5"),
        ((0, -300), "No service is forecast over its budget; B is furthest under: £3"),
        ((0, 49), "Every service is forecast on its budget"),
    ],
)
def test_the_title_of_the_bars_is_their_finding(variances, title):
    parts = [
        report_row(label=label, net_variance=pence)
        for label, pence in zip("AB", variances, strict=True)
    ]
    assert charts.where_from(Display(unit="pounds"), parts).title == title


def test_the_first_report_of_a_year_has_no_waterfall(year):
    found = of(facts_of(year, 1), "TOP")
    assert found.changed is None and found.where_from is not None
    assert [stat.label for stat in found.stats] == ["Net budget", "Forecast variance"]
    assert [each.code for each in found.highlights] == ["HOME", "BUSES", "ROADS"]
    assert found.highlights[0].text == FIRST_TEXT
    assert found.heat is None and found.course is None, "one point makes no course"


def test_services_are_told_apart_as_far_as_a_screen_allows(year, cambridgeshire):
    facts = facts_of(year, 2)
    assert [part.key for part in parts_of(facts, facts.top)] == [
        "HOME",
        "DAY",
        "SCHOOL",
        "BUSES",
        "ROADS",
    ]
    wide = facts_of(cambridgeshire, 13)
    parts = parts_of(wide, wide.top)
    assert 2 <= len(parts) <= 12
    assert sum(part.net_variance for part in parts) == wide.top.net_variance


def test_the_course_is_this_years_reports_and_last_years(year):
    bring(year, "history", HISTORY)
    facts = facts_of(year, 2)
    found = courses(facts, ["TOP", "HOME", "ROADS"])
    assert [(p.number, p.version, p.net_variance) for p in found["TOP"].this_year] == [
        (1, 1, 230_00),
        (2, 1, 280_00),
    ]
    assert [(p.number, p.version, p.net_variance) for p in found["TOP"].last_year] == [
        (1, None, 400_00),
        (2, None, -90_50),
    ]
    assert [p.number for p in found["HOME"].last_year] == [2]
    assert found["ROADS"].last_year == ()
    chart = of(facts, "TOP").course
    assert chart.title == (
        "Month 2: an overspend of £280; month 1: an overspend of £230; "
        "month 2 of last year: an underspend of £91"
    )
    assert chart.table.rows == (("M1", "230", "400"), ("M2", "280", "(91)"))


@pytest.mark.slow
def test_the_latest_version_of_an_earlier_report_holds_once_it_is_published(year):
    reopen_report(period=period_of(year, 1), reason="A late figure", by=None)
    bring(year, "position", position(MONTH_1.replace("1100", "1150")), 1)
    assert courses(facts_of(year, 2), ["TOP"])["TOP"].this_year[0].net_variance == 230_00
    publish(year, 1)
    first, _ = courses(facts_of(year, 2), ["TOP"])["TOP"].this_year
    assert (first.version, first.net_variance) == (2, 280_00)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2021/22,2,TOP,1,1", "history is of years before 2021/22"),
        ("2020,2,TOP,1,1", "write the year as 2018/19"),
        ("2020/21,14,TOP,1,1", "periods are numbered 1 to 13"),
        ("2020/21,0,TOP,1,1", "periods are numbered 1 to 13"),
        ("2020/21,2,,1,1", "service_code"),
        ("2020/21,2,TOP,,1", "current_budget"),
        ("2020/21,2,TOP,1,x", "net_variance"),
        ("2020/21,1,TOP,9,9", "this service stands on an earlier row"),
    ],
)
def test_bad_history_is_told_by_its_row_and_nothing_is_stored(year, row, message):
    with pytest.raises(Refused) as refused:
        bring(year, "history", HISTORY + row + "\n")
    assert any("row 6" in reason.lower() and message in reason for reason in refused.value.messages)
    assert not HistoricFigure.objects.exists()


def test_history_brought_again_replaces_the_periods_it_names(year):
    bring(year, "history", HISTORY)
    head = HISTORY.splitlines()[0]
    bring(year, "history", f"{head}\n2020/21,2,TOP,2500,77\n")
    kept = HistoricFigure.objects.values_list("start", "number", "service_code")
    assert set(kept) == {(2020, 1, "TOP"), (2020, 2, "TOP"), (2019, 2, "TOP")}


def test_the_heat_map_has_every_service_and_report(year):
    heat = of(facts_of(year, 2), "TOP").heat
    assert heat.headings == ("Month 1", "Month 2")
    cells = {node.key: tuple(cell.text for cell in row) for node, row in heat.rows}
    assert cells["BUSES"] == ("80", "90") and cells["SCHOOL"] == ("0", "0")
    tints = {node.key: row[1].tint for node, row in heat.rows}
    assert tints["HOME"] == 3 and tints["SCHOOL"] == 0 and tints["DAY"] == 1


@pytest.mark.slow
def test_a_long_commentary_is_cut_at_a_word_and_leads_to_the_rest(client, person, tmp_path, db):
    long = "Placements cost more than planned. " * 30
    council = small_council(tmp_path, **{"periods/01/commentary.csv": texts(HOME=long)})
    told = of(facts_of(council, 1), "TOP").highlights[0]
    assert told.cut and told.text.endswith(" …") and len(told.text) < 370
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "The whole commentary of Home care" in words_of(page(client, "overview", 2021, 1))


@pytest.mark.slow
def test_who_reads_the_overview_of_what(client, person, year):
    for role in set(Role) - {Role.NO_ROLE}:
        client.force_login(person(role))
        assert page(client, "overview", 2021, 1).status_code == 200, role
        draft = words_of(page(client, "overview", 2021, 2))
        sees = role in (Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR)
        assert ("No report for month 2 yet" in draft) is not sees, role
    assert page(client, "overview", 2021, 1, version="1").status_code == 200
    for version in ("2", "x", "0"):
        assert page(client, "overview", 2021, 1, version=version).status_code == 404


def test_a_period_without_figures_says_what_will_stand_there(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    text = words_of(page(client, "overview", 2021, 5))
    assert "No figures for month 5 yet" in text
    assert "Upload figures for month 5" in text
    client.force_login(person(Role.SCRUTINY_MEMBER))
    text = words_of(page(client, "overview", 2021, 5))
    assert "No report for month 5 yet" in text and "Upload" not in text


@pytest.mark.slow
def test_an_earlier_version_says_so_and_keeps_its_links(client, person, year):
    reopen_report(period=period_of(year, 1), reason="A late figure", by=None)
    bring(year, "position", position(MONTH_1.replace("1100", "1150")), 1)
    publish(year, 1)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    old = page(client, "overview", 2021, 1, version="1")
    assert "There is a newer version of this report" in words_of(old)
    assert "/2021-22/1/services/HOME/?version=1" in old.content.decode()
    assert "There is a newer version" not in words_of(page(client, "overview", 2021, 1))


def test_a_director_lands_on_their_own_part(client, person, year):
    client.force_login(tie(person(Role.DIRECTOR), "CARE"))
    text = words_of(page(client, "home"))
    assert "Your services Month 2, draft" in text and "Care in detail" in text
    assert "Home care is furthest over its budget: £100" in text
    assert "Roads" not in text
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "furthest over" not in words_of(page(client, "home"))


def test_a_director_of_several_parts_sees_them_side_by_side(client, person, year):
    client.force_login(tie(person(Role.DIRECTOR), "HOME", "BUSES"))
    text = words_of(page(client, "home"))
    assert "Home care is furthest over its budget: £100" in text
    assert "Home care in detail" in text and "School buses in detail" in text


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.BUDGET_MANAGER])
def test_every_link_of_a_draft_of_ones_own_part_can_be_followed(client, person, year, role):
    client.force_login(tie(person(role), "CARE"))
    for code in ("CARE", "HOME"):
        body = page(client, "service", 2021, 2, code).content.decode()
        main = body.split('class="govuk-breadcrumbs"')[1].split("site-footer")[0]
        for link in set(re.findall(r'href="(/[^"]*)"', main)):
            assert client.get(html.unescape(link)).status_code == 200, link


def test_a_director_tied_to_the_whole_council_lands_on_it(client, person, year):
    client.force_login(tie(person(Role.DIRECTOR), "TOP"))
    assert "Roads" in words_of(page(client, "home"))


def test_the_years_page_shows_its_course(client, person, year):
    bring(year, "history", HISTORY)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    text = words_of(page(client, "year", 2021))
    assert "Month 1: an overspend of £230; month 1 of last year: an overspend of £400" in text
    assert "280" not in text, "month 2 is a draft"


SPENT = [
    # number, actual, forecast, profile: a month so far, a month left, change in per cent, asked
    ((3, 300, 1200, None), (100, 100, 0, False)),
    ((3, 300, 1380, None), (100, 120, 20, False)),
    ((3, 300, 1389, None), (100, 121, 21, True)),
    ((3, 300, 300, None), (100, 0, -100, True)),
    ((3, 300, 200, None), (100, -11, -111, True)),
    ((3, 0, 900, None), (0, 100, None, True)),
    ((3, 0, 0, None), (0, 0, 0, False)),
    ((3, -300, -1200, None), (-100, -100, 0, False)),
    ((3, -300, -600, None), (-100, -33, 67, True)),
    ((11, 1100, 1200, 1000), (100, 100, 0, False)),
]


@pytest.mark.parametrize(("given", "expected"), SPENT)
def test_what_the_forecast_leaves_for_the_rest_of_the_year(given, expected):
    number, actual, forecast, profile = given
    found = spending(number=number, actual=actual, forecast=forecast, profile=profile)
    told = (found.a_month, found.rest_a_month, found.percent, found.implausible)
    assert told == expected
    assert found.rest == forecast - actual and found.months_left == 12 - number


@pytest.mark.parametrize("given", [(0, 1, 1), (12, 1, 1), (13, 1, 1), (3, None, 1), (3, 1, None)])
def test_nothing_is_said_where_nothing_can_be(given):
    number, actual, forecast = given
    assert spending(number=number, actual=actual, forecast=forecast, profile=None) is None


def _spending(facts, key):
    """A service's spending, which is the same read line by line and added up by the database."""
    node = node_of(facts, key)
    listed, added = compared_lines(listed_lines(facts, node)), compared_under(facts, node)
    assert listed == added
    return spending_of(facts, listed)


@pytest.mark.slow
def test_a_service_tells_its_spending_beside_its_profile(client, person, year):
    columns = (*POSITION_COLUMNS[:6], "actual_to_date", "profiled_budget_to_date")
    rows = [
        ["HOME", "H1", "NET", "1200", "1200", "1500", "300", "200"],
        ["ROADS", "R1", "NET", "700", "700", "700", "70", "."],
    ]
    bring(year, "position", csv_of(columns, rows), 2)
    facts = facts_of(year, 2)
    home = _spending(facts, "HOME")
    assert home.so_far == "£300 was spent to date, £100 more than the £200 profiled."
    assert home.rest == (
        "The forecast leaves £1,200 for 10 months: £120 a month, against £150 a month so far."
    )
    assert home.question == ""
    roads = _spending(facts, "ROADS")
    assert roads.so_far == "£70 was spent to date."
    assert roads.question.startswith("That is 80% more a month than so far.")
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "The rest of the year would have to change" in words_of(
        page(client, "service", 2021, 2, "ROADS")
    )


def test_typed_forecasts_count_in_the_sums_of_many_lines(year):
    columns = (*POSITION_COLUMNS[:6], "actual_to_date", "profiled_budget_to_date")
    rows = [
        ["HOME", "H1", "NET", "1200", "1200", "1500", "300", "200"],
        ["HOME", "H2", "NET", "100", "100", ".", "30", "20"],
        ["HOME", "H3", "NET", "100", "100", "100", ".", "."],
        ["HOME", "H4", "NET", "100", "100", "100", "40", "30"],
        ["ROADS", "R1", "NET", "700", "700", "700", "70", "."],
    ]
    bring(year, "position", csv_of(columns, rows), 2)
    period = period_of(year, 2)
    typed = [("H1", 1400_00), ("H1", 1600_00), ("H2", 90_00), ("H3", 70_00), ("R1", 1_00)]
    typed += [("H4", 1_00), ("H4", None)]
    for centre, pence in typed:
        line = BudgetLine.objects.get(year=year, cost_centre=centre)
        ForecastEntry.objects.create(period=period, line=line, forecast_pence=pence)
    facts = facts_of(year, 2)
    node = node_of(facts, "HOME")
    expected = Compared(lines=3, actual=370_00, forecast=1790_00, profile=250_00, left_out=1)
    assert compared_under(facts, node) == expected
    assert compared_lines(listed_lines(facts, node)) == expected


@pytest.mark.parametrize("number", [1, 2])
def test_the_overview_asks_few_questions(
    client, person, year, number, django_assert_max_num_queries
):
    client.force_login(person(Role.FINANCE_LEAD))
    client.get(reverse("overview", args=[2021, number]))
    with django_assert_max_num_queries(19):  # each app looks for what it has to show
        assert page(client, "overview", 2021, number).status_code == 200


@pytest.mark.parametrize("role", [Role.SCRUTINY_MEMBER, Role.FINANCE_OFFICER])
@pytest.mark.parametrize("code", ["HOME", "CARE", "TOP"])
def test_the_page_of_a_published_service_asks_few_questions(
    client, person, year, role, code, django_assert_max_num_queries
):
    client.force_login(person(role))
    page(client, "service", 2021, 1, code)
    with django_assert_max_num_queries(18):
        assert page(client, "service", 2021, 1, code).status_code == 200


@pytest.mark.slow
def test_more_lines_and_years_do_not_make_more_questions(
    client, person, year, django_assert_num_queries, django_assert_max_num_queries
):
    client.force_login(person(Role.FINANCE_LEAD))
    address = reverse("overview", args=[2021, 1])
    client.get(address)
    with django_assert_max_num_queries(12) as few:
        client.get(address)
    bring(year, "history", HISTORY)
    more = "".join(f"ROADS R{n} 1 1 1\n" for n in range(2, 60))
    bring(year, "position", position(MONTH_2 + more), 2)
    with django_assert_num_queries(len(few)) as asked:
        client.get(address)
    tables = ("monitoring_position", "monitoring_budgetline", "monitoring_forecastentry")
    assert not [query for query in asked if any(name in query["sql"] for name in tables)]


@pytest.mark.slow
def test_spending_is_compared_by_the_lines_that_have_both_figures(client, person, year):
    columns = (*POSITION_COLUMNS[:6], "actual_to_date")
    rows = [
        ["HOME", "H1", "NET", "1200", "1200", "1200", "200"],
        ["HOME", "NEW1", "NET", "600", "600", ".", "300"],
        ["HOME", "NEW2", "NET", "600", "600", "600", "."],
    ]
    bring(year, "position", csv_of(columns, rows), 2)
    facts = facts_of(year, 2)
    home = _spending(facts, "HOME")
    assert home.so_far == "£200 was spent to date."
    assert home.rest == (
        "The forecast leaves £1,000 for 10 months: £100 a month, against £100 a month so far. "
        "2 lines are left out, without an actual or a forecast."
    )
    assert home.question == ""
    line = BudgetLine.objects.get(year=year, cost_centre="H1")
    save_forecasts(
        node=service(year, "HOME"),
        number=2,
        changes=[ForecastChange(line.pk, 1200_00, 2400_00)],
        by=person(Role.FINANCE_LEAD),
    )
    facts = facts_of(year, 2)
    assert "£2,200 for 10 months" in _spending(facts, "HOME").rest


@pytest.mark.slow
def test_a_group_tells_the_spending_of_all_that_is_under_it(client, person, year):
    columns = (*POSITION_COLUMNS[:6], "actual_to_date", "profiled_budget_to_date")
    rows = [
        ["HOME", "H1", "NET", "1200", "1200", "1500", "300", "200"],
        ["DAY", "D1", "NET", "700", "700", "700", "70", "."],
        ["DAY", "D2", "NET", "700", "700", ".", "70", "."],
    ]
    bring(year, "position", csv_of(columns, rows), 2)
    client.force_login(person(Role.FINANCE_OFFICER))
    words = words_of(page(client, "service", 2021, 2, "CARE"))
    assert "£370 was spent to date." in words
    assert "leaves £1,830 for 10 months: £183 a month, against £185 a month so far" in words
    assert "1 line is left out" in words
    line = BudgetLine.objects.get(year=year, cost_centre="D2")
    change = ForecastChange(line.pk, None, 470_00)
    save_forecasts(
        node=service(year, "DAY"), number=2, changes=[change], by=person(Role.FINANCE_LEAD)
    )
    words = words_of(page(client, "service", 2021, 2, "CARE"))
    assert "leaves £2,230 for 10 months: £223 a month, against £220 a month so far" in words
    assert "left out" not in words


def test_a_service_whose_lines_are_gone_is_told_as_movement(year):
    gone = "\n".join(line for line in MONTH_2.splitlines() if not line.startswith("ROADS"))
    bring(year, "position", position(gone), 2)
    found = of(facts_of(year, 2), "TOP")
    assert found.changed.title == "£30 better than in month 1; Roads moved most: £60 better"
    assert found.highlights[0].code == "ROADS" and found.highlights[0].words.endswith(
        "now without lines in the ledger"
    )
    assert "Not in one of these" not in [row[0] for row in found.changed.table.rows]


def test_the_title_of_the_bars_looks_at_the_small_ones_too():
    parts = [report_row(label=f"S{n}", net_variance=-9000 - n) for n in range(13)]
    parts += [
        report_row(label=label, net_variance=n) for label, n in (("Small", 400), ("Less", 300))
    ]
    title = charts.where_from(Display(unit="pounds"), parts).title
    assert title.startswith("Small is furthest over its budget: £4;")


@pytest.mark.slow
def test_a_director_of_many_parts_sees_all_of_them_side_by_side(client, person, db, tmp_path):
    codes = [f"S{n}" for n in range(1, 8)]
    tree = "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\n"
    tree += "".join(f"{code},Service {code},TOP,{n},\n" for n, code in enumerate(codes))
    lines = "".join(f"{code} L{code} 10 10 {10 + n}\n" for n, code in enumerate(codes))
    files = {"services.csv": tree, "periods/01/position.csv": position(lines)}
    files |= {"periods/02/position.csv": position(lines)}
    small_council(tmp_path, **files, **{"periods/01/commentary.csv": texts(S1="Text")})
    client.force_login(tie(person(Role.DIRECTOR), *codes))
    text = words_of(page(client, "home"))
    assert "Service S7 is furthest over its budget: £6" in text
    assert "and 2 more of your services" in text


def test_links_of_a_commentary_read_by_version_keep_it(client, person, year):
    client.force_login(person(Role.SCRUTINY_MEMBER))
    body = page(client, "commentary", 2021, 1, version="1").content.decode()
    links = re.findall(r'href="(/2021-22/1/[^"]*|/reports/2021-22/1/[^"]*)"', body)
    assert "/2021-22/1/?version=1" in links
    for link in links:
        assert client.get(html.unescape(link)).status_code == 200, link


def test_at_the_close_the_variance_is_the_outturn(client, person, cambridgeshire):
    """Appendix 1: the close of 2018/19 at 4,756 over, 179 better than month 11."""
    client.force_login(person(Role.SCRUTINY_MEMBER))
    text = words_of(page(client, "overview", 2018, 13))
    assert "Outturn overspend of £4,756k on a net budget of £243,570k, £179k better" in text
    assert "Outturn variance £4,756k overspend" in text
