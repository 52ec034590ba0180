"""What must never be false of reserves and debt is refused by the database itself, by name."""

import uuid

import pytest
from django.utils import timezone

from monitoring.models import AgedDebt
from reserves.models import (
    CapitalReceiptsForecast,
    CapitalReceiptsProject,
    Reserve,
    ReserveMovement,
)
from tests.monitoring.test_constraints import refused


@pytest.fixture
def rows(somerset) -> dict:
    """One row of each kind, as they stand, to copy and spoil."""
    return {
        "Reserve": Reserve.objects.get(year=somerset, code="EMR"),
        "ReserveMovement": ReserveMovement.objects.get(reserve__code="EMR", period=3),
        "CapitalReceiptsProject": CapitalReceiptsProject.objects.get(reference="CRF-01"),
        "CapitalReceiptsForecast": CapitalReceiptsForecast.objects.first(),
        "AgedDebt": AgedDebt.objects.get(name="Schools & Early Years"),
    }


BANDS = ("not_overdue", "days_0_30", "days_31_90", "days_91_365", "days_over_365")
APPROVED = "deficit_is_approved_by_someone_with_a_reason"
CASES = [
    ("Reserve", {"pk": None}, "reserve_code_once_a_year"),
    ("Reserve", {"kind": "savings"}, "reserve_kind_is_known"),
    ("Reserve", {"code": ""}, "reserve_has_a_code_and_a_name"),
    ("Reserve", {"name": ""}, "reserve_has_a_code_and_a_name"),
    ("Reserve", {"approved_deficit_pence": 1}, APPROVED),
    ("Reserve", {"deficit_reason": "Snow"}, APPROVED),
    ("Reserve", {"deficit_approved_at": timezone.now()}, APPROVED),
    ("ReserveMovement", {"kind": "hoped"}, "reserve_movement_kind_is_known"),
    ("ReserveMovement", {"period": 14}, "reserve_movement_period_is_0_to_13"),
    ("CapitalReceiptsProject", {"pk": None}, "receipts_project_once_a_year"),
    (
        "CapitalReceiptsProject",
        {"reference": ""},
        "receipts_project_has_a_reference_and_a_name",
    ),
    ("CapitalReceiptsProject", {"project": ""}, "receipts_project_has_a_reference_and_a_name"),
    ("CapitalReceiptsForecast", {"pk": None}, "receipts_forecast_once_a_period"),
    ("AgedDebt", {"pk": None}, "aged_debt_once_a_service_and_name"),
    ("AgedDebt", {"name": ""}, "aged_debt_has_a_name"),
    ("AgedDebt", {f"{band}_pence": None for band in BANDS}, "aged_debt_says_something"),
]


@pytest.mark.parametrize(("model", "spoilt", "name"), CASES)
def test_a_spoilt_row_is_refused_and_the_sound_one_taken(rows, model, spoilt, name):
    row = rows[model]
    row.save()
    for field, value in spoilt.items():
        setattr(row, field, value)
    refused(row.save, name)


def test_a_deficit_is_approved_by_someone_at_a_time_with_a_reason(rows, person):
    reserve = rows["Reserve"]
    reserve.deficit_approved_by, reserve.deficit_approved_at = (
        person("finance_lead"),
        timezone.now(),
    )
    reserve.approved_deficit_pence, reserve.deficit_reason = 100, ""
    refused(reserve.save, APPROVED)
    reserve.deficit_reason, reserve.approved_deficit_pence = "Snow", 0
    refused(reserve.save, APPROVED)
    reserve.approved_deficit_pence = 100
    reserve.save()


def test_a_transfer_leaves_one_reserve_for_another(rows, somerset):
    movement, name = rows["ReserveMovement"], "transfer_leaves_one_reserve_for_another"
    movement.transfer_to, movement.amount_pence = movement.reserve, -1
    refused(movement.save, name)
    movement.transfer_to = Reserve.objects.get(year=somerset, code="GF")
    for amount in (0, 1):
        movement.amount_pence = amount
        refused(movement.save, name)
    movement.amount_pence = -1
    movement.save()


def test_a_form_is_stored_once(rows):
    movement = rows["ReserveMovement"]
    movement.form = uuid.uuid4()
    refused(movement.save, "typed_reserve_movement_says_who_approved_it")
    movement.approved_by = "Cabinet"
    movement.save()
    movement.pk = None
    refused(movement.save, "reserve_movement_form_is_stored_once")
    movement.form = None
    movement.save()
