"""The page of methods: choosing them, what is refused, and who sees and chooses what."""

import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.forecast_methods.models import ForecastMethod
from monitoring.forecast_methods.selectors.accuracy import Accuracy, Against
from monitoring.forecast_methods.selectors.methods_page import describe_accuracy
from monitoring.forecast_methods.services import MethodChange, choose_methods
from monitoring.models import BudgetLine, FinancialYear, ForecastEntry, Service
from tests.councils.month import service, tie
from tests.councils.packs import period_of
from tests.monitoring.forecast_methods.two_years import choose, line_of, two_years

pytestmark = pytest.mark.slow


@pytest.fixture
def year(db, tmp_path):
    return two_years(tmp_path)


def address(code: str, number: int = 3) -> str:
    return reverse("forecast-methods", args=[2022, number, code])


def words(response) -> str:
    """The page's words, without its markup."""
    text = re.sub(r"<(option|script)\b.*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(text).split())


def chosen(year) -> dict[str, str]:
    """Every stored method by cost centre or service code."""
    rows = ForecastMethod.objects.filter(year=year)
    names = rows.values_list("line__cost_centre", "service__code", "method")
    return {line or of_service: method for line, of_service, method in names}


def sent(year, **methods: str) -> dict[str, str]:
    """What a form sends for lines and services whose method the page showed as none."""
    found = {}
    for code, method in methods.items():
        line = BudgetLine.objects.filter(year=year, cost_centre=code).first()
        field = f"line-{line.pk}" if line else f"service-{service(year, code).pk}"
        found |= {field: method, f"seen-{field}": ""}
    return found


def test_methods_are_chosen_taken_back_and_kept_on_the_audit_trail(client, person, year):
    officer = person(Role.FINANCE_OFFICER, first_name="Ann", last_name="Lee")
    client.force_login(officer)
    revision = FinancialYear.objects.get(pk=year.pk).revision
    form = sent(year, HOME="run-rate", H1="last-year", H2="", H3="")
    response = client.post(address("HOME"), form, follow=True)
    assert response.redirect_chain == [(address("HOME"), 302)]
    assert "2 forecast methods stored." in words(response)
    assert chosen(year) == {"HOME": "run-rate", "H1": "last-year"}
    assert {each.by for each in ForecastMethod.objects.all()} == {officer}
    entry = AuditEntry.objects.get(action="chose forecast methods")
    assert (entry.by, entry.record) == (officer, "forecast methods 2022/23 HOME")
    assert entry.detail == {
        "methods": {
            "HOME": {"from": "none of its own", "to": "Run rate"},
            "H1/NET": {"from": "none of its own", "to": "Last year’s pattern"},
        }
    }
    own, line = f"service-{service(year, 'HOME').pk}", f"line-{line_of(year, 'H1').pk}"
    again = form | {f"seen-{own}": "run-rate", f"seen-{line}": "last-year"}
    assert "Nothing was changed" in words(client.post(address("HOME"), again, follow=True))
    assert FinancialYear.objects.get(pk=year.pk).revision == revision + 1
    client.post(address("HOME"), again | {own: ""})
    assert chosen(year) == {"H1": "last-year"}


def test_the_page_shows_proposals_forecasts_and_the_past(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    choose(year, CARE="run_rate", D1="last_year")
    page = words(client.get(address("DAY")))
    assert "Now: Run rate, from Care" in page
    run_rate = "£250 too low (1 report, against the outturn)"
    assert re.search(rf"Run rate As if [^£]+ £600 {re.escape(run_rate)}", page)
    assert "that are not paid yet. – for none of the lines too little history" in page
    assert (
        "D1/NET Last year’s pattern £700 actual and what 2021/22 spent after month 3 £640 "
        "too little history"
    ) in page
    group = words(client.get(address("TOP")))
    assert "Services of Council" in group
    for row in ("Care Run rate", "Home care Run rate, from Care", "Roads No method"):
        assert row in group, row
    assert client.get(address("DAY", 13)).status_code == 200, "without figures nothing is proposed"
    assert client.get(address("NOPE")).status_code == 404


@pytest.mark.parametrize("theirs", ["budget", ""])
def test_what_a_colleague_chose_meanwhile_is_not_overwritten_unseen(client, person, year, theirs):
    client.force_login(person(Role.FINANCE_OFFICER))
    line, colleague = line_of(year, "H1"), person(Role.FINANCE_LEAD, first_name="Bo", last_name="Y")
    if theirs:
        ForecastMethod.objects.create(year=year, line=line, method=theirs, by=colleague)
    seen = "" if theirs else "budget"
    form = {f"line-{line.pk}": "run-rate", f"seen-line-{line.pk}": seen}
    response = client.post(address("HOME"), form | sent(year, HOME="profile"))
    assert response.status_code == 409
    who, what = ("Bo Y", "Budget") if theirs else ("Somebody", "none of its own")
    assert f"{who} chose “{what}” for H1/NET meanwhile." in words(response)
    assert chosen(year) == ({"H1": theirs} if theirs else {}), "all or nothing"
    assert '<option value="run-rate" selected>' in response.content.decode()
    now = re.search(rf'name="seen-line-{line.pk}" value="(.*?)"', response.content.decode())[1]
    assert now == theirs
    client.post(address("HOME"), form | {f"seen-line-{line.pk}": now})
    assert chosen(year) == {"H1": "run-rate"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"H1": "guess"}, "There is no such forecast method"),
        ({"R1": "budget"}, "no longer belongs to Care"),
        ({"ROADS": "budget"}, "no longer belongs to Care"),
        ({"TOP": "budget"}, "no longer belongs to Care"),
    ],
)
def test_what_is_not_under_the_service_or_no_method_is_refused(year, change, sentence):
    (code, method), line = *change.items(), BudgetLine.objects.filter(year=year)
    line = line.filter(cost_centre=code).first()
    of_service = None if line else service(year, code).pk
    wanted = MethodChange(line.pk if line else None, of_service, "", method)
    sound = MethodChange(line_of(year, "D1").pk, None, "", "budget")
    with pytest.raises(Refused, match=sentence):
        choose_methods(node=service(year, "CARE"), changes=[sound, wanted], by=None)
    assert chosen(year) == {}


def test_lines_of_another_year_and_exempt_ones_are_out_of_reach(year):
    other = BudgetLine.objects.get(year__start=2021, cost_centre="H1")
    hidden = line_of(year, "H2")
    BudgetLine.objects.filter(pk=hidden.pk).update(exempt=True)
    node = service(year, "HOME")
    for line in (other, hidden):
        with pytest.raises(Refused, match="no longer belongs to Home care"):
            change = MethodChange(line.pk, None, "", "budget")
            choose_methods(node=node, changes=[change], by=None, with_exempt=False)
    choose_methods(node=node, changes=[MethodChange(hidden.pk, None, "", "budget")], by=None)
    assert chosen(year) == {"H2": "budget"}


READS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR}
CHOOSES = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}


@pytest.mark.parametrize("role", Role.values)
def test_who_reads_and_chooses_methods(client, person, year, role):
    client.force_login(person(role))
    assert client.get(address("HOME")).status_code == (200 if role in READS else 403)
    answer = client.post(address("HOME"), sent(year, HOME="budget"))
    assert answer.status_code == (302 if role in CHOOSES else 403)
    assert chosen(year) == ({"HOME": "budget"} if role in CHOOSES else {})


@pytest.mark.parametrize("role", [Role.BUDGET_MANAGER, Role.DIRECTOR])
def test_who_looks_after_a_part_has_the_methods_of_that_part(client, person, year, role):
    BudgetLine.objects.filter(year=year, cost_centre="H2").update(exempt=True)
    client.force_login(tie(person(role), "HOME"))
    page = client.get(address("HOME"))
    assert page.status_code == 200 and "H1/NET" in words(page)
    assert "H2/NET" not in words(page)
    assert "of 2 lines" in words(page), "the sums leave the exempt line out, too"
    assert ("Store the methods" in words(page)) == (role == Role.BUDGET_MANAGER)
    for code in ("DAY", "CARE", "TOP"):
        assert client.get(address(code)).status_code == 403
        assert client.post(address(code), sent(year, DAY="budget")).status_code == 403
    answer = client.post(address("HOME"), sent(year, HOME="budget", H1="run-rate"))
    assert answer.status_code == (302 if role == Role.BUDGET_MANAGER else 403)
    assert bool(chosen(year)) == (role == Role.BUDGET_MANAGER)


def test_an_archived_year_keeps_its_methods(client, person, year):
    choose(year, HOME="budget")
    FinancialYear.objects.filter(pk=year.pk).update(archived_at="2023-09-01T00:00Z")
    client.force_login(person(Role.FINANCE_LEAD))
    assert "Store the methods" not in words(client.get(address("HOME")))
    answer = client.post(address("HOME"), sent(year, H1="budget"))
    assert answer.status_code == 409 and "is archived and read only" in words(answer)
    assert chosen(year) == {"HOME": "budget"}


def test_a_closed_service_has_no_page_and_its_successors_method_counts(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    choose(year, DAY="budget", HOME="run_rate")
    home = Service.objects.get(year=year, code="HOME")
    Service.objects.filter(year=year, code="DAY").update(successor=home)
    assert client.get(address("DAY")).status_code == 404
    assert "D1/NET Run rate, from Home care £600" in words(client.get(address("HOME")))


def test_the_page_of_a_line_shows_its_proposal_while_the_month_is_open(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    of_line = reverse("line", args=[2022, 3, line_of(year, "D1").pk])
    assert "No forecast method is chosen for this line." in words(client.get(of_line))
    choose(year, TOP="run_rate")
    page = words(client.get(of_line))
    assert "Forecast proposed Run rate, from Council: £600 (actual ÷ 3 × 12)." in page
    assert "£250 too low (1 report, against the outturn)." in page
    assert address("DAY") in client.get(of_line).content.decode()
    choose(year, D1="commitments")
    assert "Actual plus commitments: no proposal (no commitments given)." in words(
        client.get(of_line)
    )
    published = reverse("line", args=[2022, 2, line_of(year, "D1").pk])
    assert "Forecast proposed" not in words(client.get(published))
    for code in ("DAY", "CARE"):
        of_service = client.get(reverse("service", args=[2022, 3, code])).content.decode()
        assert address(code) in of_service


@pytest.mark.parametrize(
    ("count", "absolute", "signed", "sentence"),
    [
        (1, 22000, -22000, "£220 too low"),
        (1, 0, 0, "no difference"),
        (3, 22000, 22000, "£220 too high on average"),
        (3, 22050, -7000, "£220.50 off on average, on balance £70 too low"),
        (2, 500, 0, "£5 off on average, on balance neither too high nor too low"),
    ],
)
def test_accuracy_is_said_in_words(count, absolute, signed, sentence):
    found = Accuracy(Against.OUTTURN, count, absolute, signed, "the outturn")
    reports = "1 report" if count == 1 else f"{count} reports"
    assert describe_accuracy([found]) == (f"{sentence} ({reports}, against the outturn)",)
    assert describe_accuracy([]) == ("too little history",)


def test_the_grid_offers_the_proposals_and_takes_those_of_the_lines_shown(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    grid = reverse("forecasts", args=[2022, 3, "CARE"])
    assert "Take the proposal" not in words(client.get(grid))
    choose(year, CARE="last_year", H3="budget")
    page = client.get(grid)
    assert "actual and what 2021/22 spent after month 3" in words(page)
    assert address("CARE") in page.content.decode()
    filled = client.post(grid, {"action": "fill-proposal"})
    cells = dict(re.findall(r'name="forecast-(\d+)" value="(.*?)"', filled.content.decode()))
    expected = {"H1": "1,180", "H2": "", "H3": "70", "D1": "700"}  # H2 had no actual last year
    assert {line.cost_centre: cells[str(line.pk)] for line in lines_under_care(year)} == expected
    seen = dict(re.findall(r'name="(seen-[\w-]+)" value="(.*?)"', filled.content.decode()))
    typed = {f"forecast-{pk}": text for pk, text in cells.items()}
    client.post(grid, {"action": "save", "reason": "Last year’s pattern", **seen, **typed})
    entries = ForecastEntry.objects.filter(period=period_of(year, 3)).order_by("line__cost_centre")
    assert list(entries.values_list("line__cost_centre", "forecast_pence", "reason")) == [
        ("D1", 70_000, "Last year’s pattern"),
        ("H1", 118_000, "Last year’s pattern"),
    ]


def lines_under_care(year):
    return BudgetLine.objects.filter(year=year, service__code__in=["HOME", "DAY"])


@pytest.mark.slow
def test_the_grid_of_a_group_links_to_methods_for_those_alone_who_may_see_them(
    client, person, year
):
    grid = reverse("forecasts", args=[2022, 3, "CARE"])
    client.force_login(tie(person(Role.BUDGET_MANAGER), "HOME", "DAY"))
    page = client.get(grid)
    assert page.status_code == 200 and address("CARE") not in page.content.decode()
    client.force_login(tie(person(Role.BUDGET_MANAGER, username="of-care"), "CARE"))
    assert address("CARE") in client.get(grid).content.decode()
