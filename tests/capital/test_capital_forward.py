"""The programme taken over into the next year, with what was not spent offered for approval."""

import copy
import datetime

import pytest
from django.urls import reverse

from capital.models import CapitalScheme, ChangeState, FundingSource, ProgrammeChange
from council_finance.accounts.models import Role
from monitoring.models import Report
from monitoring.published.selectors.published_data import frozen_of

LAST_DAY = datetime.date(2020, 9, 30)


def publish_last_day(year, reference: str) -> None:
    """Let the published close of a year say by when the money of a source must be spent."""
    report = Report.objects.get(period__year=year, period__number=13)
    frozen = copy.deepcopy(dict(frozen_of(report)))
    for source in frozen["parts"]["capital"]["funding"]:
        source["spend_by"] = LAST_DAY.isoformat() if source["reference"] == reference else ""
    later = report.published_at + datetime.timedelta(seconds=1)
    Report.objects.filter(pk=report.pk).update(frozen=frozen, published_at=later)


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.SCRUTINY_MEMBER, Role.BUDGET_MANAGER])
def test_only_those_who_upload_take_it_over(client, person, somerset, role):
    client.force_login(person(role))
    assert client.post(reverse("capital-roll", args=[2019])).status_code == 403


def test_schemes_and_sources_carry_over_and_the_unspent_waits_for_approval(
    client, person, somerset, cambridgeshire
):
    officer = person(Role.FINANCE_OFFICER)
    client.force_login(officer)
    page = reverse("capital-roll", args=[2019])
    assert "has not been published with a capital programme" in client.get(page).content.decode()
    assert client.post(page).status_code == 409

    publish_last_day(cambridgeshire, "CF-01")
    somerset.council = cambridgeshire.council
    somerset.save()
    assert "£3,286,480" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    found = CapitalScheme.objects.get(year=somerset, reference="CAP-01")
    assert (found.total_budget_pence, found.original_budget_pence) == (30_984_900_000, None)
    assert CapitalScheme.objects.filter(year=somerset).count() == 13
    source = FundingSource.objects.get(year=somerset, reference="CF-01")
    assert (source.grant_reference, source.spend_by) == ("C02", LAST_DAY)
    others = FundingSource.objects.filter(year=somerset).exclude(pk=source.pk)
    assert set(others.values_list("spend_by", flat=True)) == {None}
    offered = ProgrammeChange.objects.get(year=somerset, scheme=found)
    assert (offered.amount_pence, offered.total_amount_pence) == (328_648_000, 0)
    assert (offered.state, offered.entered_by) == (ChangeState.PROPOSED, officer)
    unspent = ProgrammeChange.objects.filter(year=somerset)
    assert set(unspent.values_list("kind", flat=True)) == {"carry_forward"}
    assert not unspent.filter(scheme__reference="CAP-12").exists(), "a variations budget"

    before = unspent.count()
    assert "already has every scheme" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    assert unspent.count() == before
