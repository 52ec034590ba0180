"""Questions of a draft: found, answered once, and asked again where figures change."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.registry import SettingsError, settings_tables
from council_finance.statements.casting import Check
from monitoring.ledger.selectors.positions import positions_frame
from monitoring.models import CheckReason, FigureAnswer, FinancialYear
from monitoring.plausibility.calculations import MOVED, SAME_FIGURES, SIGN
from monitoring.plausibility.selectors.check_reasons import reasons_of
from monitoring.plausibility.selectors.earlier import EarlierMonths
from monitoring.plausibility.selectors.questions import ask_about, ask_about_month
from monitoring.plausibility.services import answer_questions, explain_checks
from monitoring.plausibility.thresholds import Thresholds
from monitoring.settings.selectors import effect_of
from tests.councils.loaded import load_pack
from tests.councils.month import tie
from tests.councils.packs import bring, period_of, position, publish, write_pack

pytestmark = pytest.mark.slow

SERVICES = "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\nCARE,Care,TOP,1,\n"
SERVICES += "ROADS,Roads,TOP,2,\n"
LINES = "CARE C1 900 900 {0} {1}\nCARE C2 90 90 90\nROADS R1 70 70 {2}"
LOW = "[questions]\nmoved_above = 100\nmoved_percent_above = 10\nplanned_use_from = 5\n"
FIRST, NOW = LINES.format(900, -50, 70), LINES.format(1200, 0, 75)


@pytest.fixture
def year(db, tmp_path) -> FinancialYear:
    """Month 1 is published; in month 2 a forecast has moved far, and planned use has gone."""
    files = {
        "services.csv": SERVICES,
        "periods/01/position.csv": position(FIRST),
        "periods/02/position.csv": position(NOW),
    }
    return load_pack(
        folder=write_pack(tmp_path / "p", files, publish=(1,), settings=LOW), by=None
    ).year


def asked(year, number=2):
    period = period_of(year, number)
    return ask_about_month(period, positions_frame(period.batch)).first()


def answer(year, by, reason="A new contract", **more):
    """Answer every open question of month 2."""
    keys = more or {question.key: reason for question in asked(year)}
    return answer_questions(period=period_of(year, 2), reasons=keys, by=by)


def test_both_packs_are_asked_fewer_than_five_questions(somerset, cambridgeshire):
    found = {
        (year.start, number): [question.rule for question in asked(year, number)]
        for year, numbers in ((somerset, (2, 3)), (cambridgeshire, (11, 13)))
        for number in numbers
    }
    assert found == {
        (2019, 2): [],
        (2019, 3): [MOVED, MOVED, MOVED],
        (2018, 11): [SIGN],
        (2018, 13): [],
    }


def test_an_answered_question_is_not_asked_again_until_its_figure_changes(year, person):
    lead = person(Role.FINANCE_LEAD)
    assert [(each.rule, each.effect) for each in asked(year)] == [
        ("moved", 30_000),
        ("planned-use-vanished", 5_000),
    ]
    revision, trail = period_of(year, 2).year.revision, AuditEntry.objects.count()
    assert answer(year, lead, " A new contract ") == 2
    assert asked(year) == []
    kept = FigureAnswer.objects.order_by("pk").values_list("rule", "reason", "by", "effect_pence")
    assert list(kept) == [
        ("moved", "A new contract", lead.pk, 30_000),
        ("planned-use-vanished", "A new contract", lead.pk, 5_000),
    ]
    assert AuditEntry.objects.count() == trail + 1
    entry = AuditEntry.objects.latest("pk")
    assert entry.record == "report 2021/22 period 2"
    assert entry.detail["answers"][0] == {
        "question": "Moved far",
        "line": "C1/NET",
        "reason": "A new contract",
    }
    period = period_of(year, 2)
    assert period.year.revision == revision + 1
    assert period.figures_revision == period.year.revision
    bring(year, "position", position(LINES.format(1201, 0, 75)), 2)
    assert [each.figures for each in asked(year)] == [{"now": 120_100, "before": 90_000}]
    bring(year, "position", position(NOW), 2)
    assert asked(year) == []


def test_answers_to_questions_that_are_no_longer_asked_are_refused_whole(year, person):
    lead = person(Role.FINANCE_LEAD)
    shown = {question.key: "Agreed" for question in asked(year)}
    bring(year, "position", position(LINES.format(1300, 0, 75)), 2)
    with pytest.raises(Refused, match="1 figure has changed since you opened this page"):
        answer(year, lead, **shown)
    with pytest.raises(Refused, match="No reason was typed"):
        answer(year, lead, " ")
    assert not FigureAnswer.objects.exists()


@pytest.mark.slow
def test_two_people_answer_once(year, person):
    shown = {question.key: "Agreed" for question in asked(year)}
    assert answer(year, person(Role.FINANCE_LEAD), **shown) == 2
    assert answer(year, person(Role.FINANCE_OFFICER), **shown) == 0
    assert FigureAnswer.objects.count() == 2


@pytest.mark.slow
def test_answers_are_for_ones_own_part_and_for_drafts(year, person):
    manager = tie(person(Role.BUDGET_MANAGER), "ROADS")
    with pytest.raises(PermissionDenied):
        answer(year, manager)
    shown = {question.key: "Agreed" for question in asked(year)}
    publish(year, 2)
    with pytest.raises(Refused, match="is published and its figures are frozen"):
        answer(year, person(Role.FINANCE_LEAD), **shown)
    assert not FigureAnswer.objects.exists()


def test_last_months_figures_again_are_a_question_about_the_month(year, person):
    bring(year, "position", position(FIRST), 2)
    (question,) = asked(year)
    assert (question.rule, question.line) == (SAME_FIGURES, None)
    assert question.sentence == "These are the figures of month 1: no forecast has moved."
    officer = tie(person(Role.FINANCE_OFFICER), "ROADS")
    with pytest.raises(PermissionDenied):
        answer(year, officer)
    assert answer(year, person(Role.FINANCE_LEAD)) == 1
    assert asked(year) == []


@pytest.mark.slow
def test_forecasts_that_are_carried_are_not_last_months_figures_again(year):
    bring(year, "position", position("CARE C1 900 900\nCARE C2 90 90\nROADS R1 70 70"), 2)
    assert asked(year) == []


@pytest.mark.slow
def test_the_history_of_a_line_is_read_for_few_lines_only(year, monkeypatch):
    read, asked_for = EarlierMonths.forecasts, []

    def note_lines(months, lines):
        asked_for.append(list(lines))
        return read(months, lines)

    monkeypatch.setattr(EarlierMonths, "forecasts", note_lines)
    period = period_of(year, 2)
    lines = positions_frame(period.batch)
    ask_about(period, lines)
    assert asked_for == []
    tried = Thresholds(unchanged_reports=1, unchanged_above=0)
    spent = lines.assign(actual_to_date=lines["current_budget"] // 2)
    found = ask_about(period, spent, thresholds=tried)
    assert [each.rule for each in found.first()] == ["unchanged"]
    assert asked_for == [[year.lines.get(cost_centre="C2").pk]]


def test_a_check_that_differs_takes_a_reason_with_who_and_when(year, person):
    lead, period = person(Role.FINANCE_LEAD), period_of(year, 2)
    check = Check.compare("The lines add up", "annex-a", 100, 120)
    reasons = ("Rounded by the ledger", " Rounded by the ledger", "A late journal")
    stored = [explain_checks(period=period, reasons=[(check, each)], by=lead) for each in reasons]
    assert stored == [1, 0, 1]
    found = reasons_of(period)
    assert {key: (row.reason, row.by) for key, row in found.items()} == {
        ("annex-a", "The lines add up", 100, 120): ("A late journal", lead)
    }
    agrees = Check.compare("x", "annex-a", 1, 1)
    for pair, words in (((agrees, "x"), "agrees needs no"), ((check, " "), "No reason was typed")):
        with pytest.raises(Refused, match=words):
            explain_checks(period=period, reasons=[pair], by=lead)


@pytest.mark.slow
@pytest.mark.parametrize(
    "table",
    [
        lambda period: FigureAnswer(period=period, rule="moved", figures={}, effect_pence=0),
        lambda period: CheckReason(
            period=period, statement="annex-a", name="x", expected_pence=0, actual_pence=1
        ),
    ],
    ids=["figure", "check"],
)
def test_reasons_are_never_blank_and_never_changed(year, table):
    with pytest.raises(IntegrityError), transaction.atomic():
        table(period_of(year, 2)).save()
    row = table(period_of(year, 2))
    row.reason = "Agreed"
    row.save()
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()


@pytest.mark.slow
def test_the_preview_names_the_questions_that_other_thresholds_would_ask(year):
    table = settings_tables()["questions"]
    value = table.read({"moved_above": 4, "moved_percent_above": 5, "reason_from": 300})
    preview = effect_of(year, table, value).preview
    assert preview.sentences == (
        "2 questions about the lines of this report now, and 2 after.",
        "1 question would need a reason.",
    )
    assert [row[0] for row in preview.tables[0].rows] == ["C1/NET", "R1/NET"]
    quiet = effect_of(year, table, table.read({}))
    assert quiet.preview.sentences == (
        "2 questions about the lines of this report now, and none after.",
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"moved_above": -1}, "moved_above cannot be below nil"),
        ({"sign_from": "much"}, "sign_from must be a number of pounds"),
        ({"unchanged_reports": 13}, "unchanged_reports must be a whole number from 0 to 12"),
        ({"moved_percent_above": True}, "moved_percent_above must be a whole number"),
    ],
)
def test_thresholds_that_cannot_be_used_are_refused(values, words):
    with pytest.raises(SettingsError, match=words):
        settings_tables()["questions"].read(values)
