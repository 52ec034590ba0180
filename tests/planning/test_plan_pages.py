"""The pages that adopt a plan and bring forward what a year did not deliver."""

import datetime
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from planning.plan.models import PlanVersion
from savings.models import Saving
from tests.councils.packs import bring
from tests.planning.plans import made, plan_csv
from tests.planning.test_adoption import REGISTER, ROWS, before, register, year

pytestmark = pytest.mark.slow

__all__ = ["before", "year"]
ADOPT = {"adopted_on": "2030-02-20"}


def said(answer) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def test_a_lead_adopts_the_plan_that_they_saw(client, year, person):
    place = reverse("plan-adopt", args=[2030])
    for role in (Role.FINANCE_OFFICER, Role.ADMINISTRATOR, Role.DIRECTOR, Role.SCRUTINY_MEMBER):
        client.force_login(person(role))
        assert client.get(place).status_code == client.post(place, ADOPT).status_code == 403
    lead = person(Role.FINANCE_LEAD)
    client.force_login(lead)
    page = client.get(place)
    assert "Adopting Plan writes 4 savings, £65 in all, into the register" in said(page)
    stamp = page.context["adoption"].stamp
    answer = client.post(place, {"seen": stamp, "adopted_on": ""})
    assert answer.status_code == 422 and "Enter the day of the resolution." in said(answer)
    bring(year, "plan", plan_csv(ROWS))
    answer = client.post(place, ADOPT | {"seen": stamp})
    assert answer.status_code == 409 and "have changed since you opened the page" in said(answer)
    assert register(year) == [] and not PlanVersion.objects.filter(adopted_on__isnull=False)
    stamp = client.get(place).context["adoption"].stamp
    answer = client.post(place, ADOPT | {"seen": stamp}, follow=True)
    assert "Plan is adopted and frozen; 4 savings, £65 in all, are in the register" in said(answer)
    assert register(year) == REGISTER
    version = PlanVersion.objects.get(year=year)
    assert (version.adopted_on, version.adopted_year) == (datetime.date(2030, 2, 20), 2030)
    assert AuditEntry.objects.get(action="adopted the plan").by == lead
    assert "is frozen" in said(client.get(place))
    answer = client.post(place, ADOPT | {"seen": stamp})
    assert answer.status_code == 409 and "was adopted on 20 February 2030 already" in said(answer)


def test_what_was_not_delivered_is_offered_once_to_those_who_keep_the_register(
    client, before, year, person
):
    place = reverse("savings-not-delivered", args=[2029])
    for role, reads in ((Role.ADMINISTRATOR, 200), (Role.DIRECTOR, 403)):
        client.force_login(person(role))
        assert client.get(place).status_code == reads
        assert client.post(place).status_code == 403
    assert not Saving.objects.filter(year=year).exists()
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "Savings not delivered in 2029/30" in said(client.get(reverse("plan", args=[2030])))
    page = client.get(place)
    assert "£40 of 1 recurring saving was not delivered and is for 2030/31 to find" in said(page)
    assert client.post(place, {"seen": "old"}).status_code == 409
    answer = client.post(place, {"seen": page.context["offer"].stamp}, follow=True)
    assert "1 saving, £40 in all, brought forward into 2030/31." in said(answer)
    assert "Nothing is left to bring forward into 2030/31" in said(answer)
    back = Saving.objects.get(year=year)
    assert (back.reference, back.agreed_saving_pence) == ("S1", 40_00)
    nothing = client.get(reverse("savings-not-delivered", args=[2030]))
    assert "Nothing was reported of the savings of 2030/31 at its close" in said(nothing)
    assert client.post(reverse("savings-not-delivered", args=[2030])).status_code == 409


def test_steps_of_funding_are_refused_where_a_source_would_pay_less_than_nil(year):
    head = "reference,source,recurrence,2030/31,2031/32,2032/33\n"
    text = f"{head}F1,Tax,recurrent,453231,48215,20582\nF2,Grant,recurrent,5,,-2\n"
    with pytest.raises(Refused, match="the amount is below nil"):
        bring(year, "funding", text)
    year.settings["plan"]["funding_amounts"] = "step"
    year.save()
    bring(year, "funding", text)
    summary = {row.key: row for row in made(year, "mtfs-summary").rows}
    paid = [cell.pence for cell in summary["funding"].cells.values()]
    assert paid == [-453_236_00, -501_451_00, -522_031_00]
    listed = {row.key: row for row in made(year, "external-funding").rows}
    assert [listed["F2"].cells[key].pence for key in ("2031-32", "2032-33")] == [5_00, 3_00]
    with pytest.raises(Refused, match="with this step the source would pay -£1 in 2032/33"):
        bring(year, "funding", text.replace("-2", "-6"))
