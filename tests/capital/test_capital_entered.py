"""Schemes forecast in the browser, and changes of the programme entered by one and approved by
another.
"""

import datetime

import pytest
from django.urls import reverse

from capital.entry import forms
from capital.entry.changes import ProposedChange, approve_change, propose_change, reject_change
from capital.entry.selectors import (
    budgets_of,
    change_legs,
    effect_of_legs,
    forecast_digest,
    shortfall_now,
)
from capital.entry.services import ForecastDetails, enter_forecast
from capital.models import (
    CapitalScheme,
    ChangeFunding,
    ForecastPart,
    FundingPosition,
    FundingSource,
    ProgrammeChange,
    SchemePosition,
    VarianceReason,
)
from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import TreeRight
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, period_of, position, publish, write_pack

SERVICES = (
    "code,name,parent_code,order,total_label\nTOP,Council,,1,Total\n"
    "ROAD,Roads,TOP,1,\nCARE,Care,TOP,2,\n"
)
SCHEMES = (
    "reference,scheme,service_code,original_budget,prior_years,total_budget\n"
    "BR,Bridge,ROAD,100,50,400\nHO,Homes,CARE,200,,600\nVA,Spare,,0,,\n"
)
FUNDING = (
    "reference,source,kind,original\nGR,Grant,grant,120\nLO,Loans,borrowing,180\n"
    "RE,Loans paid back,borrowing,0\n"
)
FUNDED = "reference,budget,forecast\nGR,120,120\nLO,180,175\nRE,0,0\n"
DAY = datetime.date(2021, 7, 8)
BLANK_REASONS = {"form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0"}


@pytest.fixture
def council(db, tmp_path):
    files = {
        "services.csv": SERVICES,
        "capital.csv": SCHEMES,
        "capital_funding.csv": FUNDING,
        "periods/01/position.csv": position("ROAD A 500 500 560\nCARE C 300 300 310"),
        "periods/02/position.csv": position("ROAD A 500 500 560\nCARE C 300 300 310"),
    }
    return load_pack(folder=write_pack(tmp_path / "pack", files), by=None).year


@pytest.fixture
def manager(person):
    user = person(Role.BUDGET_MANAGER)
    TreeRight.objects.create(user=user, service_code="ROAD")
    return user


def scheme(council, reference="BR") -> CapitalScheme:
    return CapitalScheme.objects.get(year=council, reference=reference)


def address(council, name: str, *more) -> str:
    return reverse(name, args=[council.start, 1, *more])


def stored() -> dict[str, list]:
    models = (CapitalScheme, SchemePosition, ForecastPart, VarianceReason, ProgrammeChange)
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    return rows | {"funding": list(FundingPosition.objects.order_by("pk").values())}


def budgets(council, reference="BR", number=1) -> tuple[int | None, int | None]:
    found = budgets_of(scheme(council, reference), period_of(council, number))
    return found.this_year, found.whole


def typed(council, **fields: str) -> dict[str, str]:
    seen = forecast_digest(scheme(council), period_of(council, 1))
    return {"seen": seen} | BLANK_REASONS | fields


def test_a_project_manager_forecasts_their_scheme_with_parts_and_reasons(client, council, manager):
    client.force_login(manager)
    page = client.get(address(council, "capital-entry")).content.decode()
    assert "Bridge" in page and "Homes" not in page and "Does funding equal" not in page
    assert client.get(address(council, "capital-forecast", "HO")).status_code == 403
    reasons = {
        "form-TOTAL_FORMS": "2",
        "form-0-kind": "rephasing",
        "form-0-amount": "-30",
        "form-0-reason": "Late steel",
        "form-1-project": "Deck",
        "form-1-kind": "cost",
        "form-1-amount": "10",
        "form-1-total_amount": "10",
        "form-1-reason": "Dearer",
    }
    parts = {"quarter-1": "20", "quarter-2": "50", "quarter-4": "10", "later_year-2022": "280"}
    sent = typed(council, actual="20", completion="May 2023", **parts, **reasons)
    answer = client.post(address(council, "capital-forecast", "BR"), sent)
    assert answer.status_code == 302
    row = SchemePosition.objects.get(scheme__reference="BR")
    assert (row.budget_pence, row.total_budget_pence) == (10_000, 40_000)
    assert (row.forecast_pence, row.total_forecast_pence) == (8000, 41_000)  # 50 + 80 + 280
    named = VarianceReason.objects.filter(scheme__year=council).values_list(
        "kind", "amount_pence", "total_amount_pence"
    )
    assert list(named) == [("rephasing", -3000, None), ("cost", 1000, 1000)]
    entry = AuditEntry.objects.order_by("pk").last()
    assert (entry.by, entry.record) == (manager, "capital scheme 2021/22 BR")
    assert entry.detail["parts"]["to"]["quarter 2"] == 5000
    page = client.get(address(council, "capital-forecast", "BR")).content.decode()
    assert "-£20, of which unexplained £0" in page and "Late steel" in page
    assert (
        'name="month-3"'
        in client.get(address(council, "capital-forecast", "BR") + "?by=month").content.decode()
    )


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"forecast": "much"}, 422, "“much” cannot be read"),
        ({"forecast": "90", "quarter-1": "80"}, 409, "The parts add up to £80 for this year"),
        (
            {"forecast": "90", "total_forecast": "1", "later_year-2022": "5"},
            409,
            "The parts add up to £145 for the whole scheme",
        ),
        ({"form-TOTAL_FORMS": "1", "form-0-amount": "5"}, 422, "Choose whether it is rephasing"),
        (
            {
                "form-TOTAL_FORMS": "1",
                "form-0-kind": "rephasing",
                "form-0-total_amount": "5",
                "form-0-reason": "x",
            },
            422,
            "Rephasing is nil over the whole scheme",
        ),
        ({"forecast": "90", "seen": "old"}, 409, "Somebody else has changed this"),
    ],
)
def test_a_wrong_forecast_is_refused_and_nothing_is_stored(
    client, council, manager, sent, status, sentence
):
    client.force_login(manager)
    before = stored()
    answer = client.post(address(council, "capital-forecast", "BR"), typed(council, **sent))
    assert answer.status_code == status and sentence in answer.content.decode()
    assert stored() == before


def test_a_forecast_of_a_published_month_is_refused(council, person):
    publish_first_month(council)
    details = ForecastDetails(None, 1, None, "", "", {})
    with pytest.raises(Refused, match="published"):
        enter_forecast(
            period=period_of(council, 1),
            scheme=scheme(council),
            details=details,
            seen=forecast_digest(scheme(council), period_of(council, 1)),
            by=person(Role.FINANCE_OFFICER),
        )


def publish_first_month(council) -> None:
    bring(council, "capital", "reference,budget,forecast\nBR,100,90\nHO,200,200\nVA,0,0\n", 1)
    bring(council, "capital_funding", "reference,budget,forecast\nGR,120,120\nLO,180,170\n", 1)
    publish(council, 1)


def propose(client, council, **fields: str):
    sent = {"reference": "C1", "kind": "variation", "scheme": "BR", "amount": "40"}
    sent |= {"source": "LO", "reason": "Wider deck"} | fields
    return client.post(address(council, "capital-change-new"), sent)


def test_a_change_is_shown_before_it_is_entered_and_before_it_is_approved(client, council, person):
    officer, lead = person(Role.FINANCE_OFFICER), person(Role.FINANCE_LEAD)
    client.force_login(officer)
    before = stored()
    page = " ".join(propose(client, council, total_amount="60").content.decode().split())
    for amount in ("£100", "£140", "£400", "£460", "£180", "£220"):
        assert f'<td class="numeric figure">{amount}</td>' in page
    assert "Send for approval" in page and stored() == before, "nothing is stored yet"
    assert propose(client, council, total_amount="60", action="store").status_code == 302
    assert budgets(council) == (10_000, 40_000), "a proposal changes no budget"
    place = address(council, "capital-change", "C1")
    assert "You entered this change" in client.get(place).content.decode()
    assert client.post(place, {"action": "approve"}).status_code == 403
    client.force_login(lead)
    seen = effect_of_legs(period_of(council, 1), change_legs(council, "C1")).digest
    assert client.post(place, {"seen": "old"}).status_code == 409
    assert client.post(place, {"seen": seen}).status_code == 302
    assert budgets(council) == (14_000, 46_000)
    assert budgets(council, number=2) == (14_000, 46_000), "the next month begins with it"
    change = ProgrammeChange.objects.get(year=council, reference="C1")
    assert (change.state, change.decided_by, change.approved_by) == ("approved", lead, lead.name)
    assert FundingPosition.objects.get(source__reference="LO").budget_pence == 22_000
    assert shortfall_now(period_of(council, 1)) == 0
    with pytest.raises(Refused, match="No change C1 waits"):
        approve_change(period=period_of(council, 1), reference="C1", seen=seen, by=lead, today=DAY)


def test_of_a_long_programme_a_scheme_is_named_by_its_reference(
    client, council, manager, monkeypatch
):
    client.force_login(manager)
    assert (
        '<select name="scheme"'
        in client.get(address(council, "capital-change-new")).content.decode()
    )
    monkeypatch.setattr(forms, "MOST_LISTED", 0)
    page = client.get(address(council, "capital-change-new")).content.decode()
    assert "Reference of the scheme that receives" in page and "Bridge" not in page
    wrong = propose(client, council, scheme="HO", source="")
    assert wrong.status_code == 422
    assert "There is no scheme HO among those that you look after." in wrong.content.decode()
    assert propose(client, council, scheme="BR", source="", action="store").status_code == 302
    assert ProgrammeChange.objects.get(year=council, reference="C1").scheme == scheme(council)


def test_nobody_decides_their_own_change_and_a_virement_moves_budget_between_schemes(
    council, person
):
    lead, other = person(Role.FINANCE_LEAD), person(Role.FINANCE_LEAD, username="other-lead")
    period = period_of(council, 1)
    virement = ProposedChange("V1", "virement", "HO", 2500, None, "Beds to deck", to_scheme="BR")
    propose_change(period=period, proposed=virement, by=lead)
    seen = effect_of_legs(period, change_legs(council, "V1")).digest
    with pytest.raises(Refused, match="somebody else decides"):
        approve_change(period=period, reference="V1", seen=seen, by=lead, today=DAY)
    with pytest.raises(Refused, match="V1 already"):
        propose_change(period=period, proposed=virement, by=lead)
    approve_change(period=period, reference="V1", seen=seen, by=other, today=DAY)
    assert budgets(council, "HO") == (17_500, 57_500)
    assert budgets(council, "BR") == (12_500, 42_500)
    assert shortfall_now(period) == 0


def test_a_rejected_new_scheme_goes_and_an_approved_one_stays(client, council, person):
    officer, lead = person(Role.FINANCE_OFFICER), person(Role.FINANCE_LEAD)
    client.force_login(officer)
    new = {"kind": "new_scheme", "scheme": "", "new_reference": "NE", "new_name": "Library"}
    new |= {"new_service": "CARE", "action": "store"}
    assert propose(client, council, **new).status_code == 302
    assert scheme(council, "NE").name == "Library"
    period = period_of(council, 1)
    with pytest.raises(Refused, match="Say why"):
        reject_change(period=period, reference="C1", reason=" ", by=lead)
    reject_change(period=period, reference="C1", reason="Not now", by=lead)
    assert not CapitalScheme.objects.filter(reference="NE").exists()
    assert (
        not ProgrammeChange.objects.filter(year=council).exists()
        and not ChangeFunding.objects.exists()
    )
    assert propose(client, council, **new).status_code == 302
    seen = effect_of_legs(period, change_legs(council, "C1")).digest
    approve_change(period=period, reference="C1", seen=seen, by=lead, today=DAY)
    assert budgets(council, "NE") == (4000, 4000)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"scheme": ""}, "Choose the scheme whose budget changes."),
        ({"amount": "x"}, "“x” cannot be read"),
        ({"kind": "virement"}, "Choose the scheme that receives."),
        ({"kind": "virement", "to_scheme": "BR"}, "A virement is between two schemes."),
        ({"kind": "new_scheme"}, "Give the new scheme a name."),
        ({"reason": ""}, "Say why the programme changes."),
    ],
)
def test_a_wrong_change_is_refused(client, council, person, fields, sentence):
    client.force_login(person(Role.FINANCE_OFFICER))
    before = stored()
    answer = propose(client, council, action="store", **fields)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert stored() == before


def test_a_manager_proposes_for_their_own_schemes_without_funding(client, council, manager):
    client.force_login(manager)
    assert propose(client, council, scheme="HO", source="", action="store").status_code == 422
    assert propose(client, council, action="store").status_code == 422, "no source is theirs"
    page = propose(client, council, source="").content.decode()
    assert "Effect on budgets" in page and "Effect on funding" not in page
    assert propose(client, council, source="", action="store").status_code == 302


def test_changes_that_wait_are_listed_page_by_page(client, council, person, manager):
    """Each page reads its own changes alone; a manager has those whose schemes are all theirs."""
    rows = [(f"W{place:02d}", "BR") for place in range(26)]
    rows += [("W03", "HO"), ("OTHER", "HO")]
    ProgrammeChange.objects.bulk_create(
        ProgrammeChange(
            year=council,
            reference=reference,
            scheme=scheme(council, of),
            period=1,
            kind="virement",
            amount_pence=100,
            total_amount_pence=0,
            state="proposed",
        )
        for reference, of in rows
    )
    place = address(council, "capital-changes")
    client.force_login(person(Role.FINANCE_LEAD))
    first = client.get(place).content.decode()
    assert "27 changes wait for approval" in first and "?waiting=2#waiting-caption" in first
    assert ">W24<" in first and ">W25<" not in first and first.count("Homes") == 1
    last = client.get(f"{place}?waiting=2").content.decode()
    assert ">W25<" in last and ">OTHER<" in last and ">W24<" not in last
    client.force_login(manager)
    own = client.get(place).content.decode()
    assert "25 changes wait for approval" in own
    assert ">W25<" in own and ">W03<" not in own and ">OTHER<" not in own


def test_money_that_must_be_spent_by_a_day_is_said_and_entered(client, council, manager, person):
    """Of 120k and 30k with a last day before June 2022, 25k and 5k are not forecast to be spent."""
    sources = "reference,source,kind,original,spend_by\nGR,Grant,grant,120,31/03/2022\n"
    sources += "S1,Meadow Lane,contribution,30,2021-06-30\nS2,Mill Road,contribution,9,2030-01-01\n"
    bring(council, "capital_funding", f"{sources}LO,Loans,borrowing,180,\n")
    figures = "reference,budget,forecast\nGR,120000,95000\nS1,30000,25000\nS2,9000,1000\n"
    figures += "LO,180000,175000\nRE,0,0\n"
    bring(council, "capital_funding", figures, 2)
    officer, page = person(Role.FINANCE_OFFICER), reverse("capital", args=[council.start, 2])
    client.force_login(officer)
    text = " ".join(client.get(page).content.decode().split())
    due = "of funding that must be spent by 31 May 2022, within 12 months, is not forecast to be"
    assert f"£30k {due} spent this year." in text
    for words in ("30 June 2021", "31 March 2022", "1 January 2030", "Within 12 months", "Later"):
        assert words in text
    place = reverse("capital-spend-by", args=[council.start, 2, "LO"])
    client.force_login(manager)
    assert client.post(place, {"spend_by": "2022-01-31"}).status_code == 403
    client.force_login(officer)
    assert client.post(place, {"spend_by": "soon"}).status_code == 422
    assert client.post(place, {"spend_by": "2022-01-31", "seen": "2020-01-01"}).status_code == 409
    assert client.post(place, {"spend_by": "2022-01-31"}).status_code == 302
    assert FundingSource.objects.get(reference="LO").spend_by == datetime.date(2022, 1, 31)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.by, entry.detail["spend_by"]) == (officer, {"from": "", "to": "2022-01-31"})
    assert f"£35k {due}" in client.get(page).content.decode()
    bring(council, "capital_funding", "reference,source,kind,original\nLO,Loans,borrowing,180\n")
    assert FundingSource.objects.get(reference="LO").spend_by, "a file without the column leaves it"


def test_borrowing_is_set_to_balance(client, council, person):
    bring(council, "capital", "reference,budget,forecast\nBR,130,90\nHO,200,200\nVA,0,0\n", 1)
    bring(
        council, "capital_funding", "reference,budget,forecast\nGR,120,120\nLO,180,175\nRE,0,0\n", 1
    )
    client.force_login(person(Role.ADMINISTRATOR))
    assert client.post(address(council, "capital-balance")).status_code == 403
    client.force_login(person(Role.FINANCE_OFFICER))
    assert client.post(address(council, "capital-balance")).status_code == 302
    loans = FundingPosition.objects.get(source__reference="LO")
    assert (loans.budget_pence, loans.forecast_pence) == (21_000, 17_000)
    entries = AuditEntry.objects.count()
    client.post(address(council, "capital-balance"))
    assert AuditEntry.objects.count() == entries, "a second time nothing changes"
