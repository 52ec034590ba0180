"""Questions and checks on the review page: listed, answered, and published with their reasons."""

import html
import io
import json
import re

import pytest
from django.core.management import call_command
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.errors import Refused
from monitoring.models import CheckReason, FigureAnswer, FinancialYear, Report
from monitoring.publishing.selectors.outstanding import missing_reasons
from tests.councils.loaded import load_pack
from tests.councils.month import tie
from tests.councils.packs import bring, facts_of, position, publish, write_pack

pytestmark = pytest.mark.slow

SERVICES = "code,name,parent_code\nTOP,Council,\nCARE,Care,TOP\nROADS,Roads,TOP\n"
LINES = "CARE C1 900 900 {0}\nROADS R1 70 70 {1}"
LOW = "[questions]\nmoved_above = 10\nmoved_percent_above = 10\nreason_from = 100\n"


@pytest.fixture
def year(db, tmp_path) -> FinancialYear:
    files = {"services.csv": SERVICES, "periods/01/position.csv": position(LINES.format(900, 70))}
    files["periods/02/position.csv"] = position(LINES.format(1200, 90))
    pack = write_pack(tmp_path / "pack", files, publish=(1,), settings=LOW)
    return load_pack(folder=pack, by=None).year


@pytest.fixture
def differing(monkeypatch):
    """Let the check of the contingency differ: it has no lines, and £1 is left of it."""
    name = "monitoring.reports.checks.contingency_steps"
    monkeypatch.setattr(name, lambda facts: [("after", "", 100)])


@pytest.fixture
def review(client):
    """Ask for the review of month 2, or send it a form."""

    def ask(**sent):
        address = reverse("review", args=[2021, 2])
        return client.post(address, sent) if sent else client.get(address)

    return ask


def words(response) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def fields(response) -> list[str]:
    return re.findall(r'name="(reason-[^"]+)"', response.content.decode())


@pytest.mark.parametrize(
    ("role", "part", "rows"),
    [
        (Role.FINANCE_LEAD, "", 2),
        (Role.FINANCE_OFFICER, "ROADS", 1),
        pytest.param(Role.ADMINISTRATOR, "", 0, marks=pytest.mark.slow),
    ],
)
def test_questions_are_listed_and_answered_by_those_who_may(
    year, person, client, review, role, part, rows
):
    user = person(role)
    client.force_login(tie(user, part) if part else user)
    shown = review()
    text = words(shown)
    assert "2 questions about figures The largest effect first; 1 needs a reason" in text
    assert text.index("C1/NET") < text.index("R1/NET")
    assert (
        f"{reverse('forecasts', args=[2021, 2, 'CARE'])}?q=C1#forecast-" in shown.content.decode()
    )
    names = [name for name in fields(shown) if ".moved." in name]
    assert len(names) == rows
    answers = dict.fromkeys(names, "A new contract") or {"reason-1.forecast.moved.1.2": "x"}
    response = review(action="questions", **answers)
    assert response.status_code == (302 if rows else 403)
    assert FigureAnswer.objects.count() == rows
    if rows == 2:
        text = words(review())
        assert "No figure is questioned without an answer" in text
        assert "2 questions with a reason" in text and "A new contract" in text


@pytest.mark.slow
@pytest.mark.parametrize("role", [Role.BUDGET_MANAGER, Role.DIRECTOR, Role.SCRUTINY_MEMBER])
def test_others_neither_see_nor_answer(year, person, client, review, role):
    client.force_login(person(role))
    assert review().status_code == 403
    for action in ("questions", "checks"):
        assert review(action=action, **{"reason-x": "y"}).status_code == 403


@pytest.mark.slow
def test_a_reason_typed_for_a_figure_that_changed_is_kept_on_the_page(year, person, client, review):
    client.force_login(person(Role.FINANCE_LEAD))
    names = fields(review())
    bring(year, "position", position(LINES.format(1300, 90)), 2)
    response = review(action="questions", **dict.fromkeys(names, "A new contract"))
    assert response.status_code == 409
    assert "1 figure has changed since you opened this page" in words(response)
    assert response.content.decode().count('value="A new contract"') == 1
    assert not FigureAnswer.objects.exists()


@pytest.mark.slow
def test_publication_warns_of_missing_reasons_and_waits_only_where_the_council_says(
    year, person, client, review, differing
):
    texts = [each.text for each in missing_reasons(facts_of(year, 2))]
    assert texts == [
        "1 question about figures needs a reason.",
        "1 check differs without a reason.",
    ]
    client.force_login(person(Role.FINANCE_LEAD))
    for text in texts:
        assert f"Warning: {text}" in words(review())
    waits = {"publication": {"waits_for": ["questions", "checks"]}}
    FinancialYear.objects.filter(pk=year.pk).update(settings=year.settings | waits)
    with pytest.raises(Refused, match="1 question about figures needs a reason"):
        publish(year, 2)
    shown = review()
    answers = dict.fromkeys(fields(shown), "A new contract")
    assert (
        review(action="questions", **{n: a for n, a in answers.items() if "." in n}).status_code
        == 302
    )
    assert (
        review(action="checks", **{n: a for n, a in answers.items() if "." not in n}).status_code
        == 302
    )
    publish(year, 2)


def test_a_reason_of_a_check_is_published_beside_it_and_falls_away_with_other_figures(
    year, person, client, review
):
    changed = position("CARE C1 900 900 905\nROADS R1 70 {} 71")
    bring(year, "position", changed.format("80.50"), 2)
    officer = person(Role.FINANCE_OFFICER, first_name="Robin", last_name="Day")
    client.force_login(officer)
    (name,) = fields(review())
    assert review(action="checks", **{name: " "}).status_code == 409
    for _ in range(2):
        assert review(action="checks", **{name: "A late journal"}).status_code == 302
    assert CheckReason.objects.get().by == officer
    assert "A late journal Robin Day" in words(review())
    bring(year, "position", changed.format("80.51"), 2)
    assert review(action="checks", **{name: "Too late"}).status_code == 409
    assert "A late journal Robin Day" not in words(review())
    bring(year, "position", changed.format("80.50"), 2)
    year.lines.filter(cost_centre="R1").update(exempt=True)
    publish(year, 2)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    text = words(client.get(reverse("report", args=[2021, 2])))
    assert "An exempt line of Roads: the budget changed and no virement explains it" in text
    assert "£70 £80.50 £10.50 A late journal Robin Day" in text
    assert "R1/NET" not in text
    frozen = Report.objects.latest("pk").frozen["check_reasons"]
    assert [(row["reason"], row["actual_pence"]) for row in frozen] == [("A late journal", 8_050)]
    first = Report.objects.get(period__year=year, period__number=1)
    assert "check_reasons" not in first.frozen
    output = io.StringIO()
    call_command("check_report", "--year=2021/22", "--period=2", "--format=json", stdout=output)
    found = json.loads(output.getvalue())["checks"]
    reasons = {check["name"]: check["reason"] for check in found if "reason" in check}
    assert list(reasons.values()) == ["A late journal"]
