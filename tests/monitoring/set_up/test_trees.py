"""The services in the set-up: pasted or a file, previewed, put right and stored."""

import io

import pytest
from django.test import Client

from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from monitoring.models import Service, TreeDraft, Upload
from monitoring.people.selectors.people import parts_to_choose_from
from monitoring.set_up.services import trees
from tests.councils.packs import bring, position
from tests.monitoring.set_up.conftest import LIST, PREVIEW, SERVICES, act, log_in, text_of

pytestmark = pytest.mark.slow

CSV = "code,name,parent_code\nALL,Council,\nCARE,Care,ALL\nROADS,Roads,ALL\n"
MADE = '<span class="quiet">made from the name</span>'
FIGURES = position("CARE C1 100 100 110\nHOMES H1 50 50 50\nROADS R1 70 70 60")


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
