"""The set-up: its steps for each role, left and taken up again, and what is wrong in each."""

import datetime
import io
import re

import pytest
from django.apps import apps
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from monitoring.identity.services import save_council
from monitoring.models import (
    Council,
    FinancialYear,
    Period,
    Service,
    SetUpMark,
    TreeDraft,
    Upload,
)
from monitoring.people.selectors.people import parts_to_choose_from
from monitoring.set_up.forms import YearForm
from monitoring.set_up.selectors import set_up_of
from monitoring.set_up.services import trees
from tests.councils.packs import bring, position, publish

COUNCIL, YEAR = "/set-up/council/", "/set-up/year/"
OTHERS = sorted(set(Role) - {Role.ADMINISTRATOR, Role.FINANCE_LEAD, Role.NO_ROLE})
SERVICES, PREVIEW = "/set-up/services/", "/set-up/services/preview/"
NAMED = {"name": "Wharfedale Council", "short_name": "", "accent": "", "revision": "0"}
LIST = "Wharfedale Council\n  Adults\n    Care\n    Homes\n  Place\n    Roads"
CSV = "code,name,parent_code\nALL,Council,\nCARE,Care,ALL\nROADS,Roads,ALL\n"
MADE = '<span class="quiet">made</span>'
FIGURES = position("CARE C1 100 100 110\nHOMES H1 50 50 50\nROADS R1 70 70 60")


@pytest.fixture
def empty(db):
    """The site as it has just been installed: nothing in the tables of its apps."""
    for label in ("monitoring", "savings", "reserves"):
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            # Foreign keys are checked when a transaction ends, so in any order.
            QuerySet(model)._raw_delete("default")


@pytest.fixture
def admin(client, person, empty):
    user = person(Role.ADMINISTRATOR, username="alex")
    client.force_login(user)
    return user


@pytest.fixture
def named(client, admin):
    """The council has a name."""
    client.post(COUNCIL, NAMED)
    return admin


@pytest.fixture
def year(client, named):
    """There is a first year."""
    client.post(YEAR, {"start": this_year()})
    return FinancialYear.objects.get()


@pytest.fixture
def stored(client, year):
    """The services are stored."""
    client.post(SERVICES, {"act": "paste", "text": LIST})
    assert act(client, "store").url == "/set-up/"
    return year


def this_year() -> int:
    return YearForm(today=datetime.date.today()).initial["start"]


def log_in(person, role: Role, **fields) -> Client:
    client = Client()
    client.force_login(person(role, **fields))
    return client


def act(client, what: str, **fields):
    """Press a button of the preview, as it is now."""
    revision = TreeDraft.objects.get().revision
    return client.post(PREVIEW, {"act": what, "revision": revision, **fields})


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def next_of(response) -> list[str]:
    return re.findall(r'class="govuk-button" href="([^"]*)">', response.content.decode())


def states(user: User) -> str:
    """The first letter of each step's state: done, under way, to do, waits."""
    return "".join(step.state[0] for step in set_up_of(user).steps)


# The steps


def test_the_first_page_of_an_empty_site_is_the_set_up(client, admin):
    assert client.get("/").url == "/set-up/"
    page = client.get("/set-up/")
    assert next_of(page) == [COUNCIL]
    assert "0 of 7 steps done" in text_of(page)
    assert "manage.py" not in page.content.decode()
    assert states(admin) == "twwwtww"
    assert "1 administrator. To be added: a finance lead and a finance officer." in text_of(page)


@pytest.mark.parametrize("role", OTHERS)
def test_others_are_told_that_the_council_is_being_set_up(person, empty, role):
    client = log_in(person, role)
    page = text_of(client.get("/"))
    assert "The council is being set up" in page and "manage.py" not in page
    for address in (COUNCIL, YEAR, SERVICES, PREVIEW, "/set-up/settings/"):
        assert client.get(address).status_code == 403
        assert client.post(address, NAMED).status_code == 403
    reads = role == Role.FINANCE_OFFICER
    assert client.get("/set-up/").status_code == (200 if reads else 403)
    assert client.post("/set-up/dismiss/").status_code == 403
    assert not Council.objects.exists() and not SetUpMark.objects.exists()


def test_every_step_is_left_and_taken_up_again(client, admin, person):
    """After each step a new browser shows what is done, and goes on with the next."""
    for address, fields, state, following in (
        (COUNCIL, NAMED, "dtwwtww", YEAR),
        (YEAR, {"start": this_year()}, "ddtttww", SERVICES),
        (SERVICES, {"act": "paste", "text": LIST}, "dduttww", SERVICES),
        (PREVIEW, {"act": "store", "revision": "1"}, "dddtttt", "/set-up/settings/"),
        ("/set-up/settings/", {}, "ddddttt", "/settings/people/"),
    ):
        assert client.post(address, fields).status_code == 302, address
        client = Client()
        client.force_login(admin)
        assert client.get("/").url == "/set-up/"
        assert (states(admin), next_of(client.get("/set-up/"))) == (state, [following])
    lead, officer = (person(role) for role in (Role.FINANCE_LEAD, Role.FINANCE_OFFICER))
    assert states(admin) == "dddddtt"
    page = text_of(client.get("/set-up/"))
    assert "Next: approved budget" in page and "A finance officer or lead does this" in page
    year = FinancialYear.objects.get()
    for user in (lead, officer):
        client.force_login(user)
        home = client.get("/").content.decode()
        assert f'href="/{year.slug}/0/upload/?kind=position"' in home
        assert "5 of 7 steps done" in home
    bring(year, "position", FIGURES, 0)
    assert next_of(client.get("/set-up/")) == ["/set-up/first-month/"]
    assert f"/{year.slug}/4/upload/" in client.get("/set-up/first-month/").content.decode()
    bring(year, "position", FIGURES, 4)
    assert states(admin) == "ddddddd"
    client.force_login(admin)
    assert client.get("/").status_code == 200
    assert "Everything is set up" in text_of(client.get("/set-up/"))
    publish(year, 4)
    assert client.get("/").status_code == 200


def test_people_without_a_role_are_counted_apart_and_take_no_part(client, admin, person):
    other = log_in(person, Role.NO_ROLE)
    assert "1 administrator, 1 without a role. To be added" in text_of(client.get("/set-up/"))
    for address in ("/set-up/", COUNCIL, YEAR, SERVICES, "/settings/council/"):
        assert other.get(address).status_code == 403


def test_a_lead_sets_years_up_and_adds_nobody(person, empty):
    client = log_in(person, Role.FINANCE_LEAD)
    assert client.get("/").url == "/set-up/"
    client.post(COUNCIL, NAMED)
    client.post(YEAR, {"start": this_year()})
    assert client.get("/").url == "/set-up/"
    client.post(SERVICES, {"act": "paste", "text": LIST})
    act(client, "store")
    client.post("/set-up/settings/")
    page = client.get("/set-up/")
    assert "/settings/people/" not in page.content.decode()
    assert "To be added: a finance officer. An administrator does this." in text_of(page)
    assert client.get("/").status_code == 200


def test_the_set_up_can_be_dismissed_and_shown_again(client, stored, admin):
    assert client.post("/set-up/dismiss/").url == "/"
    assert client.get("/").status_code == 200
    assert "The set-up is not shown first" in text_of(client.get("/set-up/"))
    client.post("/set-up/dismiss/", {"show": "again"})
    assert client.get("/").url == "/set-up/"
    entries = AuditEntry.objects.filter(record="set-up").order_by("pk")
    assert [(each.action, each.by) for each in entries] == [
        ("dismissed the set-up", admin),
        ("took the set-up up again", admin),
    ]


def test_a_council_that_publishes_is_set_up(client, person, somerset):
    client.force_login(person(Role.ADMINISTRATOR))
    assert client.get("/").status_code == 200


# The first year


def test_the_first_year_bears_the_councils_name(client, year):
    assert (year.council, year.settings) == ("Wharfedale Council", {})
    assert Period.objects.filter(year=year).count() == 14
    entry = AuditEntry.objects.filter(record=f"year {year.label}").latest("pk")
    assert (entry.action, entry.by.username) == ("set up", "alex")


@pytest.mark.parametrize(
    ("today", "current"), [((2026, 3, 31), 2025), ((2026, 4, 1), 2026), ((2026, 12, 1), 2026)]
)
def test_the_year_under_way_is_chosen_already(today, current):
    form = YearForm(today=datetime.date(*today))
    assert form.initial["start"] == current
    assert form.fields["start"].choices[0] == (
        str(current + 1),
        f"{current + 1}/{current % 100 + 2}",
    )


def test_there_is_one_first_year_and_none_before_the_name(client, admin):
    assert client.post(YEAR, {"start": this_year()}).status_code == 409
    client.post(COUNCIL, NAMED)
    for wrong in ("", "1066", "x", this_year() + 2):
        assert client.post(YEAR, {"start": wrong}).status_code == 422
    assert not FinancialYear.objects.exists()
    client.post(YEAR, {"start": this_year()})
    response = client.post(YEAR, {"start": this_year() - 1})
    assert response.status_code == 409
    assert "has been set up already" in text_of(response)
    assert FinancialYear.objects.count() == 1


def test_steps_that_need_a_year_are_not_there_before(client, named):
    for address in (SERVICES, PREVIEW, "/set-up/settings/"):
        assert client.get(address).status_code == 404


# The services


def test_a_pasted_tree_is_previewed_and_stored_as_a_file_of_services(client, year, admin):
    response = client.post(SERVICES, {"act": "paste", "text": LIST})
    assert response.url == PREVIEW
    assert not Service.objects.exists()
    page = client.get(PREVIEW)
    assert "6 rows, of which 3 are services" in text_of(page)
    assert page.content.decode().count(MADE) == 6
    fields = {"code-3": "C100", "total-1": "Net total", "code-99": "X", "total-x": "X"}
    assert act(client, "check", **fields).url == PREVIEW
    assert client.get(PREVIEW).content.decode().count(MADE) == 5
    assert act(client, "store").url == "/set-up/"
    rows = Service.objects.filter(year=year).order_by("order")
    assert [(row.code, row.name, row.parent and row.parent.code, row.total_label)
            for row in rows] == [
        ("WHARFEDALE-COUNCIL", "Wharfedale Council", None, "Net total"),
        ("ADULTS", "Adults", "WHARFEDALE-COUNCIL", "Total Adults"),
        ("C100", "Care", "ADULTS", ""),
        ("HOMES", "Homes", "ADULTS", ""),
        ("PLACE", "Place", "WHARFEDALE-COUNCIL", "Total Place"),
        ("ROADS", "Roads", "PLACE", ""),
        ("UNALLOCATED", "Unallocated", "WHARFEDALE-COUNCIL", ""),
    ]  # fmt: skip
    upload = Upload.objects.get()
    assert (upload.kind, upload.state, upload.uploaded_by) == ("services", "stored", admin)
    assert upload.file_name == "pasted-services.csv" and upload.row_count == 6
    assert not TreeDraft.objects.exists()
    entry = AuditEntry.objects.get(action="stored services in the set-up")
    assert entry.detail == {"services": 6, "upload": upload.pk}
    codes = [part.code for part in parts_to_choose_from()]
    assert codes == [row.code for row in rows if row.code != "UNALLOCATED"]


def test_a_director_and_a_manager_are_added_before_there_are_figures(client, stored):
    page = client.get("/settings/people/new/").content.decode()
    assert 'value="ADULTS"' in page and 'value="CARE"' in page
    for role, part in ((Role.DIRECTOR, "ADULTS"), (Role.BUDGET_MANAGER, "CARE")):
        fields = {"username": role.value, "name": "Jo Example", "role": role, "parts": [part]}
        assert client.post("/settings/people/new/", fields).status_code == 302
        other = Client()
        other.force_login(User.objects.get(username=role.value))
        assert other.get("/").status_code == 200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type or paste at least one service."),
        ("  \n\t\n", "Type or paste at least one service."),
        ("A\n    B\n  C", "Row 3: it begins between two levels."),
        ("x" * 500_001, "The text is too long. Upload the list as a file."),
    ],
)
def test_a_text_that_is_no_tree_is_refused_and_stays_in_the_field(client, year, text, said):
    response = client.post(SERVICES, {"act": "paste", "text": text})
    assert response.status_code == 422 or response.status_code == 409
    assert said in text_of(response)
    assert not TreeDraft.objects.exists()
    if text.startswith("A"):
        assert text in response.content.decode()


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            "Adults\n  Care\nPlace\n  Roads",
            ["Row 3, service above it: exactly one service must have none above it: the top of the"
             " tree"],
        ),
        (
            "Code\tName\tParent\nA\tOne\t\nB\tTwo\tC\nC\tThree\tB",
            [
                "Row 3, service above it: “C”: the service stands above itself",
                "Row 4, service above it: “B”: the service stands above itself",
            ],
        ),
        (
            "A\tOne\nB\tTwo\tA\nB\tThree\tA",
            ["Row 3, code: “B”: this code stands on an earlier row too"],
        ),
        (
            "A\tOne\nB\tTwo\tZ",
            ["Row 2, service above it: “Z”: no row of the list has that code"],
        ),
        (
            "One\n  Two\tUNALLOCATED",
            ["Row 2, code: “UNALLOCATED”: the product keeps this code for unplaced lines"],
        ),
        (f"One\n  {'x' * 301}", ["Row 2, name: the text has more than 300 characters"]),
        (f"One\n  Two\t{'C' * 65}", ["Row 2, code: “CCC"]),
    ],
)  # fmt: skip
def test_faults_of_a_tree_are_said_by_its_rows_and_nothing_is_stored(client, year, text, faults):
    client.post(SERVICES, {"act": "paste", "text": text})
    page = text_of(client.get(PREVIEW))
    for fault in faults:
        assert page.count(fault) == 2, page  # above, and beside its row
    assert "Store these services" not in page
    response = act(client, "store")
    assert response.status_code == 409
    assert not Service.objects.exists() and not Upload.objects.exists()
    assert TreeDraft.objects.exists(), "it can be put right"


def test_several_tops_are_put_under_the_council_by_a_button(client, year):
    client.post(SERVICES, {"act": "paste", "text": "Adults\n  Care\nPlace\n  Roads"})
    assert "Put all of them under Wharfedale Council" in text_of(client.get(PREVIEW))
    act(client, "top")
    page = text_of(client.get(PREVIEW))
    assert "Put all of them under" not in page and "Store these services" in page
    act(client, "store")
    assert Service.objects.get(parent=None).name == "Wharfedale Council"


def test_a_code_that_is_wrong_is_put_right_in_the_preview(client, year):
    client.post(SERVICES, {"act": "paste", "text": "One\tA\n  Two\tB\n  Three\tB"})
    assert act(client, "store", **{"code-3": "C"}).url == "/set-up/"
    assert set(Service.objects.values_list("code", flat=True)) == {"A", "B", "C", "UNALLOCATED"}


def test_a_code_is_made_again_where_it_is_taken_out(client, year):
    client.post(SERVICES, {"act": "paste", "text": "One\n  Two"})
    act(client, "check", **{"code-2": " "})
    assert "the cell is blank; a value is needed" in text_of(client.get(PREVIEW))


@pytest.mark.parametrize("name", ["services.csv", "services.xlsx"])
def test_a_file_is_previewed_kept_as_it_came_and_stored(client, year, name):
    content = CSV.encode() if name.endswith("csv") else workbook_of(CSV)
    response = client.post(SERVICES, {"act": "file", "file": named_file(content, name)})
    assert response.url == PREVIEW
    page = text_of(client.get(PREVIEW))
    assert f"From the file {name}." in page and "Roads ROADS" in page
    act(client, "store")
    assert Service.objects.filter(year=year).count() == 4
    upload = Upload.objects.get()
    assert (upload.file_name, upload.size) == (name, len(content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"code,name,parent_code\nA,One,\nB,Two,\n", "Row 3, column parent_code"),
        (b"code,name,parent_code\nA,One,\nB,Two,Z\n", "no row of this file has that code"),
        (b"code,name,parent_code\nA,One,\nA,Two,A\n", "this code stands on an earlier row too"),
        (b"code,name,parent_code\nA,One,B\nB,Two,A\n", "the service stands above itself"),
        (b"code,name,parent_code\n", "There are headings but no rows under them."),
        (b"kind,of,thing\n1,2,3\n", "uploaded with its columns matched"),
        (b"\x00\x01\x02nothing", "These services cannot be stored yet"),
    ],
)
def test_a_wrong_file_is_not_stored(client, year, content, said):
    client.post(SERVICES, {"act": "file", "file": named_file(content, "services.csv")})
    page = client.get(PREVIEW)
    assert page.status_code == 200
    assert said in text_of(page)
    assert act(client, "store").status_code == 409
    assert not Service.objects.exists() and not Upload.objects.exists()


def test_no_file_an_empty_one_and_one_that_is_too_large_are_refused(client, year, monkeypatch):
    monkeypatch.setattr(trees, "MOST_FILE_BYTES", 10)
    for file, said in (
        ("", "Choose a file."),
        (named_file(b"", "a.csv"), "The file is empty."),
        (named_file(CSV.encode(), "a.csv"), "The file is larger than"),
    ):
        response = client.post(SERVICES, {"act": "file", "file": file})
        assert response.status_code in (409, 422)
        assert said in text_of(response)
    assert not TreeDraft.objects.exists()


def test_of_two_people_with_one_draft_the_second_is_told(client, year, person):
    client.post(SERVICES, {"act": "paste", "text": LIST})
    other = log_in(person, Role.FINANCE_LEAD)
    before = TreeDraft.objects.get().revision
    act(other, "check", **{"code-3": "C100"})
    late = client.post(PREVIEW, {"act": "store", "revision": before, "code-3": "MINE"})
    assert late.status_code == 409
    assert "Somebody else has changed or stored these services" in text_of(late)
    assert not Service.objects.exists()
    assert "C100" in client.get(PREVIEW).content.decode()
    act(client, "store")
    again = other.post(PREVIEW, {"act": "store", "revision": before})
    assert again.url == SERVICES, "there is nothing left to store"
    assert Upload.objects.count() == 1


def test_a_draft_is_discarded_or_replaced(client, year):
    client.post(SERVICES, {"act": "paste", "text": LIST})
    assert client.get(SERVICES).url == PREVIEW
    assert client.get(f"{SERVICES}?new=1").status_code == 200
    client.post(SERVICES, {"act": "paste", "text": "One\n  Two"})
    assert len(TreeDraft.objects.get().services) == 2
    assert act(client, "discard").url == SERVICES
    assert not TreeDraft.objects.exists()
    assert client.get(PREVIEW).url == SERVICES


def test_another_list_says_which_services_close(client, stored):
    assert "6 open services" in text_of(client.get(SERVICES))
    client.post(SERVICES, {"act": "paste", "text": LIST.replace("Homes", "Housing")})
    page = text_of(client.get(PREVIEW))
    assert "Services that this list no longer names will close Homes (HOMES)" in page
    act(client, "store")
    assert Service.objects.get(code="HOMES").named is False


def test_once_there_are_figures_services_change_on_their_own_page(client, stored):
    bring(stored, "position", FIGURES, 1)
    assert "Enter another list" not in text_of(client.get(SERVICES))
    response = client.post(SERVICES, {"act": "paste", "text": "One\n  Two"})
    assert response.status_code == 409
    assert "has figures already. Change its services on the page Structure" in text_of(response)


def test_nothing_of_the_set_up_is_seen_in_a_years_report_settings(client, stored, admin):
    client.post("/set-up/settings/")
    assert SetUpMark.objects.get().by == admin
    client.post("/set-up/settings/")
    assert AuditEntry.objects.filter(record="set-up").count() == 1


def test_the_next_year_has_the_name_of_today(client, stored, admin):
    save_council(name="New Name", short_name="", accent="", logo=None, revision=1, by=admin)
    stored.refresh_from_db()
    assert stored.council == "New Name"
    client.post(reverse("year-roll-forward", args=[stored.start]))
    assert FinancialYear.objects.get(start=stored.start + 1).council == "New Name"


def named_file(content: bytes, name: str) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def workbook_of(text: str) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append([cell or None for cell in line.split(",")])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
