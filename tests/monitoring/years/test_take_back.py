"""A rolled year taken back: all of it or nothing, never anything published, and no audit entry."""

import html

import pytest
from django.db import DatabaseError, connection, models
from django.urls import reverse

from council_finance import registry
from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.installed_apps import subject_apps
from council_finance.jobs import Job
from monitoring.contingency.services import enter_offset
from monitoring.forecast_methods.upload_kind import MONTH_NAMES
from monitoring.models import (
    CheckReason,
    ChosenYear,
    FigureAnswer,
    FinancialYear,
    ForecastMethod,
    Upload,
    UploadState,
)
from monitoring.people.services.chosen_year import choose_year
from monitoring.questions.services import ask_question
from monitoring.restructuring.services.years import roll_year_forward, set_up_year
from monitoring.uploading.services.uploads import receive_upload
from monitoring.years import services
from monitoring.years.selectors.tables_of_year import contents_of, tables_of_year
from monitoring.years.selectors.years import state_to_take_back
from monitoring.years.services import take_back_year
from performance.activity.services import keep_scenario
from reserves.models import MovementsReview
from tests.councils.decided import OF_KINDS, OF_SUBJECTIVES
from tests.councils.indicators import FILES_OF_INDICATORS
from tests.councils.loaded import load_pack
from tests.councils.marked import (
    ACTIVITY,
    ACTIVITY_GROUPS,
    ACTIVITY_SAID,
    CAPITAL,
    CAPITAL_CHANGES,
    CAPITAL_FUNDING,
    CAPITAL_NOW,
    CAPITAL_REASONS,
    DEBT,
    FUNDING_NOW,
    GRANTS,
    GRANTS_SAID,
    MITIGATIONS,
    MOVEMENTS,
    PROJECTS,
    RESERVES,
    SAVINGS,
    SAVINGS_SAID,
    VIREMENTS,
    position,
    write_files,
)
from tests.councils.month import only_open_year
from tests.councils.packs import bring, period_of, publish
from tests.planning.plans import bring_plan

_TABLES = tables_of_year()
OF_DECISIONS = {**OF_SUBJECTIVES, **OF_KINDS}
NOT_BROUGHT = {"services", "budgets", "actuals", "history"}
"""Kinds of file that `fill` leaves out: their rows are rolled forward, or come by another kind."""


@pytest.fixture
def years(db, tmp_path) -> tuple[FinancialYear, FinancialYear]:
    """2021/22, and 2022/23 made from it."""
    year = only_open_year(load_pack(folder=write_files(tmp_path / "pack"), by=None).year)
    return year, roll_year_forward(year=year, by=None)


def fill(year: FinancialYear, officer) -> None:
    """Bring in a file of every kind for the new year, a typed forecast and a commentary."""
    bring(year, "position", position("1100", "760", "75"), 0)
    bring(year, "position", position("1130", "740", "75"), 1)
    bring(year, "virements", VIREMENTS.replace(",02,", ",01,").replace("2021-05", "2022-05"))
    for kind, text in (
        ("savings", SAVINGS),
        ("reserves", RESERVES),
        ("reserve_movements", MOVEMENTS),
        ("capital_receipts", PROJECTS),
        ("grants", GRANTS),
        ("capital", CAPITAL),
        ("capital_changes", CAPITAL_CHANGES.replace("2021-05", "2022-05")),
        ("capital_funding", CAPITAL_FUNDING),
        ("activity_groups", ACTIVITY_GROUPS),
        ("activity", ACTIVITY),
        ("profiles", f"service_code,{','.join(MONTH_NAMES)}\nCARE{',1' * 12}\n"),
        *OF_DECISIONS.items(),
    ):
        bring(year, kind, text)
    bring(year, "savings", SAVINGS_SAID, 1)
    bring(year, "capital_receipts", "reference,forecast\nPR1,20\nPR2,8\n", 1)
    bring(year, "grants", GRANTS_SAID, 1)
    bring(year, "capital", CAPITAL_NOW, 1)
    bring(year, "capital_reasons", CAPITAL_REASONS, 1)
    bring(year, "capital_funding", FUNDING_NOW, 1)
    bring(year, "activity", ACTIVITY_SAID, 1)
    bring(year, "aged_debt", DEBT, 1)
    for kind, of_a_month, text in FILES_OF_INDICATORS:
        bring(year, kind, text, 1 if of_a_month else None)
    bring(year, "commentary", "service_code,text\nCARE,More homes.\n", 1)
    bring(year, "mitigations", MITIGATIONS, 1)
    bring(year, "forecasts", "cost_centre,account,forecast\nC1,NET,1150\n", 1)
    month = period_of(year, 1)
    bring_plan(year, "CARE")
    enter_offset(period=month, amount_pence=100, reason="x", seen=0, by=officer)
    choose_year(user=officer, year=year)
    ask_question(
        period=month,
        service=year.services.get(code="CARE"),
        line=None,
        asked_of=User.objects.create_user("asked", role=Role.FINANCE_OFFICER),
        text="Why?",
        by=officer,
    )
    CheckReason.objects.create(
        period=month, statement="annex-a", name="x", expected_pence=1, actual_pence=2, reason="x"
    )
    FigureAnswer.objects.create(
        period=month, rule="moved", figures={}, effect_pence=1, reason="x", by=officer
    )
    keep_scenario(period=month, code="AGC", name="x", numbers={}, by=officer)
    MovementsReview.objects.create(period=month, digest="x", reviewed_by=officer)
    ForecastMethod.objects.create(year=year, line=year.lines.first(), method="run-rate", by=officer)


def rows_within(year: FinancialYear) -> dict[str, list[tuple]]:
    """Every row that belongs to the year."""
    return {
        table.model._meta.label: list(table.rows_of(year).order_by("pk").values_list())
        for table in _TABLES
    }


def rows_besides(year: FinancialYear) -> dict[str, list[tuple]]:
    """Every row of monitoring and the apps beside it that does not belong to the year."""
    own = {table.model: list(table.rows_of(year).values_list("pk", flat=True)) for table in _TABLES}
    own[FinancialYear] = [year.pk]
    return {
        model._meta.label: list(
            models.QuerySet(model).exclude(pk__in=own.get(model, [])).order_by("pk").values_list()
        )
        for app in subject_apps()
        for model in app.get_models(include_auto_created=True)
    }


def take_back(year: FinancialYear, **more) -> None:
    arguments = {"reason": "Rolled too early", "seen": state_to_take_back(year), "by": None}
    take_back_year(year=year, **arguments | more)


def fresh(year: FinancialYear) -> FinancialYear:
    return FinancialYear.objects.get(pk=year.pk)


@pytest.mark.slow
def test_everything_of_the_year_goes_and_nothing_else(years, person):
    year, following = years
    lead = person(Role.FINANCE_LEAD)
    fill(following, lead)
    following = fresh(following)
    empty = {t.model.__name__ for t in _TABLES if not t.rows_of(following).exists()}
    of_reports = {"Report", "ReportDocument", "ReportFigure", "ReportLines", "ReportStatement"}
    of_reports |= {"PublishedRephasing", "PublishedScheme", "Report_virements"}
    assert empty == of_reports | {
        "PlannedUseTie",
        "ForecastPart",
        "ChangeFunding",
        "FeedUpload",
        "FormerDescription",
        "Replacement",
        "TreeDraft",
        "UploadOrigins",
    }
    others, jobs = rows_besides(following), Job.objects.count()
    entries = list(AuditEntry.objects.order_by("pk").values_list())
    contents = {each.label: each.count for each in contents_of(following)}
    files = list(Upload.objects.filter(year=following).order_by("-pk").values_list("pk", "sha256"))
    kinds = set(Upload.objects.filter(year=following).values_list("kind", flat=True))
    take_back(following, by=lead)
    assert not FinancialYear.objects.filter(start=2022).exists()
    assert not any(table.rows_of(following).exists() for table in _TABLES)
    assert rows_besides(following) == others
    assert not ChosenYear.objects.exists()
    assert Job.objects.count() == jobs - len(files)
    connection.check_constraints()
    *before, last = AuditEntry.objects.order_by("pk")
    assert [tuple(vars(each)[name] for name in ("id", "action")) for each in before] == [
        (entry[0], entry[4]) for entry in entries
    ]
    assert (last.by, last.action, last.record) == (lead, "took a year back", "year 2022/23")
    assert last.detail["reason"] == "Rolled too early"
    assert last.detail["removed"] == contents
    assert kinds == {kind.name for kind in registry.upload_kinds()} - NOT_BROUGHT
    assert contents["Budget lines"] == 7 and contents["Uploaded files"] == len(files)
    assert [(each["upload"], each["sha256"]) for each in last.detail["files"]] == files
    assert roll_year_forward(year=year, by=lead).label == "2022/23", "it can be made again"


@pytest.mark.slow
def test_a_fault_half_way_leaves_everything(years, person, monkeypatch):
    following = years[1]
    fill(following, person(Role.FINANCE_LEAD))
    following = fresh(following)
    before = {t.model: list(t.rows_of(following).order_by("pk").values_list()) for t in _TABLES}
    entries = AuditEntry.objects.count()
    half = len(_TABLES) // 2

    def broken(tables=tables_of_year):
        yield from tables()[:half]
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(services, "tables_of_year", broken)
    with pytest.raises(DatabaseError):
        take_back(following)
    after = {t.model: list(t.rows_of(following).order_by("pk").values_list()) for t in _TABLES}
    assert after == before
    assert AuditEntry.objects.count() == entries
    assert fresh(following).label == "2022/23"


@pytest.mark.slow
def test_what_was_published_is_never_removed(years):
    year, following = years
    bring(following, "position", position("1100", "760", "75"), 0)
    publish(following, 0)
    for each, sentence in (
        (following, "A report of 2022/23 has been published, and what is published is never"),
        (year, "A report of 2021/22 has been published"),
    ):
        with pytest.raises(Refused, match=sentence):
            take_back(fresh(each))
    assert FinancialYear.objects.filter(start__in=(2021, 2022)).count() == 2


@pytest.mark.slow
def test_other_years_that_depend_on_it_or_none_before_it_are_refused(years):
    later = roll_year_forward(year=years[1], by=None)
    with pytest.raises(Refused, match="2023/24 has been set up after it. Take 2023/24 back first"):
        take_back(fresh(years[1]))
    take_back(fresh(later))
    first = set_up_year(start=1990, council="Made-up Council", settings={}, by=None)
    with pytest.raises(Refused, match="1990/91 was not rolled forward from a year before it"):
        take_back(first)


@pytest.mark.slow
def test_a_file_on_its_way_and_a_change_since_are_refused(years):
    following = years[1]
    seen = state_to_take_back(following)
    upload = receive_upload(
        kind="services", year=following, period=None, content=b"a", file_name="s.csv", by=None
    )
    with pytest.raises(Refused, match="A file of 2022/23 is being checked or stored"):
        take_back(following)
    Upload.objects.filter(pk=upload.pk).update(state=UploadState.READY)
    with pytest.raises(Refused, match="2022/23 has changed since you looked"):
        take_back(following, seen=seen)
    with pytest.raises(Refused, match="Say why"):
        take_back(following, reason=" ")
    take_back(following)
    assert not Upload.objects.filter(pk=upload.pk).exists()


def test_no_table_refers_to_a_year_by_keys_alone_that_may_be_empty():
    """Such rows would be left behind, and their keys would keep the year from being removed."""
    found = {table.model for table in _TABLES}
    left_out = {
        f"{model._meta.label}.{field.name}"
        for app in subject_apps()
        for model in app.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if model not in found | {FinancialYear}
        and field.remote_field
        and field.related_model in found | {FinancialYear}
    }
    assert left_out == set()
    assert len(found) >= 25


def test_the_page_shows_what_goes_and_takes_it_back(client, person, years):
    following = years[1]
    bring(following, "position", position("1100", "760", "75"), 0, file_name="budget.csv")
    client.force_login(person(Role.ADMINISTRATOR))
    address = reverse("year-take-back", args=[2022])
    page = html.unescape(client.get(address).content.decode())
    for words in ("Uploaded files", "Budget lines", "budget.csv", "Services", "no entry"):
        assert (words in page) == (words != "no entry"), words
    seen = state_to_take_back(fresh(following))
    assert f'name="seen" value="{seen}"' in page
    response = client.post(address, {"reason": "", "seen": seen})
    assert response.status_code == 422 and "Say why" in response.content.decode()
    response = client.post(address, {"reason": "Too early", "seen": "1-0"})
    assert response.status_code == 409
    assert "has changed since you looked" in response.content.decode()
    response = client.post(address, {"reason": "Too early", "seen": seen}, follow=True)
    assert "2022/23 has been taken back." in response.content.decode()
    trail = html.unescape(client.get(reverse("audit"), {"record": "year 2022/23"}).content.decode())
    assert "took a year back" in trail and "Too early" in trail and "rolled forward" in trail
    assert client.get(address).status_code == 404


@pytest.mark.slow
def test_a_published_year_has_no_button(client, person, years):
    client.force_login(person(Role.FINANCE_LEAD))
    page = client.get(reverse("year-take-back", args=[2021])).content.decode()
    assert "It cannot be taken back" in page and '<form method="post" novalidate' not in page
    assert period_of(years[0], 1).is_published
