"""From a plan to an adopted register, to a close, to the next plan: for a made-up council."""

import datetime

import pytest
from django.core.management import call_command
from django.urls import reverse

from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.registry import month_steps
from monitoring.models import Report, ReportStatement, Upload
from monitoring.month.selectors.month import Duties, month_of
from monitoring.people.rights import EVERYTHING
from monitoring.restructuring.services.years import roll_year_forward
from monitoring.structure.year_changes import basis_of
from monitoring.uploading.services.undo import undo_upload
from planning.plan.models import PlanVersion
from planning.plan.services import adopt_plan, carry_forward_savings
from savings.models import Saving
from tests.councils.loaded import load_pack
from tests.councils.packs import bring, period_of, position, publish, statement_data, write_pack
from tests.planning.plans import SERVICES, made_up_plan, plan_csv, texts

ROWS = """
A,Homes,growth,ONE,Demand,,recurring,,,,100,150,150
C,Fewer agencies,saving,ONE,Savings,Eff,recurring,,,,-30,-60,-60
D,A year's freeze,saving,TWO,Savings,SR,time_limited,,,,-10,-10,
E,Estates,saving,TWO,Savings,Inc,recurring,,,,-25,-25,-20
E.1,Rents,saving,TWO,Savings,Inc,recurring,E,,,-20,-20,-20
E.2,Unallocated,saving,TWO,Savings,Eff,recurring,E,,,-5,-5,0
"""
ON = datetime.date(2030, 2, 20)
REGISTER = [("C", "ONE", 30_00), ("D", "TWO", 10_00), ("E.1", "TWO", 20_00), ("E.2", "TWO", 5_00)]


@pytest.fixture
def before(db, tmp_path):
    """The year before the plan, at its close: the ledger that the plan's base comes from."""
    files = {
        "services.csv": SERVICES,
        "savings.csv": "reference,title,service_code,agreed_saving,recurrence\n"
        "S1,Lamps,ONE,100,recurring\nS2,Once,ONE,50,one_off\nS3,Fees,TWO,40,recurring\n",
        "periods/13/position.csv": position("ONE A 600 650 700\nTWO B 400 400 390"),
        "periods/13/savings.csv": "reference,forecast_saving\nS1,60\nS2,0\nS3,40\n",
    }
    settings = '[display]\nunit = "pounds"\n'
    pack = write_pack(tmp_path / "before", files, year="2029/30", settings=settings)
    return load_pack(folder=pack).year


@pytest.fixture
def year(before, tmp_path):
    return made_up_plan(tmp_path / "plan", ROWS)


def register(year) -> list[tuple[str, str, int]]:
    savings = Saving.objects.filter(year=year).order_by("order")
    return [(each.reference, each.service.code, each.agreed_saving_pence) for each in savings]


def test_adoption_freezes_the_version_and_writes_the_register(year, capsys):
    call_command("adopt_plan", "--name", "Plan", "--on", "2030-02-20", "--year", "2030/31")
    assert "4 savings of 2030/31, £65 in all:" in capsys.readouterr().out
    assert register(year) == REGISTER
    saving = Saving.objects.get(year=year, reference="E.1")
    assert (saving.decision, saving.category, saving.plan_reference) == ("Plan", "income", "E.1")
    version = PlanVersion.objects.get(year=year)
    assert (version.adopted_on, version.adopted_year) == (ON, 2030)
    assert AuditEntry.objects.filter(action="adopted the plan").count() == 1
    with pytest.raises(Refused, match="Plan was adopted on 20 February 2030 and is frozen"):
        bring(year, "plan", plan_csv(ROWS))
    with pytest.raises(Refused, match="was adopted on 20 February 2030 already"):
        adopt_plan(name="Plan", on=ON, year=2030, by=None)
    for name, wanted in (("Other", "There is no plan called “Other”. The plans are: Plan."),):
        with pytest.raises(Refused, match=wanted):
            adopt_plan(name=name, on=ON, year=2030, by=None)


def test_a_file_of_an_adopted_plan_is_not_undone(year, person):
    bring(year, "plan", plan_csv(ROWS.replace("Homes", "Care homes")))
    adopt_plan(name="Plan", on=ON, year=2030, by=None)
    upload = Upload.objects.filter(year=year, kind="plan").order_by("pk").last()
    with pytest.raises(Refused, match="something newer would be lost: Plan has been changed"):
        basis = basis_of(year.pk, None)
        undo_upload(upload=upload, reason="Wrong file", basis=basis, by=person("finance_lead"))


def test_the_report_freezes_the_plan_of_its_day(year):
    bring(year, "position", position("ONE A 670 670 670\nTWO B 360 360 360"), 1)
    publish(year, 1)
    assert statement_data(year, 1, "mtfs-summary")["period"] is None
    bring(year, "plan", plan_csv(ROWS.replace("100,150,150", "200,250,250")))
    frozen = statement_data(year, 1, "mtfs-summary")["rows"][-1]["cells"]["2030-31"]["text"]
    assert (frozen, texts(year, "mtfs-summary")["net"][0]) == ("1,035", "1,135")
    report = Report.objects.get(period__year=year)
    names = ReportStatement.objects.filter(report=report).values_list("name", flat=True)
    assert {"mtfs-summary", "mtfs-growth", "mtfs-savings"} <= set(names)
    assert "council-tax" not in names, "a statement of the year without rows is in no report"


def test_members_read_the_plan_in_a_report_alone(year, client, person):
    for role, status in (("scrutiny_member", 403), ("director", 403), ("finance_officer", 200)):
        client.force_login(person(role))
        for address in (
            reverse("plan", args=[2030]),
            reverse("plan-item", args=[2030, "E.1"]),
            reverse("year-statement", args=[2030, "mtfs-savings"]),
            reverse("year-download", args=[2030, "mtfs-savings", "json"]),
        ):
            assert client.get(address).status_code == status, (role, address)
    shown = client.get(reverse("plan", args=[2030])).content.decode()
    assert "By 2032/33 the plan has £150 of growth and £80 of savings" in shown
    # Cambridgeshire's year is in the same database, so two closed years are known.
    assert "% of savings is delivered, as in 2018/19, 2029/30: of this plan that is" in shown


def test_a_register_loaded_afterwards_is_compared_with_the_plan(year):
    adopt_plan(name="Plan", on=ON, year=2030, by=None)
    upload = bring(
        year,
        "savings",
        "reference,title,service_code,agreed_saving\nC,Fewer agencies,ONE,29\n"
        "D,Freeze,TWO,10\nE.1,Rents,TWO,20\nX,New,TWO,7\n",
    )
    said = " ".join(warning["message"] for warning in upload.warnings)
    assert "The agreed saving of C changes from £30 to £29." in said
    assert "The adopted plan has E.2 with £5; the file does not name it." in said
    assert "The file has X with £7; the adopted plan has no such saving." in said


def test_the_first_ledger_figures_are_compared_service_by_service(year):
    assert texts(year, "plan-to-ledger") == {}
    adopt_plan(name="Plan", on=ON, year=2030, by=None)
    assert texts(year, "plan-to-ledger")["TOP"] == ["1,035", "–", ""]
    bring(year, "position", position("ONE A 670 670 .\nTWO B 360 360 ."), 0)
    assert texts(year, "plan-to-ledger") == {
        "TOP": ["1,035", "1,030", "-5"],
        "ONE": ["670", "670", "0"],
        "TWO": ["365", "360", "-5"],
    }


def steps_of(year, number: int = 13, **duties: bool) -> dict[str, tuple[str, str]]:
    """State and text of the steps at the end of a year by name."""
    given = Duties(**{"review": True, "publish": True} | duties)
    month = month_of(period_of(year, number), shown=EVERYTHING, own=EVERYTHING, duties=given)
    return {
        each.name: (each.step.state, each.step.text)
        for each in month_steps(month)
        if each.name in ("savings-not-delivered", "next-plan")
    }


def test_what_was_not_delivered_comes_back_unless_the_plan_writes_it_out(before, year, capsys):
    assert steps_of(before, 11) == steps_of(before, review=False) == {}
    assert steps_of(before) == {
        "savings-not-delivered": (
            "To be brought forward",
            "1 recurring saving, £40 in all, to bring forward into 2030/31.",
        ),
        "next-plan": (
            "To be adopted",
            "Plan is stored. Adopting it freezes it and writes the register of savings.",
        ),
    }
    last = steps_of(year, 12)
    assert last["savings-not-delivered"][0] == "To come"
    assert last["next-plan"] == ("Awaiting the next year", "2031/32 is not set up yet.")
    call_command("carry_forward_savings", "--year", "2029/30")
    said = capsys.readouterr().out
    assert "S1: agreed £100, delivered £60, short £40" in said
    assert "One: £50 overspent; the plan gives it £100" not in said, "growth covers it"
    back = Saving.objects.get(year=year, reference="S1")
    assert (back.agreed_saving_pence, back.brought_forward_from) == (40_00, 2029)
    assert texts(before, "savings-brought-forward") == {
        "S1": ["100", "60", "40", "40", "0", "40"],
        "S2": ["50", "0", "50", "0", "0", "0"],
        "S3": ["40", "40", "0", "0", "0", "0"],
        "total": ["190", "100", "90", "40", "0", "40"],
    }
    carry_forward_savings(year=2029, by=None)
    assert Saving.objects.filter(year=year).count() == 1, "done again it changes nothing"
    nothing = "Nothing is left to bring forward into 2030/31."
    assert steps_of(before)["savings-not-delivered"] == ("Done", nothing)
    adopt_plan(name="Plan", on=ON, year=2030, by=None)
    assert steps_of(before)["next-plan"][0] == "Adopted"
    following = roll_year_forward(year=year, by=None)
    entered = steps_of(year, 12)["next-plan"]
    assert entered == ("To be entered", "2031/32 has no plan yet: enter it, or upload its file.")
    assert following.start == 2031


def test_growth_for_undelivered_savings_writes_them_out(before, db, tmp_path):
    rows = "U,Unachieved 2029/30 budget reductions,growth,,,,recurring,,,,25,25,25\n"
    year = made_up_plan(tmp_path / "plan", rows)
    (shortfall, *_), _ = carry_forward_savings(year=2029, by=None)
    assert (shortfall.written_out, shortfall.brought_forward) == (25_00, 15_00)
    assert Saving.objects.get(year=year).agreed_saving_pence == 15_00


def test_an_overspend_that_no_row_of_the_plan_covers_is_named(before, db, tmp_path, capsys):
    rows = "A,Homes,growth,ONE,,,recurring,,,,20,20,20\n"
    made_up_plan(tmp_path / "plan", f"{rows}B,All,growth,TOP,,,recurring,,,,12,12,12\n")
    call_command("carry_forward_savings", "--year", "2029/30")
    # Growth of the council as a whole covers what that of the service leaves, once.
    assert (
        "One: £50 overspent; the plan gives it £32, so £18 is covered by no row of the plan."
        in capsys.readouterr().out
    )


BAD_PLANS = [
    ("S,Less,saving,ONE,,,recurring,,,,-1,-1,-1", "a saving needs its kind"),
    ("S,Less,saving,ONE,,Eff,recurring,,,,-1,1,-1", "above nil"),
    ("S,Less,saving,ONE,,Eff,recurring,X,,,-1,-1,-1", "no item of this reference in the file"),
    ("S,Less,saving,ONE,,Eff,recurring,S,,,-1,-1,-1", "leads back to the item itself"),
    ("S,Less,saving,ONE,,Eff,recurring,,CAP9,,-1,-1,-1", "no capital scheme or decision"),
    ("S,Less,saving,NONE,,Eff,recurring,,,,-1,-1,-1", "no service with this code"),
    ("S,Less,gift,ONE,,Eff,recurring,,,,-1,-1,-1", "one of transfer, inflation"),
    (
        "P,Whole,saving,ONE,,Eff,recurring,,,,-3,-3,-3\nQ,Part,saving,ONE,,Eff,recurring,P,,,-2,-3,-3",
        "its parts add up to -£2 in 2030/31, which differs by £1",
    ),
    (
        "X,Once,growth,ONE,,,time_limited,,,,5,0,0\nY,Out,growth,ONE,,,recurring,,,X,,-5,-5",
        "the same removal must not happen twice",
    ),
]


def test_plans_that_break_a_rule_are_refused(db, tmp_path):
    year = made_up_plan(tmp_path / "plan", ROWS)
    for rows, message in BAD_PLANS:
        with pytest.raises(Refused) as refused:
            bring(year, "plan", plan_csv(rows))
        assert message in " ".join(refused.value.messages), rows
    with pytest.raises(Refused, match="The column 2032/33 is missing"):
        bring(year, "plan", plan_csv(ROWS).replace("2032/33", "Later"))
    year.settings = {key: value for key, value in year.settings.items() if key != "plan"}
    year.save()
    with pytest.raises(Refused, match="whether amounts are"):
        bring(year, "plan", plan_csv(ROWS))
