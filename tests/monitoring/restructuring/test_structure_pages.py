"""The pages of the structure: previews before anything is stored, and who may do what."""

import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.models import BudgetLine, Service
from monitoring.restructuring import views
from monitoring.restructuring.selectors.structure import register_of
from monitoring.restructuring.services.years import set_up_year
from tests.councils.packs import bring, publish
from tests.monitoring.restructuring.test_structure import (  # noqa: F401 - seaside is a fixture
    MONTH_3,
    figures,
    fresh,
    line_ids,
    lines_of,
    pence,
    seaside,
    service_of,
    snapshot,
    store,
)

TREE = "/2021-22/structure/"
NEW = "/2021-22/new-service/"
TRAVEL = "/2021-22/structure/TRAVEL/"
LINES = "/2021-22/service-lines/TRAVEL/"
MOVE = {"act": "move", "parent": "FAM", "after": "after:SCHOOL"}
ADD = {"code": "LIBR", "name": "Libraries", "parent": "FAM", "after": "first"}
KEEPERS = [Role.ADMINISTRATOR, Role.FINANCE_LEAD]
OTHERS = sorted(set(Role) - set(KEEPERS))


@pytest.fixture
def lead(client, person):
    user = person(Role.FINANCE_LEAD)
    client.force_login(user)
    return user


def text_of(response) -> str:
    """The page's words, each run of spaces one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def confirmed(client, address: str, fields: dict, revision: int | str):
    return client.post(address, {**fields, "confirm": "yes", "revision": revision})


def hidden_fields(response) -> list[tuple[str, str]]:
    found = re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.content.decode()
    )
    return [(name, value) for name, value in found if name != "csrfmiddlewaretoken"]


def test_the_addresses_are_readable():
    assert reverse("structure", args=[2021]) == TREE
    assert reverse("service-new", args=[2021]) == NEW
    assert reverse("service-change", args=[2021, "TRAVEL"]) == TRAVEL
    assert reverse("lines-move", args=[2021, "TRAVEL"]) == LINES


def test_the_tree_shows_each_service_in_its_place(client, lead, seaside):  # noqa: F811
    store(seaside, "merge", "HEALTH", successor="CARE")
    store(seaside, "close", "TRAVEL")
    response = client.get(TREE)
    page = text_of(response)
    open_part, closed_part = page.split("Closed services")
    assert [open_part.index(name) for name in ("Families", "Schools", "Housing", "Care")] == sorted(
        open_part.index(name) for name in ("Families", "Schools", "Housing", "Care")
    )
    assert 'data-level="2"' in response.content.decode()
    assert "once 2 lines of open periods have gone" in open_part
    assert "Families total" in open_part and "Learning" in open_part
    assert "Health HEALTH Care CARE , its successor" in closed_part.replace("CARE,", "CARE ,")
    row = re.search(r"<th scope=\"row\">Care</th>.*?</tr>", response.content.decode(), re.S)
    assert ">2<" in row[0]  # with the line of the service that was merged into it


def test_an_officer_reads_the_tree_and_is_offered_nothing(client, person, seaside):  # noqa: F811
    client.force_login(person(Role.FINANCE_OFFICER))
    page = client.get(TREE).content.decode()
    assert "Travellers" in page
    for address in (NEW, TRAVEL, LINES, "roll-forward"):
        assert address not in page


@pytest.mark.parametrize("role", OTHERS)
def test_others_change_nothing(client, person, seaside, role):  # noqa: F811
    client.force_login(person(role))
    before = snapshot(seaside)
    for address, fields in (
        (NEW, ADD),
        (TRAVEL, MOVE),
        (LINES, {"all": "yes", "destination": "YOUTH", "reason": "Team"}),
    ):
        assert client.get(address).status_code == 403
        assert confirmed(client, address, fields, before[0]).status_code == 403
    assert snapshot(seaside) == before
    assert client.get(TREE).status_code == (200 if role == Role.FINANCE_OFFICER else 403)


@pytest.mark.slow
@pytest.mark.parametrize("role", KEEPERS)
def test_a_move_is_previewed_and_then_stored(client, person, seaside, role):  # noqa: F811
    user = person(role)
    client.force_login(user)
    before = snapshot(seaside)
    response = client.post(TRAVEL, MOVE)
    page = text_of(response)
    assert response.status_code == 200
    assert "Move Travellers?" in page
    assert "Stands under Housing (HOUS) Families (FAM)" in page
    assert "Families total changes 8,000 8,600 747 747 819" in page
    assert "Council total unchanged 60,640 60,640 5,312 5,272 5,272" in page
    assert "The council’s own figures stay as they are" in page
    assert "compared with month 2, version 1" in page
    assert snapshot(seaside) == before
    sent = hidden_fields(response)
    assert dict(sent) == {**MOVE, "confirm": "yes", "revision": str(before[0])}
    response = client.post(TRAVEL, dict(sent))
    assert (response.status_code, response.url) == (302, TREE)
    assert "Travellers has been moved" in text_of(client.get(TREE))
    assert figures(seaside)["FAM"].previous_net_variance_pence == pence("819")
    assert AuditEntry.objects.get(action="moved a service").by == user


@pytest.mark.slow
def test_a_confirmation_of_what_has_changed_meanwhile_is_previewed_afresh(
    client,
    lead,
    seaside,  # noqa: F811
):
    revision = fresh(seaside).revision
    bring(seaside, "position", MONTH_3.replace("T200,NET,100,100,120", "T200,NET,100,100,999"), 3)
    before = snapshot(seaside)
    response = confirmed(client, TRAVEL, MOVE, revision)
    assert response.status_code == 409
    assert "have changed since you looked" in text_of(response)
    assert "Families total changes" in text_of(response)
    assert snapshot(seaside) == before
    assert dict(hidden_fields(response))["revision"] == str(before[0])
    assert client.post(TRAVEL, dict(hidden_fields(response))).status_code == 302
    assert service_of(seaside, "TRAVEL").parent.code == "FAM"


@pytest.mark.slow
def test_a_confirmation_without_a_true_revision_stores_nothing(client, lead, seaside):  # noqa: F811
    before = snapshot(seaside)
    for revision in ("", "x", "-1", "²", "9" * 40):
        assert confirmed(client, TRAVEL, MOVE, revision).status_code == 409
    assert snapshot(seaside) == before


def test_a_second_confirmation_stores_nothing_twice(client, lead, seaside):  # noqa: F811
    revision = fresh(seaside).revision
    assert confirmed(client, NEW, ADD, revision).status_code == 302
    before = snapshot(seaside)
    response = confirmed(client, NEW, ADD, revision)
    assert response.status_code == 409
    assert "LIBR is the code of Libraries already" in text_of(response)
    assert snapshot(seaside) == before


@pytest.mark.slow
def test_a_service_is_added(client, lead, seaside):  # noqa: F811
    page = client.get(f"{NEW}?under=HOUS").content.decode()
    assert re.search(r'<option value="HOUS" selected>', page)
    response = client.post(NEW, ADD)
    assert "Add Libraries?" in text_of(response)
    assert "Libraries appears – 0" in text_of(response)
    response = client.post(NEW, dict(hidden_fields(response)))
    assert response.url == TREE
    assert [row.code for row in register_of(seaside).siblings(service_of(seaside, "FAM").pk)] == [
        "LIBR",
        "SCHOOL",
        "YOUTH",
    ]


BAD = [
    ({**ADD, "code": ""}, "Give the service a code."),
    ({**ADD, "code": " " * 3}, "Give the service a code."),
    ({**ADD, "name": ""}, "Give the service a name."),
    ({**ADD, "name": "x" * 301}, "Shorten the text to 300 characters; it has 301."),
    ({**ADD, "parent": ""}, "Choose the service above it."),
    ({**ADD, "parent": "UNALLOCATED"}, "Select a valid choice"),
    ({**ADD, "after": "CARE"}, "Select a valid choice"),
    ({}, "Give the service a code."),
]


def test_bad_input_is_told_at_its_field(client, lead, seaside):  # noqa: F811
    before = snapshot(seaside)
    for fields, message in BAD:
        response = confirmed(client, NEW, fields, before[0])
        assert response.status_code == 422
        assert text_of(response).count(message) == 2  # in the summary, and at the field
        assert "Nothing was changed" in text_of(response)
    assert snapshot(seaside) == before


REFUSALS = [
    (NEW, {**ADD, "code": "CARE"}, "CARE is the code of Care already"),
    (NEW, {**ADD, "code": "A\nB"}, "no line breaks"),
    (NEW, {**ADD, "code": ".."}, "letters or digits"),
    (NEW, {**ADD, "code": "FAM (closed)"}, "cannot end in “(closed)”"),
    (NEW, {**ADD, "after": "after:CARE"}, "CARE does not stand under the service chosen"),
    (TRAVEL, {"act": "move", "parent": "HOUS", "after": "last"}, "Nothing would change"),
    (TRAVEL, {"act": "rename", "name": "Travellers"}, "Nothing would change"),
]


@pytest.mark.slow
def test_a_refusal_stands_on_the_page_of_the_form(client, lead, seaside):  # noqa: F811
    before = snapshot(seaside)
    for address, fields, message in REFUSALS:
        for sent in (fields, {**fields, "confirm": "yes", "revision": before[0]}):
            response = client.post(address, sent)
            assert response.status_code == 409
            assert message in text_of(response)
    assert snapshot(seaside) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "fields", "asked", "done"),
    [
        ("rename", {"name": "Sites"}, "Rename", "has been renamed"),
        ("merge", {"successor": "HOMES"}, "Merge Travellers", "has closed; its lines"),
        ("close", {}, "Close Travellers?", "closes once no line"),
    ],
)
def test_each_act_on_a_service(client, lead, seaside, act, fields, asked, done):  # noqa: F811
    response = client.post(TRAVEL, {"act": act, **fields})
    assert (response.status_code, asked in text_of(response)) == (200, True)
    response = client.post(TRAVEL, dict(hidden_fields(response)), follow=True)
    assert done in text_of(response)
    if act == "rename":
        return
    page = text_of(client.get(TRAVEL))
    assert "Preview reopening" in page
    response = client.post(TRAVEL, {"act": "reopen"})
    response = client.post(TRAVEL, dict(hidden_fields(response)), follow=True)
    assert "is open again" in text_of(response)
    assert service_of(seaside, "TRAVEL").named


@pytest.mark.slow
def test_only_what_fits_a_services_state_is_offered_and_taken(client, lead, seaside):  # noqa: F811
    store(seaside, "merge", "HEALTH", successor="CARE")
    offered = {
        "TOP": {"rename"},
        "FAM": {"rename", "move"},
        "CARE": {"rename", "move", "merge", "close"},
        "HEALTH": {"reopen"},
        "UNALLOCATED": set(),
    }
    for code, acts in offered.items():
        address = reverse("service-change", args=[2021, code])
        page = client.get(address).content.decode()
        assert set(re.findall(r'name="act" value="(\w+)"', page)) == acts, code
        for act in {*views.ACTS, "", "delete"} - acts:
            assert client.post(address, {"act": act}).status_code == 404
    assert b"Merge, move or close those first" in client.get("/2021-22/structure/FAM/").content


def test_a_service_is_not_offered_a_place_under_itself(client, lead, seaside):  # noqa: F811
    page = client.get("/2021-22/structure/FAM/").content.decode()
    choices = set(re.findall(r'<option value="(\w+)"', page.split('id="id_parent"')[1]))
    assert {"TOP", "HOUS", "CARE"} <= choices
    assert not {"FAM", "SCHOOL", "YOUTH", "UNALLOCATED"} & choices


def test_before_there_are_figures_nothing_is_restated(client, lead, seaside):  # noqa: F811
    publish(seaside, 3)
    page = text_of(client.post(TRAVEL, MOVE))
    assert "Nothing is restated: no open period of 2021/22 has figures yet" in page


@pytest.mark.slow
def test_lines_are_found_ticked_previewed_and_moved(client, lead, seaside):  # noqa: F811
    page = text_of(client.get(LINES))
    assert "T100/NET" in page and "T200/NET" in page
    assert "£500" in page and "budgets of month 3" in page
    found = text_of(client.get(f"{LINES}?q=t2"))
    assert "T200/NET" in found and "T100/NET" not in found
    assert "No lines match “zzz”" in text_of(client.get(f"{LINES}?q=zzz"))
    fields = {
        "q": "t2",
        "line": line_ids(seaside, "T200"),
        "destination": "YOUTH",
        "reason": "Team moved",
    }
    response = client.post(f"{LINES}?q=t2", fields)
    assert "Move 1 line to Youth?" in text_of(response)
    assert "Families total changes 8,000 8,100 747 747 769" in text_of(response)
    assert lines_of(seaside, "T200") == ["TRAVEL"]
    response = client.post(LINES, dict(hidden_fields(response)))
    assert (response.status_code, response.url) == (302, LINES)
    assert lines_of(seaside, "T100", "T200") == ["TRAVEL", "YOUTH"]
    page = text_of(client.get(LINES))
    assert "1 line moved to Youth" in page


@pytest.mark.slow
def test_all_lines_of_every_page_move_at_once(client, lead, seaside, monkeypatch):  # noqa: F811
    monkeypatch.setattr(views, "_LINES_ON_A_PAGE", 1)
    page = text_of(client.get(LINES))
    assert "All 2 lines, on every page" in page
    assert "Page 1 of 2" in page and "T200" not in page
    assert "T200" in text_of(client.get(f"{LINES}?page=2"))
    response = client.post(LINES, {"all": "yes", "destination": "HOMES", "reason": "Merged"})
    client.post(LINES, dict(hidden_fields(response)))
    assert lines_of(seaside, "T100", "T200") == ["HOMES", "HOMES"]
    assert "This service has no lines" in text_of(client.get(LINES))


UNFIT = [
    ({"line": []}, "Choose at least one line."),
    ({"line": ["x"]}, "Select a valid choice"),
    ({"destination": ""}, "Choose where the lines go."),
    ({"destination": "FAM"}, "Select a valid choice"),
    ({"destination": "TRAVEL"}, "Select a valid choice"),
    ({"reason": "  "}, "Say why the lines move."),
]


def test_lines_without_what_is_needed_stay(client, lead, seaside):  # noqa: F811
    before = snapshot(seaside)
    fields = {"line": line_ids(seaside, "T100"), "destination": "YOUTH", "reason": "Team"}
    for change, message in UNFIT:
        response = confirmed(client, LINES, fields | change, before[0])
        assert response.status_code == 422
        assert message in text_of(response)
    assert snapshot(seaside) == before


def test_a_line_of_another_service_is_refused(client, lead, seaside):  # noqa: F811
    before = snapshot(seaside)
    for line in (*line_ids(seaside, "C100"), 10**30):
        fields = {"line": line, "destination": "YOUTH", "reason": "Team"}
        response = confirmed(client, LINES, fields, before[0])
        assert response.status_code == 409
        assert "no longer stand on Travellers" in text_of(response)
    assert snapshot(seaside) == before


def test_lines_that_have_moved_meanwhile_are_not_moved_twice(client, lead, seaside):  # noqa: F811
    fields = {"all": "yes", "destination": "YOUTH", "reason": "Team"}
    revision = fresh(seaside).revision
    assert confirmed(client, LINES, fields, revision).status_code == 302
    before = snapshot(seaside)
    assert confirmed(client, LINES, fields, revision).status_code == 409
    assert snapshot(seaside) == before


@pytest.mark.slow
def test_unplaced_lines_lead_to_where_they_are_placed(client, lead, seaside):  # noqa: F811
    bring(seaside, "position", MONTH_3 + ",N100,NET,10,10,12,,\n", 3)
    page = client.get(TREE)
    assert "1 line of Unallocated needs a service" in text_of(page)
    address = reverse("lines-move", args=[2021, "UNALLOCATED"])
    assert address in page.content.decode()
    response = client.post(address, {"all": "yes", "destination": "HOMES", "reason": "New team"})
    client.post(address, dict(hidden_fields(response)))
    assert "needs a service" not in text_of(client.get(TREE))


@pytest.mark.slow
def test_no_code_shadows_an_address_nor_is_shadowed(client, lead, seaside):  # noqa: F811
    for code in ("new", "lines", "lines/FAM", "A/B", "Ä & ü", "100%", "a?b#c", "roll-forward"):
        fields = {**ADD, "code": code, "name": f"Service {code}"}
        assert confirmed(client, NEW, fields, fresh(seaside).revision).status_code == 302
        address = reverse("service-change", args=[2021, code])
        assert address in client.get(TREE).content.decode().replace("&amp;", "&")
        page = client.get(address)
        assert page.status_code == 200
        assert "Preview closing" in text_of(page)
        assert "Add a service" in text_of(client.get(NEW))
        assert client.get(reverse("lines-move", args=[2021, code])).status_code == 200


def test_what_is_not_there_is_not_found(client, lead, seaside):  # noqa: F811
    for address in (
        "/2031-32/structure/",
        "/2031-32/new-service/",
        "/2031-32/structure/TRAVEL/",
        "/2021-22/structure/NOTHING/",
        "/2021-22/service-lines/NOTHING/",
    ):
        assert client.get(address).status_code == 404


def test_an_empty_year_says_what_comes_here(client, lead, db):
    set_up_year(start=2030, council="Seaside", settings={}, by=None)
    assert "Type, paste or upload services" in text_of(client.get("/2030-31/structure/"))
    assert "The first service is the top of the tree" in text_of(
        client.get("/2030-31/new-service/")
    )
    assert not Service.objects.filter(year__start=2030).exists()


def test_the_first_service_can_be_typed_and_others_stand_under_it(client, lead, db):
    year = set_up_year(start=2030, council="Seaside", settings={}, by=None)
    address = "/2030-31/new-service/"
    top = {"code": "ALL", "name": "Seaside", "total_label": "Total Seaside", "section": ""}
    assert client.post(address, {**top, "code": ""}).status_code == 422
    preview = client.post(address, top)
    assert "Add Seaside?" in text_of(preview)
    assert not Service.objects.filter(year=year).exists()
    confirmed(client, address, top, year.revision)
    stored = Service.objects.filter(year=year).order_by("order")
    assert [(each.code, each.parent and each.parent.code, each.named) for each in stored] == [
        ("ALL", None, True),
        ("UNALLOCATED", "ALL", False),
    ]
    assert AuditEntry.objects.filter(action="added a service", by=lead).count() == 1
    under = {"code": "CARE", "name": "Care", "parent": "ALL", "after": "last"}
    assert client.post(address, {**under, "parent": ""}).status_code == 422
    year.refresh_from_db()
    confirmed(client, address, under, year.revision)
    assert Service.objects.get(year=year, code="CARE").parent.code == "ALL"


@pytest.mark.slow
def test_markup_in_a_name_is_text(client, lead, seaside):  # noqa: F811
    fields = {**ADD, "name": "<b>Bold</b> & co"}
    page = client.post(NEW, fields).content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; co" in page
    confirmed(client, NEW, fields, fresh(seaside).revision)
    assert "<b>Bold" not in client.get(TREE).content.decode()
    assert "<b>Bold" not in client.get(TRAVEL).content.decode()


@pytest.mark.slow
def test_pages_ask_few_questions_of_the_database(
    client,
    lead,
    seaside,  # noqa: F811
    django_assert_max_num_queries,
):
    service = service_of(seaside, "TRAVEL")
    extra = [
        BudgetLine(year=seaside, cost_centre=f"X{n:04}", account="NET", service=service)
        for n in range(500)
    ]
    BudgetLine.objects.bulk_create(extra)
    for address in (TREE, NEW, TRAVEL, LINES):
        with django_assert_max_num_queries(18):
            client.get(address)
    page = client.get(LINES).content.decode()
    assert page.count('name="line"') == 200
