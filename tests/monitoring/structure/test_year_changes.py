"""A year is changed by one writer at a time; each change is counted, and figures follow it."""

import pytest

from council_finance import registry
from monitoring.models import FinancialYear, Period
from monitoring.structure.year_changes import StaleRevision, change_year, postpone_figures
from reserves.models import MovementKind, Reserve
from reserves.services import enter_movement
from tests.councils.reserves import load_council

pytestmark = pytest.mark.django_db

START = 2021


@pytest.fixture
def year(tmp_path) -> FinancialYear:
    load_council(tmp_path)
    return FinancialYear.objects.get(start=START)


def draft() -> Period:
    return Period.objects.get(year__start=START, number=2)


def revision() -> int:
    return FinancialYear.objects.get(start=START).revision


def test_a_change_of_figures_is_counted_and_the_draft_worked_out_again(year):
    before, at = year.revision, draft().figures_at
    with change_year(year.pk, affects_figures=True) as change:
        assert change.year.revision == before + 1
    assert revision() == before + 1
    assert draft().figures_revision == before + 1
    assert draft().figures_at > at


def test_a_change_of_anything_else_leaves_current_figures_as_they_are(year):
    before, at = year.revision, draft().figures_at
    with change_year(year.pk, affects_figures=False):
        pass
    assert revision() == before + 1
    assert draft().figures_revision == before + 1
    assert draft().figures_at == at


def test_figures_that_were_behind_stay_behind(year):
    Period.objects.filter(pk=draft().pk).update(figures_revision=year.revision - 1)
    with change_year(year.pk, affects_figures=False):
        pass
    assert draft().figures_revision == year.revision - 1


def test_a_change_that_is_not_needed_is_not_counted(year):
    at = draft().figures_at
    with change_year(year.pk, affects_figures=True) as change:
        change.is_needed = False
    assert (revision(), draft().figures_at) == (year.revision, at)


def test_a_change_that_fails_stores_nothing(year):
    with pytest.raises(ZeroDivisionError), change_year(year.pk, affects_figures=True) as change:
        FinancialYear.objects.filter(pk=change.year.pk).update(council="Another")
        raise ZeroDivisionError
    stored = FinancialYear.objects.get(pk=year.pk)
    assert (stored.council, stored.revision) == (year.council, year.revision)


def test_a_change_of_a_year_as_somebody_saw_it_earlier_is_refused(year):
    with (
        pytest.raises(StaleRevision, match=f"is at revision {year.revision}, not 0"),
        change_year(year.pk, affects_figures=True, revision=0),
    ):
        pytest.fail("the block is not entered")
    assert revision() == year.revision


def test_a_movement_of_a_reserve_works_no_services_figures_out(year):
    at, rows = draft().figures_at, list(draft().figures.values_list("pk", flat=True))
    enter_movement(
        reserve=Reserve.objects.get(year=year, code="ROADS"),
        period=2,
        kind=MovementKind.ANTICIPATED,
        amount_pence=100,
        description="Salt",
        approved_by="The Cabinet, June",
        by=None,
    )
    assert revision() == draft().figures_revision == year.revision + 1
    assert draft().figures_at == at
    assert list(draft().figures.values_list("pk", flat=True)) == rows


def test_postponed_figures_are_worked_out_once_when_the_block_ends(year, monkeypatch):
    called = []
    monkeypatch.setattr(registry, "follow_change", lambda year: called.append(year.start))
    with postpone_figures():
        for _ in range(3):
            with change_year(year.pk, affects_figures=True):
                pass
        assert called == []
    assert called == [START]
    with change_year(year.pk, affects_figures=True):
        pass
    assert called == [START, START]


def test_figures_are_not_worked_out_after_a_block_that_failed(year, monkeypatch):
    called = []
    monkeypatch.setattr(registry, "follow_change", lambda year: called.append(year.start))
    with pytest.raises(RuntimeError), postpone_figures():
        with change_year(year.pk, affects_figures=True):
            pass
        raise RuntimeError("half way")
    assert called == []
    with change_year(year.pk, affects_figures=True):
        pass
    assert called == [START]
