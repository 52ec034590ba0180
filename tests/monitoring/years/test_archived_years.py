"""An archived year: every write is refused with one sentence, and nothing of it changes."""

import datetime
import html
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.jobs import Job
from council_finance.registry import settings_tables
from monitoring.commentary.selectors import find_commentary, text_version
from monitoring.commentary.services import (
    sign_off_commentary,
    withdraw_commentary,
    write_commentary,
)
from monitoring.contingency.models import ContingencyOffset
from monitoring.contingency.services import enter_offset, take_offset_back
from monitoring.figures.pipeline import recompute_behind
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.services import confirm_carried, save_forecasts
from monitoring.models import (
    BudgetLine,
    FinancialYear,
    HistoricFigure,
    Layout,
    NodeFigure,
    Period,
    Service,
    Upload,
    UploadState,
)
from monitoring.packs.services import load_pack as load_pack_itself
from monitoring.people.services.erasure import erase_person
from monitoring.publishing.services.redactions import redact_reports
from monitoring.publishing.services.reports import publish_report, reopen_report
from monitoring.restructuring.services import structure
from monitoring.restructuring.services.years import roll_year_forward, set_up_year
from monitoring.settings.pack_file import PackFile
from monitoring.settings.services import digest_of_year, import_settings, save_settings
from monitoring.structure.settings_order import digest_of
from monitoring.uploading.pipeline.check import check_upload
from monitoring.uploading.pipeline.jobs import run_job
from monitoring.uploading.services import uploads
from monitoring.virements import services as virements
from monitoring.virements.rules import NewLeg
from monitoring.years.selectors.tables_of_year import tables_of_year
from reserves.models import Reserve
from reserves.services import (
    approve_deficit,
    enter_movement,
    enter_transfer,
)
from savings.models import Saving
from savings.selectors.register import saving_version
from savings.services.positions import PositionChange, carry_positions, save_positions
from savings.services.register import (
    Agreement,
    SavingDetails,
    add_saving,
    change_saving,
    replace_saving,
)
from tests.councils.loaded import load_pack
from tests.councils.marked import RESERVES, SERVICES, VIREMENTS, position, write_files
from tests.councils.packs import bring, period_of

SENTENCE = (
    "2021/22 is archived and read only, so nothing was changed. A finance lead or an "
    "administrator can bring it back under Settings, Years."
)
TODAY = datetime.date(2021, 7, 8)


class Council:
    """A year with months 1 and 2 published and month 3 open, and who works on it."""

    def __init__(self, folder, person) -> None:
        self.folder = write_files(folder / "pack")
        self.year = load_pack(folder=self.folder, by=None).year
        self.lead, self.officer = person(Role.FINANCE_LEAD), person(Role.FINANCE_OFFICER)
        self.director = person(Role.DIRECTOR, first_name="Dee", last_name="Director")
        bring(self.year, "position", position(".", "740", "75"), 3)
        self.month = period_of(self.year, 3)
        self.care = Service.objects.get(year=self.year, code="CARE")
        write_commentary(
            period=self.month, service=self.care, text="More.", seen="", by=self.director
        )
        self._enter_virement("PENDING")
        self._enter_virement("DECIDED")
        virements.approve_virement(
            year=self.year, reference="DECIDED", approved_by="Cabinet", by=self.lead, today=TODAY
        )
        BudgetLine.objects.filter(pk=self.line("R1")).update(exempt=True)
        enter_offset(period=self.month, amount_pence=100, reason="x", seen=0, by=self.lead)
        self.offset = ContingencyOffset.objects.get(period=self.month).pk
        self.saving = Saving.objects.get(year=self.year, reference="SV1")
        self.reserve = Reserve.objects.get(year=self.year, code="WINTER")
        self.other_reserve = Reserve.objects.get(year=self.year, code="HOMES")
        self.ready, self.failed, self.refused = (
            self._keep_file(kind, state)
            for kind, state in (
                ("aged_debt", UploadState.READY),
                ("reserves", UploadState.FAILED),
                ("actuals", UploadState.REFUSED),
            )
        )

    def look_again(self) -> None:
        """Forget what an attempt that was rolled back left in these objects."""
        for each in (self.ready, self.failed, self.refused, self.saving, self.reserve):
            each.refresh_from_db()

    def _keep_file(self, kind: str, state: UploadState) -> Upload:
        period = None if kind == "reserves" else 3
        upload = uploads.receive_upload(
            kind=kind,
            year=self.year,
            period=period,
            content=b"a,b\n1,2\n",
            file_name="f.csv",
            by=self.lead,
        )
        headings = (
            {"known": False, "rows": [["a", "b"], ["1", "2"]]}
            if state == UploadState.REFUSED
            else None
        )
        Upload.objects.filter(pk=upload.pk).update(state=state, headings=headings)
        upload.refresh_from_db()
        return upload

    def _enter_virement(self, reference: str) -> None:
        virements.enter_virement(
            year=self.year,
            reference=reference,
            period=3,
            kind="funding",
            reason="Works",
            legs=[NewLeg(self.line("R2"), self.line("P1"), 300, 0)],
            by=self.officer,
        )

    def line(self, centre: str) -> int:
        return BudgetLine.objects.get(year=self.year, cost_centre=centre).pk

    @property
    def revision(self) -> int:
        return FinancialYear.objects.get(pk=self.year.pk).revision

    @property
    def settings(self) -> dict:
        return FinancialYear.objects.get(pk=self.year.pk).settings

    @property
    def seen(self) -> str:
        return text_version(find_commentary(self.month, self.care))


@pytest.fixture
def council(db, tmp_path, person) -> Council:
    return Council(tmp_path, person)


def details(title: str) -> SavingDetails:
    return SavingDetails(title=title, service="ROADS", agreed_pence=1000)


def movement(of: Council) -> dict:
    return {
        "period": 3, "kind": "anticipated", "amount_pence": 100, "description": "Salt",
        "approved_by": "Cabinet", "by": of.lead,
    }  # fmt: skip


def change_settings(of: Council) -> None:
    settings = of.year.settings | {"display": {"unit": "k"}}
    set_up_year(start=2021, council=of.year.council, settings=settings, by=of.lead)


def act_on_structure(act, **more):
    return lambda of: act(year=of.year, revision=of.revision, by=of.lead, **more)


def change_forecast(of: Council) -> None:
    change = ForecastChange(of.line("C1"), seen=112000, forecast=114000, reason="x")
    save_forecasts(node=of.care, number=3, changes=[change], by=of.lead)


def sign_off(of: Council) -> None:
    row = NodeFigure.objects.get(period=of.month, key="CARE")
    sign_off_commentary(
        period=of.month, service=of.care, seen=of.seen, by=of.director,
        budget_pence=row.budget_pence, net_variance_pence=row.net_variance_pence,
    )  # fmt: skip


def write_another_text(of: Council) -> None:
    write_commentary(period=of.month, service=of.care, text="Other.", seen=of.seen, by=of.lead)


def take_file(of: Council, **more) -> None:
    uploads.receive_upload(
        kind="position", year=of.year, period=3, content=position("1140").encode(),
        file_name="p.csv", by=of.lead, **more,
    )  # fmt: skip


WRITES = {
    "a file received": take_file,
    "a file of a command": lambda of: bring(of.year, "services", SERVICES.replace("Care", "Cares")),
    "a file of reserves": lambda of: bring(of.year, "reserves", RESERVES.replace("Snow", "Ice")),
    "virements from a file": lambda of: bring(of.year, "virements", VIREMENTS + (
        "V3,03,R1,NET,R2,NET,1,funding,Cabinet,2021-06-20,Lamps\n"
    )),
    "a file confirmed": lambda of: uploads.confirm_upload(upload=of.ready, by=of.lead),
    "a file withdrawn": lambda of: uploads.withdraw_upload(upload=of.ready, by=of.lead),
    "a file run again": lambda of: uploads.run_again(upload=of.failed, by=of.lead),
    "columns matched": lambda of: uploads.match_columns(
        upload=of.refused, name="Ours", definition={"columns": {"a": "cost_centre"}}, by=of.lead
    ),
    "forecasts typed": change_forecast,
    "forecasts confirmed": lambda of: confirm_carried(node=of.care, number=3, by=of.lead),
    "commentary written": write_another_text,
    "commentary withdrawn": lambda of: withdraw_commentary(
        period=of.month, service=of.care, seen=of.seen, by=of.lead
    ),
    "commentary signed off": sign_off,
    "a virement entered": lambda of: of._enter_virement("NEW"),
    "a virement approved": lambda of: virements.approve_virement(
        year=of.year, reference="PENDING", approved_by="Cabinet", by=of.lead, today=TODAY
    ),
    "a virement declined": lambda of: virements.decline_virement(
        year=of.year, reference="PENDING", reason="No", by=of.lead, today=TODAY
    ),
    "a virement reversed": lambda of: virements.reverse_virement(
        year=of.year, reference="DECIDED", new_reference="BACK", period=3, amounts={1: 300},
        reason="Wrong", by=of.officer,
    ),
    "a saving added": lambda of: add_saving(
        year=of.year, reference="SV9", details=details("New"), by=of.lead
    ),
    "a saving changed": lambda of: change_saving(
        saving=of.saving, seen_version=saving_version(of.saving), details=details("Other"),
        by=of.lead,
    ),
    "a saving replaced": lambda of: replace_saving(
        saving=of.saving, period=of.month, reference="SV9", details=details("New"),
        agreement=Agreement("Cabinet", TODAY, "Late"), by=of.lead,
    ),
    "savings entered": lambda of: save_positions(
        period=of.month, within={of.saving.service_id}, by=of.lead,
        changes=[PositionChange(of.saving.pk, "", {"commentary": "On time"})],
    ),
    "savings carried": lambda of: carry_positions(
        period=of.month, within={of.saving.service_id}, by=of.lead
    ),
    "a reserve's movement": lambda of: enter_movement(reserve=of.reserve, **movement(of)),
    "a transfer of reserves": lambda of: enter_transfer(
        giver=of.reserve, receiver=of.other_reserve, **movement(of)
    ),
    "a notional offset entered": lambda of: enter_offset(
        period=of.month, amount_pence=500, reason="Overspends", seen=of.offset, by=of.lead
    ),
    "a notional offset taken back": lambda of: take_offset_back(
        period=of.month, reason="Wrong", seen=of.offset, by=of.lead
    ),
    "a deficit approved": lambda of: approve_deficit(
        reserve=of.reserve, up_to_pence=5, reason="Snow", by=of.lead
    ),
    "a service added": act_on_structure(
        structure.add_service, code="NEW", name="New", parent="PLACE", after=None, total_label="",
        section="",
    ),
    "a service renamed": act_on_structure(
        structure.rename_service, code="CARE", name="Cares", total_label="", section="One"
    ),
    "a service moved": act_on_structure(
        structure.move_service, code="PARKS", parent="PEOPLE", after=None
    ),
    "a service merged": act_on_structure(structure.merge_service, code="PARKS", successor="ROADS"),
    "a service closed": act_on_structure(structure.close_service, code="PARKS"),
    "lines moved": act_on_structure(
        structure.move_lines, code="ROADS", destination="PARKS", reason="Tidy"
    ),
    "settings changed": change_settings,
    "a table of settings saved": lambda of: save_settings(
        year=of.year, table=settings_tables()["commentary"], values={"variance_above": 10},
        by=of.lead, before=digest_of(settings_tables()["commentary"], of.settings),
    ),
    "settings imported": lambda of: import_settings(
        year=of.year, pack=PackFile("Another council", 2021, of.settings), by=of.lead,
        before=digest_of_year(FinancialYear.objects.get(pk=of.year.pk)),
    ),
    "the year rolled forward": lambda of: roll_year_forward(year=of.year, by=of.lead),
    "a report published": lambda of: publish_report(period=of.month, by=of.lead),
    "a report reopened": lambda of: reopen_report(
        period=period_of(of.year, 2), reason="Late", by=of.lead
    ),
    "reports redacted": lambda of: redact_reports(year=of.year, reason="Contract", by=of.lead),
}  # fmt: skip


def rows_of_everything(year: FinancialYear) -> dict[str, list[tuple]]:
    """Every row that belongs to the year, and those of tables that belong to none."""
    found = {
        table.model._meta.label: list(table.rows_of(year).order_by("pk").values_list())
        for table in tables_of_year()
    }
    for model in (FinancialYear, AuditEntry, Job, Layout, HistoricFigure):
        found[model._meta.label] = list(models.QuerySet(model).order_by("pk").values_list())
    return found


def set_archived(year: FinancialYear, at: datetime.datetime | None) -> None:
    FinancialYear.objects.filter(pk=year.pk).update(archived_at=at)


@pytest.mark.slow
def test_every_write_is_refused_and_nothing_changes(council):
    """Each write goes through while the year is not archived, so it is the archive's doing."""
    found = {name: try_write(council, write) for name, write in WRITES.items()}
    assert {name: fault for name, fault in found.items() if fault} == {}


def try_write(council: Council, write) -> str:
    """Make a write in an archived year, then in the open one; return what went wrong."""
    set_archived(council.year, timezone.now())
    council.look_again()
    before = rows_of_everything(council.year)
    fault = why_not_refused(council, write)
    if rows_of_everything(council.year) != before:
        fault = fault or "it was refused and changed something"
    set_archived(council.year, None)
    with transaction.atomic():
        council.look_again()
        write(council)
        now = rows_of_everything(council.year)
        transaction.set_rollback(True)
    changed = {label for label, rows in now.items() if rows != before[label]}
    return fault or ("" if changed - {"monitoring.FinancialYear"} else "an open year keeps nothing")


def why_not_refused(council: Council, write) -> str:
    try:
        write(council)
    except Refused as refused:
        return "" if SENTENCE in str(refused) else f"another sentence: {refused}"
    return "it was not refused"


@pytest.mark.slow
def test_jobs_that_run_already_store_nothing(council):
    take_file(council)
    upload = Upload.objects.get(state=UploadState.CHECKING)
    set_archived(council.year, timezone.now())
    run_job(upload.job_id, check_upload)
    upload.refresh_from_db()
    assert upload.state == UploadState.REFUSED
    assert upload.problems[0]["message"] == SENTENCE


@pytest.mark.slow
def test_figures_of_drafts_are_still_brought_up_to_date(council):
    Period.objects.filter(pk=council.month.pk).update(figures_revision=1)
    set_archived(council.year, timezone.now())
    recompute_behind()
    assert period_of(council.year, 3).figures_revision == council.revision


@pytest.mark.slow
def test_a_person_is_erased_from_an_archived_year_too(council):
    set_archived(council.year, timezone.now())
    erase_person(person=council.director, by=None)
    assert find_commentary(council.month, council.care).written_by.name.startswith("Erased person")


def test_commands_and_packs_say_so_and_store_nothing(council, tmp_path, capsys):
    set_archived(council.year, timezone.now())
    path = tmp_path / "position.csv"
    path.write_text(position("1140"))
    before = rows_of_everything(council.year)
    for command in (
        ("upload", "position", str(path), "--year", "2021/22", "--period", "3"),
        ("publish", "--year", "2021/22", "--period", "3"),
    ):
        with pytest.raises(SystemExit) as ended:
            call_command(*command)
        assert ended.value.code == 1
        assert SENTENCE in capsys.readouterr().err
    assert load_pack_itself(folder=council.folder, by=None).stored == [], (
        "the same again is no write"
    )
    toml = council.folder / "pack.toml"
    toml.write_text(toml.read_text().replace('unit = "pounds"', 'unit = "k"'))
    with pytest.raises(Refused) as refused:
        load_pack_itself(folder=council.folder, by=None)
    assert str(refused.value) == SENTENCE
    assert rows_of_everything(council.year) == before


def post_all(council: Council) -> dict[str, tuple[str, dict]]:
    """Address and form of a write on every kind of page."""
    year, care = [2021], [2021, 3, "CARE"]
    line = council.line("C1")
    return {
        "upload-for-period": (
            reverse("upload-for-period", args=[2021, 3]),
            {"kind": "position", "file": SimpleUploadedFile("p.csv", b"a\n1\n")},
        ),
        "upload-confirm": (reverse("upload-confirm", args=[council.ready.pk]), {}),
        "forecasts": (
            reverse("forecasts", args=care),
            {"line": [line], f"seen_{line}": "1120", f"forecast_{line}": "1150"},
        ),
        "commentary-edit": (
            reverse("commentary-edit", args=care),
            {"text": "Other.", "seen": council.seen},
        ),
        "virement": (
            reverse("virement", args=[2021, "PENDING"]),
            {"action": "approve", "approved_by": "Cabinet"},
        ),
        "service-change": (
            reverse("service-change", args=[2021, "CARE"]),
            {
                "act": "rename",
                "name": "Cares",
                "section": "One",
                "confirm": "yes",
                "revision": council.revision,
            },
        ),
        "review": (
            reverse("review", args=[2021, 3]),
            {"version": "1", "revision": council.revision},
        ),
        "year-roll-forward": (reverse("year-roll-forward", args=year), {}),
        "saving-new": (
            reverse("saving-new", args=year),
            {"reference": "SV9", "title": "New", "service": "ROADS", "agreed": "10"},
        ),
        "reserve": (
            reverse("reserve", args=[2021, "WINTER"]),
            {
                "action": "move",
                "way": "in",
                "form": str(uuid.uuid4()),
                "period": "3",
                "kind": "anticipated",
                "amount": "1",
                "description": "Salt",
                "approved_by": "Cabinet",
            },
        ),
    }


@pytest.mark.slow
def test_pages_say_so_and_store_nothing(client, council):
    client.force_login(council.lead)
    set_archived(council.year, timezone.now())
    before = rows_of_everything(council.year)
    for name, (address, form) in post_all(council).items():
        response = client.post(address, form)
        page = html.unescape(response.content.decode())
        assert response.status_code in (409, 422), f"{name}: {response.status_code}"
        assert SENTENCE in page, name
        assert rows_of_everything(council.year) == before, name


OFFERS = {
    "/2021-22/3/upload/": "Check file",
    "/2021-22/upload/": "Check file",
    "/2021-22/2/review/": "Reopen month 2",
    "/2021-22/3/review/": "Publish month 3",
    "/2021-22/3/virements/": "Enter a virement",
    "/2021-22/virements/DECIDED/": "Enter reversal",
    "/2021-22/virements/PENDING/": "Decline PENDING",
    "/2021-22/3/savings/": "Add a saving",
    "/2021-22/3/reserves/": "upload them for the year",
    "/2021-22/reserves/WINTER/": "Add movement",
    "/2021-22/3/forecasts/CARE/": "Save forecasts",
}
"""What a page of the open year offers the finance lead to do, by its address."""


@pytest.mark.slow
def test_no_page_offers_what_is_refused(client, council):
    client.force_login(council.lead)
    year = council.year
    for is_archived in (False, True):
        set_archived(year, timezone.now() if is_archived else None)
        for address, words in OFFERS.items():
            page = client.get(address)
            assert page.status_code == 200, address
            shown = html.unescape(page.content.decode()).split("<main")[1]
            assert (words in shown) != is_archived, (address, is_archived)
