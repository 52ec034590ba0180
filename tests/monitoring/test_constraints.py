"""What must never be false is refused by the database itself, by name."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from council_finance.accounts.models import User
from council_finance.jobs import Job
from monitoring.models import (
    Batch,
    BudgetLine,
    Commentary,
    FinancialYear,
    LayoutVersion,
    NodeFigure,
    Period,
    Position,
    Report,
    ReportStatement,
    Service,
    TreeRight,
    Upload,
    Virement,
)
from monitoring.uploading.services.layouts import save_layout


@pytest.fixture
def rows(somerset) -> dict:
    """One row of each kind, as they stand, to copy and spoil."""
    definition = {"columns": {"A": "account"}}
    save_layout(name="Ledger", kind="position", definition=definition, by=None)
    return {
        model.__name__: model.objects.defer(None).filter(**filters).first()
        for model, filters in (
            (FinancialYear, {"start": 2019}),
            (Period, {"year__start": 2019, "number": 3}),
            (Service, {"year__start": 2019, "code": "ADULT"}),
            (BudgetLine, {"year__start": 2019, "cost_centre": "A100"}),
            (Batch, {"period__year__start": 2019}),
            (Position, {"batch__period__year__start": 2019}),
            (NodeFigure, {"period__year__start": 2019, "period__number": 3, "key": "ADULT"}),
            (Virement, {"year__start": 2019}),
            (Upload, {"year__start": 2019, "kind": "position"}),
            (Report, {"period__year__start": 2019}),
            (LayoutVersion, {}),
            (ReportStatement, {"report__period__year__start": 2019}),
        )
    }


CASES = [
    ("FinancialYear", {"start": 1066}, "year_start_is_plausible"),
    ("Period", {"pk": None}, "period_once_a_year"),
    ("Period", {"number": 14}, "period_is_0_to_13"),
    ("Period", {"state": "shut"}, "period_state_is_known"),
    ("Period", {"batch": None}, "published_period_has_figures"),
    ("Service", {"pk": None}, "service_code_once_a_year"),
    ("BudgetLine", {"pk": None}, "line_once_a_year"),
    ("BudgetLine", {"cost_centre": ""}, "line_has_a_cost_centre"),
    ("BudgetLine", {"account": ""}, "line_has_an_account"),
    ("Batch", {"pk": None}, "batch_once_a_period"),
    (
        "Position",
        {"forecast_pence": None, "forecast_carried_from": 2},
        "carried_forecast_has_a_value",
    ),
    ("NodeFigure", {"pk": None, "place": 999}, "figure_once_a_node"),
    ("NodeFigure", {"pk": None, "key": "X"}, "figure_once_a_place"),
    (
        "NodeFigure",
        {"net_variance_pence": 7, "movement_pence": None},
        "net_variance_is_gross_and_planned_use",
    ),
    ("NodeFigure", {"movement_pence": 7}, "movement_is_from_the_restated_previous"),
    ("Virement", {"pk": None}, "virement_leg_once_a_year"),
    ("Virement", {"amount_pence": 0}, "virement_is_positive"),
    ("Virement", {"from_line": None, "to_line": None}, "virement_has_an_end"),
    ("Virement", {"kind": "gift"}, "virement_kind_is_known"),
    ("Virement", {"period": 14}, "virement_period_is_0_to_13"),
    (
        "Virement",
        {"declined_on": datetime.date(2019, 7, 8), "decline_reason": "No"},
        "virement_is_not_both_approved_and_declined",
    ),
    (
        "Virement",
        {"approved_on": None, "declined_on": datetime.date(2019, 7, 8), "decline_reason": ""},
        "declined_virement_has_a_reason",
    ),
    ("Upload", {"state": "lost"}, "upload_state_is_known"),
    ("LayoutVersion", {"pk": None}, "layout_version_number_is_unique"),
    ("LayoutVersion", {"number": 0}, "layout_version_number_from_one"),
    ("Upload", {"typed_choice": "both"}, "typed_choice_is_known"),
    ("Report", {"pk": None}, "version_once_a_period"),
    ("Report", {"version": 0, "reason": "x"}, "version_is_positive"),
    ("Report", {"version": 2, "reason": ""}, "new_version_has_a_reason"),
    ("ReportStatement", {"pk": None}, "statement_once_a_report"),
]


def refused(save, name: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        save()
    from django.db import connection

    if connection.vendor == "postgresql" or "UNIQUE" not in str(error.value):
        assert name in str(error.value)


@pytest.mark.parametrize(("model", "spoilt", "name"), CASES, ids=[case[2] for case in CASES])
def test_a_spoilt_row_is_refused_and_the_sound_one_taken(rows, model, spoilt, name):
    row = rows[model]
    row.save()
    for field, value in spoilt.items():
        setattr(row, field, value)
    refused(row.save, name)


def test_a_line_stands_once_in_a_batch(rows):
    position = rows["Position"]
    same = {field.attname: getattr(position, field.attname) for field in position._meta.fields[1:]}
    with pytest.raises(IntegrityError), transaction.atomic():
        Position.objects.bulk_create([Position(**same)])


def test_a_service_is_neither_its_own_parent_nor_successor(rows):
    service = rows["Service"]
    service.parent = service
    refused(service.save, "service_is_not_its_own_parent")
    service.parent, service.successor = None, service
    refused(service.save, "service_does_not_succeed_itself")


def test_a_virement_goes_somewhere_else(rows):
    virement = rows["Virement"]
    virement.to_line = virement.from_line
    refused(virement.save, "virement_ends_differ")


@pytest.mark.parametrize(
    ("period", "name"),
    [(4, "one_upload_of_a_period_at_a_time"), (None, "one_upload_of_a_year_at_a_time")],
)
def test_one_upload_of_a_kind_at_a_time(rows, period, name):
    upload = rows["Upload"]
    upload.pk, upload.state, upload.period = None, "ready", period
    upload.save()
    upload.pk = None
    refused(upload.save, name)
    upload.state = "stored"
    upload.save()


def test_commentary_says_something_once(rows):
    period, service = rows["Period"], rows["Service"]
    refused(
        lambda: Commentary.objects.create(period=period, service=service, text=""),
        "commentary_says_something",
    )
    Commentary.objects.create(period=period, service=service, text="More children in care.")
    refused(
        lambda: Commentary.objects.create(period=period, service=service, text="Again."),
        "commentary_once_a_service",
    )


def test_nobody_approves_what_they_entered(rows):
    virement, person = rows["Virement"], User.objects.create(username="x")
    virement.entered_by = virement.approver = person
    refused(virement.save, "virement_is_not_approved_by_who_entered_it")
    virement.entered_by = User.objects.create(username="y")
    virement.save()


def test_a_sign_off_has_a_person_and_a_time(rows):
    person, now = User.objects.create(username="x"), timezone.now()
    text = Commentary(period=rows["Period"], service=rows["Service"], text="On track.")
    text.signed_by = person
    refused(text.save, "commentary_is_signed_by_someone_at_a_time")
    text.signed_by, text.signed_at = None, now
    refused(text.save, "commentary_is_signed_by_someone_at_a_time")
    text.signed_by = person
    text.save()


def test_a_part_of_the_tree_is_given_once_and_has_a_code(db):
    person = User.objects.create(username="x")
    refused(lambda: TreeRight.objects.create(user=person, service_code=""), "tree_right_has_a_code")
    TreeRight.objects.create(user=person, service_code="CARE")
    refused(lambda: TreeRight.objects.create(user=person, service_code="CARE"), "tree_right_once")


def test_jobs_and_people(db):
    refused(lambda: Job.objects.create(task="x", state="lost"), "job_state_is_known")
    refused(lambda: Job.objects.create(task="x", progress=101), "job_progress_is_a_percentage")
    refused(lambda: User.objects.create(username="x", role="mayor"), "user_role_is_known")
    assert Job.objects.create(task="x", progress=100).pk
    assert User.objects.create(username="x").role == "scrutiny_member"


def test_audit_entries_are_only_added(db):
    from council_finance import audit

    entry = audit.record(
        by=None, action="tested", on="nothing", when=str(datetime.date(2019, 7, 8))
    )
    assert (entry.by_name, entry.detail) == ("command line", {"when": "2019-07-08"})
    for change in (entry.save, entry.delete):
        with pytest.raises(TypeError):
            change()
