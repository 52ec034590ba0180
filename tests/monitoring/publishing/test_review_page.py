"""Review and publication: what forbids it, what checks say, one report however often sent."""

import datetime
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.ledger.selectors import positions
from monitoring.ledger.selectors.position_reader import BEFORE, ON_PAGES
from monitoring.models import Period, Position, Report, Upload, UploadState, Virement
from monitoring.month.selectors.month import Duties
from monitoring.publishing.selectors.outstanding import review_work
from monitoring.publishing.selectors.review import (
    publishing_blockers,
    publishing_inputs,
    sorted_checks,
)
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.reports.checks import check_report
from tests.councils.month import MONTH_2, small_council, tie
from tests.councils.packs import bring, facts_of, period_of, position, publish

pytestmark = pytest.mark.slow

TODAY = datetime.date(2021, 6, 10)


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


@pytest.fixture
def lead(client, person):
    user = person(Role.FINANCE_LEAD, first_name="Lee", last_name="Lead")
    client.force_login(user)
    return user


def blockers(year, number):
    period = period_of(year, number)
    return publishing_blockers(period, publishing_inputs(period))


def work_of(year, number=2):
    return review_work(facts_of(year, number), TODAY, Duties(review=True))


def review(client, number=2, start=2021):
    return client.get(reverse("review", args=[start, number]))


def post(client, number=2, start=2021, **data):
    return client.post(reverse("review", args=[start, number]), data)


def form_of(response, action="publish") -> dict:
    page = response.content.decode()
    form = next(each for each in page.split("<form")[1:] if f'value="{action}"' in each)
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.split("</form>")[0])
    confirmed = {"knows_outstanding": "on"} if "knows_outstanding" in form else {}
    return dict(hidden) | confirmed | {"action": action}


def versions(year, number=2):
    return list(
        Report.objects.filter(period=period_of(year, number)).values_list("version", flat=True)
    )


# ------------------------------------------------------------------ what forbids it


def test_a_draft_without_faults_has_no_blocker(year):
    assert blockers(year, 2) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "is published already"), (3, "There are no figures for Month 3")],
)
def test_what_forbids_publication_is_told(year, number, words):
    (reason,) = blockers(year, number)
    assert words in reason
    with pytest.raises(Refused, match=words):
        publish(year, number)


def test_every_reason_is_told_at_once_and_refuses_with_the_same_words(year):
    """A month before the published one, with a line on nothing, while a file is being stored."""
    columns = "cost_centre,account,original_budget,current_budget,forecast\nNEW,NET,5,5,5\n"
    bring(year, "position", position(MONTH_2), 3)
    publish(year, 3)
    upload = bring(year, "position", columns, 2)
    Upload.objects.filter(pk=upload.pk).update(state=UploadState.STORING)
    reasons = blockers(year, 2)
    for words in ("Month 3 of 2021/22 is published already", "being stored", "“Unallocated”"):
        assert any(words in reason for reason in reasons), words
    with pytest.raises(Refused) as refused:
        publish(year, 2)
    assert refused.value.messages == reasons
    assert versions(year) == []


def test_at_the_close_a_forecast_that_is_not_the_outturn_forbids_it(year):
    columns = "service_code,cost_centre,account,current_budget,actual_to_date\n"
    bring(year, "position", columns + "HOME,H1,NET,1000,990\nROADS,R1,NET,5,6\n", 13)
    assert blockers(year, 13) == []
    batch = period_of(year, 13).batch
    Position.objects.filter(batch=batch).update(forecast_pence=110000)
    (reason,) = blockers(year, 13)
    assert "2 lines have a forecast that is not their outturn" in reason
    assert "1100.00 against an actual of 990.00" in reason


# ------------------------------------------------------------------ checks and what is open


def test_checks_are_grouped_and_none_is_lost(year):
    changed = MONTH_2.replace("ROADS  R1   700   700   780", "ROADS  R1   700   900   780")
    bring(year, "position", position(changed), 2)
    facts = facts_of(year, 2)
    everything = check_report(facts)
    checks = sorted_checks(facts, everything)
    counts = (
        checks.differ_count,
        checks.rounding_count,
        checks.agree_count,
        checks.budget_count,
    )
    assert sum(counts) == len(everything)
    assert {row.name.split(":")[0] for row in checks.budgets} == {"R1/NET", "H3/NET"}
    roads = next(row for row in checks.budgets if row.name.startswith("R1"))
    assert (roads.expected, roads.actual, roads.difference) == ("£700", "£900", "£200")
    assert roads.title == "Budget reconciliation"


def test_what_differs_is_listed_with_its_statement(client, year, lead):
    """A leg that the ledger has not taken up is a budget change; a broken total is a difference."""
    from monitoring.models import NodeFigure

    NodeFigure.objects.filter(period=period_of(year, 2), key="TOP").update(budget_pence=1)
    page = review(client).content.decode()
    assert "Checks that differ</span>" in page or "Checks that differ <span" in page
    assert "The lines add up to the total budget" in page
    assert reverse("statement", args=[2021, 2, "annex-a"]) in page


def test_what_is_open_is_counted(year):
    Virement.objects.create(
        year=year,
        reference="V1",
        leg=1,
        period=2,
        to_line=year.lines.get(cost_centre="R1"),
        amount_pence=100,
        forecast_amount_pence=0,
        kind="funding",
    )
    work = work_of(year)
    assert (work.month.lines, work.month.carried, work.month.without) == (7, 1, 1)
    assert [(each.name, each.text) for each in work.warned] == [
        (
            "forecasts-carried",
            "1 of 7 lines has a forecast carried forward from an earlier month.",
        ),
        ("forecasts-missing", "1 line has no forecast and is left out of the variance."),
        ("commentary-unwritten", "Commentary not written: 3 of 3 services due."),
        ("virements", "1 virement is awaiting approval and has no effect yet."),
    ]
    assert work.blocking == []


def test_a_declined_virement_waits_for_nobody(year, person):
    Virement.objects.create(
        year=year,
        reference="V1",
        leg=1,
        period=2,
        to_line=year.lines.get(cost_centre="R1"),
        amount_pence=100,
        forecast_amount_pence=0,
        kind="funding",
        declined_on="2021-06-01",
        decline_reason="No",
        declined_by=person(Role.FINANCE_LEAD),
    )
    assert "virements" not in [each.name for each in work_of(year).warned]


def test_the_page_tells_a_draft_from_top_to_button(client, year, lead):
    page = review(client).content.decode()
    for words in (
        "Every total adds up",
        "1 of 7 lines has a forecast carried forward",
        "1 line has no forecast",
        "Commentary not written: 3 of 3 services due.",
        "3 warnings: you can publish without this work",
        "The report as members will read it",
        "Publish month 2",
    ):
        assert words in page, words
    assert reverse("statement", args=[2021, 2, "annex-a"]) in page
    assert "Not ready to publish" not in page


def test_positions_are_read_once_for_all_parts_of_the_page(client, year, lead, monkeypatch):
    read = []
    stored = positions.stored_positions

    def note(batch, lines=None, *, columns):
        read.append((batch, columns))
        return stored(batch, lines, columns=columns)

    monkeypatch.setattr(positions, "stored_positions", note)
    assert review(client).status_code == 200
    assert read == [(period_of(year, 2).batch, ON_PAGES), (period_of(year, 1).batch, BEFORE)]


def test_blockers_stand_in_the_place_of_the_button(client, year, lead):
    page = review(client, 3).content.decode()
    assert "Not ready to publish" in page
    assert "There are no figures for Month 3" in page
    assert 'value="publish"' not in page


# ------------------------------------------------------------------ publishing


def test_the_lead_publishes_what_was_reviewed(client, year, lead):
    sent = form_of(review(client))
    assert sent["version"] == "1"
    response = post(client, **sent)
    assert response.url == reverse("report", args=[2021, 2])
    page = client.get(response.url).content.decode()
    assert "published as version 1" in page
    assert f'<a class="govuk-button" href="{reverse("home")}">Go on to the next step</a>' in page
    report = Report.objects.get(period=period_of(year, 2))
    assert (report.version, report.published_by) == (1, lead)
    assert Period.objects.get(year=year, number=2).is_published


def test_a_double_click_leads_to_the_one_report(client, year, lead):
    sent = form_of(review(client))
    first, second = post(client, **sent), post(client, **sent)
    assert first.url == second.url == reverse("report", args=[2021, 2])
    assert versions(year) == [1]
    acts = AuditEntry.objects.filter(record="report 2021/22 period 2", action="published")
    assert acts.count() == 1


def test_a_form_from_before_a_reopening_publishes_nothing(client, year, lead):
    sent = form_of(review(client))
    post(client, **sent)
    reopen_report(period=period_of(year, 2), reason="Late", by=lead)
    response = post(client, **sent)
    assert response.status_code == 409
    assert "Version 1 was published meanwhile" in response.content.decode()
    assert versions(year) == [1]
    assert post(client, **form_of(response)).status_code == 302
    assert versions(year) == [1, 2]


def test_figures_that_were_not_reviewed_are_not_published(client, year, lead):
    sent = form_of(review(client))
    bring(year, "position", position(MONTH_2.replace("780", "790")), 2)
    response = post(client, **sent)
    assert response.status_code == 409
    assert "Figures changed since you looked" in response.content.decode()
    assert versions(year) == []
    assert post(client, **form_of(response)).status_code == 302


@pytest.mark.parametrize(
    "data", [{}, {"version": "one"}, {"version": "0"}, {"version": "1", "revision": "x"}]
)
def test_a_form_that_is_not_whole_publishes_nothing(client, year, lead, data):
    assert post(client, action="publish", **data).status_code == 409
    assert versions(year) == []


def test_a_blocked_month_is_refused_with_its_reasons(client, year, lead):
    response = post(client, 3, action="publish", version=1)
    assert response.status_code == 409
    assert "There are no figures for Month 3" in response.content.decode()
    assert versions(year, 3) == []


def test_the_command_still_publishes_without_a_version(year):
    assert publish_report(period=period_of(year, 2), by=None).version == 1
    with pytest.raises(Refused, match="published already"):
        publish_report(period=period_of(year, 2), by=None)


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.FINANCE_LEAD}))
def test_only_a_lead_publishes_and_reopens(client, person, year, role):
    client.force_login(tie(person(role), "TOP"))
    assert post(client, action="publish", version=1).status_code == 403
    assert post(client, 1, action="reopen", reason="Why not").status_code == 403
    assert versions(year) == []
    assert period_of(year, 1).is_published


@pytest.mark.parametrize("role", Role.values)
def test_who_reviews(client, person, year, role):
    client.force_login(tie(person(role), "TOP"))
    may = role in (Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR)
    response = review(client)
    assert response.status_code == (200 if may else 403)
    assert ('value="publish"' in response.content.decode()) == (role == Role.FINANCE_LEAD)


# ------------------------------------------------------------------ reopening


def test_a_report_is_reopened_with_a_reason(client, year, lead):
    publish(year, 2)
    page = review(client).content.decode()
    assert "Members read version 1 until version 2 is published" in page
    response = post(client, action="reopen", reason="A late invoice")
    assert response.url == reverse("review", args=[2021, 2])
    period = period_of(year, 2)
    assert (period.is_published, period.reopen_reason) == (False, "A late invoice")
    page = client.get(response.url).content.decode()
    assert "reopened: A late invoice" in page
    assert "frozen as version 2" in page
    assert f'<a class="govuk-button" href="{reverse("month", args=[2021, 2])}">Go on with' in page


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_reopened(client, year, lead, reason):
    publish(year, 2)
    response = post(client, action="reopen", reason=reason)
    assert response.status_code == 422
    assert 'href="#id_reason"' in response.content.decode()
    assert period_of(year, 2).is_published


def test_reopening_twice_is_refused_the_second_time(client, year, lead):
    publish(year, 2)
    assert post(client, action="reopen", reason="Once").status_code == 302
    assert post(client, action="reopen", reason="Twice").status_code == 409
    assert period_of(year, 2).reopen_reason == "Once"


def test_a_month_that_is_not_there(client, year, lead):
    assert review(client, 14).status_code == 404


# ------------------------------------------------------------------ what publication waits for


def test_publishing_without_outstanding_work_is_confirmed(client, year, lead):
    sent = form_of(review(client))
    assert sent.pop("knows_outstanding") == "on"
    response = post(client, **sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'href="#id_knows_outstanding"' in page
    assert "Tick the box to publish without this work." in page
    assert versions(year) == []
    assert post(client, **form_of(response)).status_code == 302
    assert versions(year) == [1]


def test_publication_waits_where_the_settings_say_so(client, year, lead):
    year.settings = {**year.settings, "publication": {"waits_for": ["forecasts-missing"]}}
    year.save()
    page = review(client).content.decode()
    words = "1 line has no forecast and is left out of the variance. The council’s settings say"
    assert words in page
    assert "<b>Publication waits:</b> 1 line has no forecast" in page
    assert 'value="publish"' not in page
    with pytest.raises(Refused, match="settings say that publication waits for this"):
        publish_report(period=period_of(year, 2), by=None)
    assert versions(year) == []
    assert not period_of(year, 2).is_published
    bring(year, "position", position(MONTH_2.replace("H3    50    50", "H3    50    50  50")), 2)
    assert publish_report(period=period_of(year, 2), by=None).version == 1
