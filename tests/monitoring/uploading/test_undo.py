"""The undo of stored files: everything is as it was before, or nothing is changed."""

from datetime import timedelta

import pytest
from django.core import serializers
from django.urls import reverse
from django.utils import timezone

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.installed_apps import project_apps
from council_finance.statements.renderers import FORMATS
from monitoring.commentary.selectors import text_version
from monitoring.commentary.services import sign_off_commentary, write_commentary
from monitoring.forecast_methods.upload_kind import MONTH_NAMES
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.services import save_forecasts
from monitoring.ledger.selectors.positions import positions_frame
from monitoring.models import (
    BudgetLine,
    Commentary,
    ForecastEntry,
    NodeFigure,
    Position,
    ReplacedRows,
    Service,
    TreeRight,
    Upload,
)
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.reports.selectors.statements import all_statements
from monitoring.retention.services import forget_unstored_files
from monitoring.structure.year_changes import basis_of
from monitoring.uploading.selectors.undo import preview_undo
from monitoring.uploading.services.undo import undo_upload
from reserves.models import Reserve
from reserves.services import enter_movement
from savings.models import Saving
from tests.conftest import FIXTURES
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
    SERVICES,
    position,
    write_files,
)
from tests.councils.month import MONTH_2 as SMALL_MONTH
from tests.councils.month import small_council
from tests.councils.packs import bring, facts_of, period_of
from tests.councils.packs import position as small_position
from tests.planning.plans import bring_plan, plan_files

pytestmark = pytest.mark.slow

START = 2021


SMALL_SAVINGS = (
    "reference,title,service_code,decision,category,committee,agreed_saving,investment\n"
    "S1,Fewer buses,BUSES,Feb,Efficiency,Full,30,5\n"
)


@pytest.fixture
def council(db, tmp_path):
    """Months 1 and 2 published, month 3 with figures and texts."""
    year = load_pack(folder=write_files(tmp_path / "pack")).year
    bring(year, "position", position("1130", "740", "75"), 3)
    bring(year, "commentary", "service_code,text\nCARE,More homes were needed.\n", 3)
    return year


@pytest.fixture
def lead(person):
    return person(Role.FINANCE_LEAD)


def undo(upload: Upload, by, reason="The wrong month’s file") -> None:
    basis = preview_undo(upload, by).basis
    undo_upload(upload=upload, reason=reason, basis=basis, by=by)


def state_of(year) -> dict[str, object]:
    """Every row of every table that a file may change, but uploads, jobs and the trail."""
    aside = {
        "upload",
        "uploadorigins",
        "replacedrows",
        "auditentry",
        "job",
        "user",
        "financialyear",
    }
    found: dict[str, object] = {}
    for app in project_apps():
        for model in app.get_models():
            name = model._meta.model_name
            if name in aside:
                continue
            rows = serializers.serialize("python", model._base_manager.order_by("pk"))
            for row in rows:
                for field in ("figures_revision", "figures_at", "forecast_saves"):
                    row["fields"].pop(field, None)
            if name == "nodefigure":
                rows = [row["fields"] for row in rows]
            found[name] = rows
    batches = Position.objects.order_by("batch", "line").values()
    return found | {"positions": list(batches)}


def documents(year, number: int) -> dict[str, bytes]:
    """Every statement of a month as JSON and CSV."""
    return {
        f"{name}.{form}": FORMATS[form].render(each)
        for name, each in all_statements(facts_of(year, number)).items()
        for form in ("json", "csv")
    }


def assert_undone(year, number: int, kind: str, text: str, by, *, at: int | None = None) -> Upload:
    """Bring a file, undo it, and find everything as it was, in rows and in statements."""
    before, printed = state_of(year), documents(year, number)
    upload = bring(year, kind, text, at)
    assert (state_of(year), documents(year, number)) != (before, printed)
    undo(upload, by)
    after = state_of(year)
    assert {name for name in before if after[name] != before[name]} == set()
    assert documents(year, number) == printed
    upload.refresh_from_db()
    assert (upload.state, upload.undone_by) == ("undone", by)
    return upload


HEAD = "service_code,cost_centre,account,description"
OF_LINES = {
    "position": position("1200", "700", "75")
    .replace("Homes", "Homes and beds")
    .replace("ROADS,R2,NET,Lighting,100,100,100,10,", "PARKS,R2,NET,Lighting,100,100,100,10,yes")
    + "ROADS,NEW1,NET,New line,5,5,5,1,\n,NEW2,NET,Nowhere,6,6,6,1,\n",
    "budgets": f"{HEAD},current_budget\n,C1,NET,,1111.11\nROADS,NEW3,NET,New,3\n",
    "actuals": f"{HEAD},actual_to_date\n,C1,NET,,333.33\nROADS,NEW4,NET,New,4\n",
}


@pytest.mark.parametrize(
    "kind",
    ["position", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("budgets", "actuals"))],
)
def test_figures_lines_and_statements_are_as_before(council, lead, kind):
    assert_undone(council, 3, kind, OF_LINES[kind], lead, at=3)


OF_DECISIONS = {**OF_SUBJECTIVES, **OF_KINDS}
OF_OTHER_KINDS = {
    "services": SERVICES.replace("PARKS,Parks,PLACE,2,,Two", "PARKS,Open spaces,PLACE,5,,One")
    + "TREES,Trees,PLACE,3,,Two\nELMS,Elms,PLACE,4,,\n",
    "savings": SAVINGS.replace(",30,5", ",31,").replace("SV2", "SV3"),
    "reserves": RESERVES.replace("100,Snow", "100.01,Ice")
    + "NEW,New reserve,earmarked,,CARE,5,New\n",
    "reserve_movements": MOVEMENTS.replace("01,", "03,").replace("02,", "03,"),
    "capital_receipts": PROJECTS.replace("Lamps", "LEDs") + "PR3,More,CARE,,5,\n",
    "grants": GRANTS.replace("Lamps grant", "Lights grant") + "GR3,New grant,,CARE,5,,\n",
    "capital": CAPITAL.replace("New bridge", "Bridge") + "CP3,New school,,CARE,,,,,\n",
    "capital_changes": CAPITAL_CHANGES.replace("CC1,CP1,1", "CC2,CP1,3"),
    "capital_funding": CAPITAL_FUNDING.replace("Loans", "Borrowing") + "CF3,S106,contribution,,\n",
    "activity_groups": ACTIVITY_GROUPS.replace("Lamps lit", "Lights") + "AGN,New,,,\n",
    "activity": ACTIVITY.replace(",500", ",501").replace("AC1", "AC3"),
    "virements": "reference,period,from_cost_centre,from_account,to_cost_centre,to_account,"
    "amount,kind\nV8,3,R1,NET,C1,NET,8,technical\n",
    "history": "financial_year,period,service_code,current_budget,net_variance\n"
    "2020/21,13,CARE,900,5\n",
    "profiles": f"service_code,given_as,{','.join(MONTH_NAMES)}\nCARE,percent{',0' * 11},100\n",
}
OF_A_MONTH = {
    "commentary": "service_code,text\nROADS,Potholes.\n",
    "mitigations": MITIGATIONS,
    "savings": SAVINGS_SAID,
    "grants": GRANTS_SAID.replace("25,", "24,"),
    "aged_debt": DEBT,
    "activity": ACTIVITY_SAID,
    "capital_receipts": "reference,forecast\nPR1,21\n",
    "capital": CAPITAL_NOW,
    "capital_reasons": CAPITAL_REASONS,
    "capital_funding": FUNDING_NOW,
}
OF_PLAN = {
    "capital_plan": ("Depot", "Yard"),
    "plan": ("Less", "Fewer"),
    "funding": (",900,", ",901,"),
    "council_tax": (",1200", ",1201"),
    "plan_scenarios": (",0,0", ",1,0"),
    "plan_gap": (",10,", ",11,"),
}
"""A text of each file of the plan, and the text that replaces it in the file to be undone."""


@pytest.mark.parametrize("kind", OF_OTHER_KINDS)
def test_rows_of_the_year_are_as_before(council, lead, kind):
    assert_undone(council, 3, kind, OF_OTHER_KINDS[kind], lead)


@pytest.mark.parametrize("kind", OF_A_MONTH)
def test_rows_of_a_month_are_as_before(council, lead, kind):
    assert_undone(council, 3, kind, OF_A_MONTH[kind], lead, at=3)


def test_files_that_need_one_another_are_undone_one_by_one(council, lead):
    before, uploads = [], []
    decisions = [(kind, False, text) for kind, text in OF_DECISIONS.items()]
    for kind, of_a_month, text in (*decisions, *FILES_OF_INDICATORS):
        before.append(state_of(council))
        uploads.append(bring(council, kind, text, 3 if of_a_month else None))
    while uploads:
        undo(uploads.pop(), lead)
        assert state_of(council) == before.pop()


def test_a_plan_is_as_before(council, lead):
    bring_plan(council, "CARE")
    for kind, text in plan_files(council, "CARE").items():
        assert text.count(OF_PLAN[kind][0]) == 1
        assert_undone(council, 3, kind, text.replace(*OF_PLAN[kind]), lead)


def test_every_kind_of_file_can_be_undone():
    tried = {(name, True) for name in (*OF_LINES, *OF_A_MONTH, "forecasts")}
    tried |= {(name, False) for name in (*OF_OTHER_KINDS, *OF_DECISIONS, *OF_PLAN)}
    tried |= {(name, of_a_month) for name, of_a_month, _ in FILES_OF_INDICATORS}
    kinds = [kind for kind in registry.upload_kinds() if kind.undo]
    assert {(kind.name, kind.per_period) for kind in kinds} == tried
    assert len(kinds) == len(registry.upload_kinds())


def test_files_are_undone_one_by_one_the_latest_first(council, lead):
    states, files = [], []
    for kind, text in OF_LINES.items():
        states.append((state_of(council), documents(council, 3)))
        files.append(bring(council, kind, text, 3))
    with pytest.raises(Refused, match=r"actuals.csv \(Actuals only\) was stored after this file"):
        preview_undo(files[0], lead)
    for upload, (rows, printed) in zip(reversed(files), reversed(states), strict=True):
        undo(upload, lead)
        assert state_of(council) == rows
        assert documents(council, 3) == printed
    with pytest.raises(Refused, match="This upload is undone. Only a stored file is undone"):
        preview_undo(Upload.objects.get(pk=files[0].pk), lead)
    again = bring(council, "position", OF_LINES["position"], 3)
    assert (again.state, period_of(council, 3).batch.upload_id) == ("stored", again.pk)


def test_the_first_figures_of_a_month_are_undone_to_none(council, lead):
    before = state_of(council)
    upload = bring(council, "position", position(), 4)
    undo(upload, lead)
    period = period_of(council, 4)
    assert (period.batch, period.figures_revision, period.figures_at) == (None, None, None)
    assert not NodeFigure.objects.filter(period=period).exists()
    assert state_of(council) == before


def forecast(council, centre: str, pounds: int, by, number=3) -> None:
    line = BudgetLine.objects.get(year=council, cost_centre=centre)
    seen = {row.line: row for row in _lines(council, number)}[line.pk].forecast
    change = ForecastChange(line.pk, seen=int(seen), forecast=pounds * 100, reason="x")
    save_forecasts(node=line.service, number=number, changes=[change], by=by)


def _lines(council, number: int):
    return list(positions_frame(period_of(council, number).batch).itertuples())


def forecasts_of(council) -> dict[str, int]:
    codes = dict(BudgetLine.objects.filter(year=council).values_list("pk", "cost_centre"))
    return {codes[row.line]: int(row.forecast) for row in _lines(council, 3)}


def test_typed_forecasts_that_a_file_took_back_count_again(council, lead):
    forecast(council, "C1", 1500, lead)
    forecast(council, "R1", 800, lead)
    before, printed = forecasts_of(council), documents(council, 3)
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    assert forecasts_of(council)["C1"] == 120_000
    undo(upload, lead)
    assert (forecasts_of(council), documents(council, 3)) == (before, printed)
    assert (before["C1"], before["R1"]) == (150_000, 80_000)
    last = ForecastEntry.objects.filter(line__cost_centre="C1").last()
    assert (last.forecast_pence, last.previous_pence, last.source) == (150_000, None, None)
    assert (last.by, last.reason) == (lead, "The file was undone: position.csv")


def test_forecasts_that_a_file_entered_are_taken_back(council, lead):
    forecast(council, "R1", 800, lead)
    before, printed = forecasts_of(council), documents(council, 3)
    text = f"{HEAD},forecast,planned_use_of_reserves\n,C1,NET,,1.01,-3\n,R1,NET,,2,\n"
    upload = bring(council, "forecasts", text + "ROADS,NEW5,NET,New,5,\n", 3)
    assert forecasts_of(council)["C1"] == 101
    undo(upload, lead)
    assert (forecasts_of(council), documents(council, 3)) == (before, printed)
    # A line whose forecast was entered stays known, as entries are never removed.
    assert BudgetLine.objects.filter(year=council, cost_centre="NEW5").exists()


def test_a_forecast_that_was_typed_after_the_file_stays(council, lead):
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    forecast(council, "C1", 1700, lead)
    undo(upload, lead)
    assert (forecasts_of(council)["C1"], forecasts_of(council)["R1"]) == (170_000, 74_000)


def test_a_sign_off_that_the_file_cleared_counts_again(council, lead, person):
    director = person(Role.DIRECTOR)
    TreeRight.objects.create(user=director, service_code="PEOPLE")
    service = Service.objects.get(year=council, code="CARE")
    figures = NodeFigure.objects.get(period=period_of(council, 3), key="CARE")
    commentary = Commentary.objects.get(period=period_of(council, 3), service=service)
    sign_off_commentary(
        period=period_of(council, 3),
        service=service,
        seen=text_version(commentary),
        budget_pence=figures.budget_pence,
        net_variance_pence=figures.net_variance_pence,
        by=director,
    )
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    assert Commentary.objects.get(pk=commentary.pk).signed_by is None
    undo(upload, lead)
    assert Commentary.objects.get(pk=commentary.pk).signed_by == director


# Refusals: nothing is changed


def assert_refused(council, upload: Upload, by, sentence: str) -> None:
    before, basis = state_of(council), basis_of(council.pk, upload.period)
    upload = Upload.objects.get(pk=upload.pk)
    with pytest.raises(Refused, match=sentence):
        preview_undo(upload, by)
    with pytest.raises(Refused, match=sentence):
        undo_upload(upload=upload, reason="x", basis=basis, by=by)
    upload.refresh_from_db()
    assert (state_of(council), upload.state) == (before, "stored")


def test_a_published_month_keeps_its_files(council, lead):
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    debt = bring(council, "aged_debt", DEBT, 3)
    projects = bring(council, "capital_receipts", PROJECTS.replace("Lamps", "LEDs"))
    publish_report(period=period_of(council, 3), by=None)
    for each in (upload, debt):
        assert_refused(council, each, lead, "published")
    assert_refused(council, projects, lead, "The report of month 3 was published after this file")
    reopen_report(period=period_of(council, 3), reason="x", by=lead)
    assert_refused(council, upload, lead, "The report of month 3 was published after this file")


def test_an_undo_that_would_be_refused_is_not_offered(client, db, tmp_path, lead):
    """The page says why instead: month 3 carries forecasts of month 2 forward."""
    year = small_council(tmp_path / "small")
    upload = bring(year, "position", small_position(SMALL_MONTH), 2)
    address = reverse("upload-undo", args=[upload.pk])
    client.force_login(lead)
    page = reverse("upload", args=[upload.pk])
    assert address in client.get(page).content.decode()
    bring(year, "position", small_position("HOME H1 1000 1000\nROADS R1 700 700"), 3)
    text = client.get(page).content.decode()
    assert address not in text
    assert "This upload can no longer be undone. The file cannot be undone: the figures of" in text
    projects = bring(year, "savings", SMALL_SAVINGS)
    assert reverse("upload-undo", args=[projects.pk]) in (
        client.get(reverse("upload", args=[projects.pk])).content.decode()
    )
    Saving.objects.filter(year=year).update(title="Another title")
    text = client.get(reverse("upload", args=[projects.pk])).content.decode()
    assert "something newer would be lost" in text
    assert reverse("upload-undo", args=[projects.pk]) not in text


def test_an_archived_year_is_read_only(client, council, lead):
    upload = bring(council, "aged_debt", DEBT, 3)
    type(council).objects.filter(pk=council.pk).update(archived_at=timezone.now())
    assert_refused(council, upload, lead, "is archived and read only")
    client.force_login(lead)
    page = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert reverse("upload-undo", args=[upload.pk]) not in page


def test_a_row_that_was_changed_since_is_not_lost(council, lead):
    upload = bring(council, "savings", SAVINGS.replace(",30,5", ",31,5"))
    Saving.objects.filter(reference="SV1").update(owner="Head of roads")
    assert_refused(council, upload, lead, "SV1 Fewer lamps has been changed since")


def test_a_row_on_which_another_depends_stays(council, lead):
    upload = bring(council, "savings", f"{SAVINGS}SV4,More lamps,ROADS,Feb,,,7,\n")
    bring(council, "savings", f"{SAVINGS_SAID}SV4,Red,5,0,down,Late\n", 3)
    assert_refused(council, upload, lead, "something newer depends on it")
    services = bring(council, "services", f"{SERVICES}TREES,Trees,PLACE,3,,Two\n")
    bring(council, "position", position() + "TREES,T1,NET,Oaks,5,5,5,1,\n", 3)
    assert_refused(council, services, lead, "something newer depends on it: T1/NET")


def test_a_row_in_whose_place_something_newer_is_stays_away(council, lead, person):
    upload = bring(council, "commentary", "service_code,text\nROADS,Potholes.\n", 3)
    service = Service.objects.get(year=council, code="CARE")
    write_commentary(period=period_of(council, 3), service=service, text="Newer.", seen="", by=lead)
    assert_refused(council, upload, lead, "Something newer has been entered in the place")


def test_a_line_that_a_virement_names_stays(council, lead):
    upload = bring(council, "budgets", OF_LINES["budgets"], 3)
    line = BudgetLine.objects.get(year=council, cost_centre="NEW3")
    bring(
        council,
        "virements",
        "reference,period,from_cost_centre,from_account,to_cost_centre,to_account,amount,kind\n"
        "V8,3,NEW3,NET,C1,NET,1,funding\n",
    )
    assert_refused(council, upload, lead, f"it added the line {line.code}, on which virements")


def test_figures_that_a_later_month_took_over_stay(council, lead):
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    bring(council, "position", position(".", "700", "75"), 4)
    assert_refused(council, upload, lead, "the figures of month 4 were stored after it")


def test_lines_that_were_changed_since_are_not_set_back(council, lead):
    upload = bring(council, "position", OF_LINES["position"], 3)
    BudgetLine.objects.filter(year=council, cost_centre="C1").update(description="Beds")
    assert_refused(council, upload, lead, "description, exempt mark or service it changed")


def test_approved_virements_are_taken_back_by_a_reversal(council, lead):
    text = OF_OTHER_KINDS["virements"].replace("kind\n", "kind,approved_by,approved_on\n")
    upload = bring(council, "virements", text.replace("technical", "technical,Cabinet,2021-06-01"))
    assert_refused(council, upload, lead, r"it brought approved virements \(V8\)")


def test_an_undo_overdraws_no_reserve(council, lead):
    upload = bring(
        council, "reserve_movements", MOVEMENTS.replace("01,anticipated,-20", "03,actual,50")
    )
    enter_movement(
        reserve=Reserve.objects.get(year=council, code="WINTER"),
        period=3,
        kind="actual",
        amount_pence=-12_000,
        description="x",
        approved_by="x",
        by=lead,
    )
    assert_refused(council, upload, lead, "Winter reserve")


def test_another_file_under_way_comes_first(council, lead):
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    other = bring(council, "aged_debt", DEBT, 3)
    for state in ("checking", "ready", "storing"):
        Upload.objects.filter(pk=other.pk).update(state=state)
        assert_refused(council, upload, lead, "The file aged_debt.csv is under way")


def test_of_two_people_the_second_looks_again(council, lead):
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    seen = [preview_undo(upload, lead).basis for _ in range(2)]
    undo_upload(upload=upload, reason="Mine", basis=seen[0], by=lead)
    before = state_of(council)
    with pytest.raises(Refused, match="The year has changed since this page was drawn"):
        undo_upload(upload=upload, reason="Mine too", basis=seen[1], by=lead)
    upload.refresh_from_db()
    assert (state_of(council), upload.undo_reason) == (before, "Mine")


def test_a_file_whose_replaced_rows_are_not_kept_stays(council, lead):
    upload = bring(council, "aged_debt", DEBT, 3)
    ReplacedRows.objects.all().delete()
    assert_refused(council, upload, lead, "stored before files could be undone")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001])
def test_a_reason_is_given(council, lead, reason):
    upload = bring(council, "aged_debt", DEBT, 3)
    basis = preview_undo(upload, lead).basis
    with pytest.raises(Refused, match="Give the reason"):
        undo_upload(upload=upload, reason=reason, basis=basis, by=lead)


def test_who_may_not_upload_such_a_file_may_not_undo_it(council, person):
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    officer = person(Role.FINANCE_OFFICER)
    TreeRight.objects.create(user=officer, service_code="PLACE")
    assert_refused(council, upload, officer, "looks after Place")
    part = bring(council, "actuals", f"{HEAD},actual_to_date\n,R1,NET,,5\n", 3, scope="PLACE")
    undo(part, officer)
    part.refresh_from_db()
    assert part.undone_by == officer


# The pages


def test_the_page_shows_what_changes_and_undoes_it(client, council, lead):
    client.force_login(lead)
    upload = bring(council, "position", position("1200", "700", "75"), 3)
    address = reverse("upload-undo", args=[upload.pk])
    assert address in client.get(reverse("upload", args=[upload.pk])).content.decode()
    page = client.get(address).content.decode()
    for label, now, after in (
        ("Lines", "7", "7"),
        ("Current budget", "£2,650", "£2,650"),
        ("Forecast", "£2,855", "£2,825"),
    ):
        row = f'<th scope="row">{label}</th><td class="numeric figure">{now}</td>'
        assert f'{row}<td class="numeric figure">{after}</td>' in page
    basis = preview_undo(upload, lead).basis
    assert client.post(address, {"reason": "", "basis": basis}).status_code == 422
    assert client.post(address, {"reason": "x", "basis": basis - 1}).status_code == 409
    response = client.post(address, {"reason": "The wrong file", "basis": basis})
    assert response.url == reverse("upload", args=[upload.pk])
    page = client.get(response.url).content.decode()
    assert "This upload was undone" in page
    assert "The wrong file" in page
    assert lead.name in page
    entry = AuditEntry.objects.get(record=f"upload {upload.pk}", action="undid an upload")
    assert (entry.by, entry.detail["reason"]) == (lead, "The wrong file")
    refused = client.get(address)
    assert refused.status_code == 200
    assert b"This upload is undone" in refused.content


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.BUDGET_MANAGER, Role.SCRUTINY_MEMBER])
def test_others_see_no_page(client, council, person, role):
    upload = bring(council, "aged_debt", DEBT, 3)
    client.force_login(person(role))
    address = reverse("upload-undo", args=[upload.pk])
    assert client.get(address).status_code == 403
    assert client.post(address, {"reason": "x", "basis": 1}).status_code == 403


def test_the_file_of_an_undone_upload_is_removed_in_time(council, lead):
    upload = bring(council, "aged_debt", DEBT, 3)
    undo(upload, lead)
    Upload.objects.filter(pk=upload.pk).update(ended_at=timezone.now() - timedelta(days=100))
    assert forget_unstored_files(before=timezone.now() - timedelta(days=90)) == 0
    assert forget_unstored_files(before=timezone.now() + timedelta(days=1)) == 1
    assert bytes(Upload.objects.get(pk=upload.pk).content) == b""


@pytest.mark.parametrize(
    ("pack", "last", "number"),
    [("somerset-2019-20", "03", 4), ("cambridgeshire-2018-19", "11", 12)],
)
def test_both_packs_print_the_same_after_an_undo(request, lead, pack, last, number):
    year = request.getfixturevalue(pack.split("-")[0])
    text = (FIXTURES / pack / "periods" / last / "position.csv").read_bytes()
    bring(year, "position", text, number)
    before, printed = state_of(year), documents(year, number)
    heading, *rows = text.decode().splitlines()
    name = heading.split(",").index("forecast")
    cells = [row.split(",") for row in rows]
    changed = [[*each[:name], "1", *each[name + 1 :]] for each in cells[:20]]
    upload = bring(year, "position", "\n".join([heading, *map(",".join, changed)]), number)
    assert documents(year, number) != printed
    undo(upload, lead)
    assert state_of(year) == before
    assert documents(year, number) == printed
