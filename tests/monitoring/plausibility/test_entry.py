"""Figures are questioned as they are entered: once, with a reason or corrected."""

import html
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.questions import ForecastsQuestioned
from monitoring.forecasts.services import save_forecasts
from monitoring.ledger.selectors.positions import positions_frame
from monitoring.models import BudgetLine, FigureAnswer, FinancialYear, ForecastEntry, Service
from monitoring.plausibility.calculations import FACTOR, FORECAST, RESERVES, VANISHED
from monitoring.plausibility.selectors.questions import ask_about_month
from monitoring.plausibility.services import answer_questions
from tests.councils.loaded import load_pack
from tests.councils.month import tie
from tests.councils.packs import period_of, position, write_pack

pytestmark = pytest.mark.slow

SERVICES = "code,name,parent_code\nTOP,Council,\nCARE,Care,TOP\nROADS,Roads,TOP\n"
MONTH = "CARE C1 7500000 7500000 7791000 -20000\nCARE C2 90 90 90\nROADS R1 70 70 70"


@pytest.fixture
def year(db, tmp_path) -> FinancialYear:
    files = {"services.csv": SERVICES}
    files |= {f"periods/0{number}/position.csv": position(MONTH) for number in (1, 2)}
    pack = write_pack(tmp_path / "pack", files, publish=(1,))
    return load_pack(folder=pack, by=None).year


@pytest.fixture
def manager(person):
    return tie(person(Role.BUDGET_MANAGER), "CARE")


class Entry:
    """Save pounds for lines of Care in month 2, and remember the questions that were shown."""

    def __init__(self, year, by):
        self.year, self.by, self.shown = year, by, set()
        self.line = BudgetLine.objects.get(year=year, cost_centre="C1").pk

    def save(self, pounds, *, seen=7_791_000, reason="", shared="", measure=FORECAST):
        change = ForecastChange(self.line, seen * 100, pounds * 100, reason, measure)
        try:
            save_forecasts(
                node=Service.objects.get(year=self.year, code="CARE"),
                number=2,
                changes=[change],
                by=self.by,
                reason=shared,
                shown=self.shown,
            )
        except ForecastsQuestioned as refused:
            questions = [each for group in refused.questions.values() for each in group]
            self.shown = {each.key for each in questions}
            return [each.rule for each in questions]
        return []


def stored():
    return list(ForecastEntry.objects.values_list("forecast_pence", "reason"))


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(True, id="of the line"),
        pytest.param(False, id="shared", marks=pytest.mark.slow),
    ],
)
def test_a_questioned_figure_is_kept_with_a_reason_and_not_asked_again(year, manager, own):
    entry, trail = Entry(year, manager), AuditEntry.objects.count()
    revision = period_of(year, 2).year.revision
    early = {"reason": "Fewer placements"}
    assert entry.save(7_791, **early) == [FACTOR]  # a reason from before the question is no answer
    assert (stored(), AuditEntry.objects.count()) == ([], trail)
    assert period_of(year, 2).year.revision == revision
    assert entry.save(7_791) == [FACTOR]
    assert entry.save(7_791, **{"reason" if own else "shared": "The home has closed"}) == []
    assert stored() == [(779_100, "The home has closed")]
    answer = FigureAnswer.objects.get()
    assert (answer.rule, answer.reason, answer.by) == (FACTOR, "The home has closed", manager)
    assert answer.figures == {"now": 779_100, "reference": 779_100_000}
    assert AuditEntry.objects.count() == trail + 2
    # Put right, and typed once more: the same question with the same figures is not asked again.
    assert entry.save(7_791_000, seen=7_791) == []
    assert entry.save(7_791) == []
    assert FigureAnswer.objects.count() == 1


def test_a_corrected_figure_is_stored_and_the_question_falls_away(year, manager):
    entry = Entry(year, manager)
    assert entry.save(7_791) == [FACTOR]
    assert entry.save(7_792_000) == []
    assert stored() == [(779_200_000, "")]
    assert not FigureAnswer.objects.exists()


@pytest.mark.slow
def test_another_figure_is_another_question(year, manager):
    entry = Entry(year, manager)
    assert entry.save(7_791) == [FACTOR]
    assert entry.save(7_790, reason="The home has closed") == [FACTOR]
    assert stored() == []


@pytest.mark.slow
def test_only_the_figures_that_were_entered_are_questioned(year, manager):
    entry = Entry(year, manager)
    assert entry.save(0, seen=-20_000, measure=RESERVES) == [VANISHED]
    assert entry.save(0, seen=-20_000, measure=RESERVES, reason="Not needed") == []
    assert entry.save(7_792_000) == []


@pytest.mark.slow
def test_two_people_are_each_shown_their_own_questions(year, manager, person):
    entry, other = Entry(year, manager), Entry(year, person(Role.FINANCE_OFFICER))
    assert entry.save(7_791) == [FACTOR]
    assert other.save(7_791, reason="Closed") == [FACTOR]
    assert other.save(7_791, reason="Closed") == []
    # The other's answer holds for the same figure; what was typed meanwhile clashes as before.
    assert FigureAnswer.objects.get().by == other.by


class Page:
    """The grid of Care in month 2, used without JavaScript: every field is sent as it was drawn."""

    def __init__(self, client):
        self.client, self.address = client, reverse("forecasts", args=[2021, 2, "CARE"])
        self.shown = client.get(self.address)

    def fields(self) -> dict[str, list[str]]:
        form = self.shown.content.decode().split('id="grid"')[1].split("</form>")[0]
        found: dict[str, list[str]] = {}
        for tag in re.findall(r"<input [^>]*>", form):
            name, value = (re.search(rf' {each}="([^"]*)"', tag) for each in ("name", "value"))
            if name and 'type="checkbox"' not in tag:
                found.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
        return found

    def save(self, **cells) -> int:
        sent = self.fields() | {name.replace("_", "-"): [text] for name, text in cells.items()}
        self.shown = self.client.post(self.address, sent | {"action": ["save"]})
        return self.shown.status_code

    @property
    def words(self) -> str:
        return html.unescape(re.sub(r"<[^>]+>", " ", self.shown.content.decode()))


def test_the_page_comes_back_with_questions_beside_the_cells(year, manager, client):
    client.force_login(manager)
    page, pk = Page(client), BudgetLine.objects.get(year=year, cost_centre="C1").pk
    assert page.save(**{f"forecast_{pk}": "7,791"}) == 409
    assert "1 figure may be wrong" in page.words
    assert page.words.count("about 1,000 times less. Is one of them in thousands of pounds?") == 2
    assert stored() == []
    # Another refusal in between does not bring the question a second time.
    other = BudgetLine.objects.get(year=year, cost_centre="C2").pk
    assert page.save(**{f"forecast_{other}": "abc", f"reason_{pk}": "It has closed"}) == 409
    assert page.save(**{f"forecast_{other}": "90"}) == 302
    assert stored() == [(779_100, "It has closed")]
    assert FigureAnswer.objects.get().by == manager


def test_the_grid_lists_the_lines_with_questions_until_they_are_answered(year, manager, client):
    """Enter a figure with its question left open, as an upload does; a reason closes it."""
    client.force_login(manager)
    address = reverse("forecasts", args=[2021, 2, "CARE"]) + "?show=questioned"
    assert "No lines match" in client.get(address).content.decode()
    entry = Entry(year, manager)
    change = ForecastChange(entry.line, 779_100_000, 779_100, "")
    care = Service.objects.get(year=year, code="CARE")
    save_forecasts(node=care, number=2, changes=[change], by=manager)
    page = client.get(address).content.decode()
    assert f'name="forecast-{entry.line}"' in page and page.count('class="grid__tick"') == 1
    period = period_of(year, 2)
    questions = ask_about_month(period, positions_frame(period.batch)).first()
    reasons = {each.key: "The home has closed" for each in questions if each.line == entry.line}
    answer_questions(period=period, reasons=reasons, by=manager)
    assert "No lines match" in client.get(address).content.decode()


@pytest.mark.slow
def test_two_hundred_questioned_rows_are_asked_and_kept_in_few_queries(
    tmp_path, person, client, django_assert_max_num_queries
):
    rows = "\n".join(f"CARE X{n:03} 7500000 7500000 7791000" for n in range(200))
    files = {"services.csv": SERVICES}
    files |= {f"periods/0{number}/position.csv": position(rows) for number in (1, 2)}
    load_pack(folder=write_pack(tmp_path / "pack", files, publish=(1,)), by=None)
    client.force_login(person(Role.FINANCE_OFFICER))
    page = Page(client)
    cells = {name: "7,791" for name in page.fields() if name.startswith("forecast-")}
    assert page.save(**cells) == 409
    assert len(page.fields()["shown"]) == 200
    with django_assert_max_num_queries(21):
        assert page.save(reason="The homes have closed") == 302
    assert FigureAnswer.objects.count() == ForecastEntry.objects.count() == 200
