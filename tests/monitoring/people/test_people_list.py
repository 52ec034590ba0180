"""A list of people: read, shown with its effect, stored whole or not at all."""

import html
import io
import re

import openpyxl
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from council_finance.accounts.models import ExpectedSignOn, Role, User
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.oidc_settings import OidcSettings
from council_finance.uploads.problems import FileRefused
from monitoring.models import Service, TreeRight
from monitoring.people.list_rows import read_people_list
from monitoring.people.selectors.list_plan import plan_people
from monitoring.people.services.list_import import ListChanged, store_people_list
from monitoring.people.services.people import make_person

HEADINGS = ("name", "email", "role", "parts")
ROWS = (
    ("Jo Example", "jo@council.example", "Budget manager", "ADULT, CHILD-OPS"),
    ("Sam O’Hara", "sam.o'hara@council.example", "director", "ADULT"),
    ("Pat Lead", "pat@council.example", "Finance lead", ""),
)


def as_text(*rows, headings=HEADINGS) -> str:
    return "\n".join("\t".join(row) for row in (headings, *rows))


def as_workbook(*rows, headings=HEADINGS) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active["A1"] = "This list is for Budget monitor."
    sheet = book.create_sheet("People")
    sheet.append(["Council of Example"])
    for row in (headings, *rows):
        sheet.append(row)
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


@pytest.fixture
def admin(client, person, somerset):
    user = person(Role.ADMINISTRATOR, username="boss", email="boss@council.example")
    client.force_login(user)
    return user


def plan(text, by):
    return plan_people(read_people_list(text.encode()), by=by)


def store(text, by):
    listed = read_people_list(text.encode())
    return store_people_list(listed=listed, revision=plan_people(listed, by=by).revision, by=by)


def send(client, text):
    return client.post(reverse("people-list"), {"pasted": text})


def confirm(client, page, **more):
    """Send what the form of the preview holds."""
    text = page.content.decode()
    fields = dict(re.findall(r'name="(content|revision)" value="([^"]*)"', text))
    return client.post(reverse("people-list"), fields | {"confirm": "yes"} | more)


def faults(plan):
    return [(fault.row, fault.column, fault.found, fault.message) for fault in plan.problems]


def parts(user):
    return sorted(user.tree_rights.values_list("service_code", flat=True))


# From the page to the people


@pytest.mark.slow
@pytest.mark.parametrize("how", ["pasted", "csv", "cp1252", "xlsx"])
def test_a_list_adds_its_people_and_shows_their_links_once(client, admin, how):
    sent = {
        "pasted": {"pasted": as_text(*ROWS)},
        "csv": {"file": SimpleUploadedFile("a.csv", as_text(*ROWS).encode("utf-8-sig"))},
        "cp1252": {"file": SimpleUploadedFile("a.csv", as_text(*ROWS).encode("cp1252"))},
        "xlsx": {"file": SimpleUploadedFile("a.xlsx", as_workbook(*ROWS))},
    }[how]
    preview = client.post(reverse("people-list"), sent)
    assert preview.status_code == 200
    assert "3 new, 0 changed, 0 unchanged" in preview.content.decode()
    assert not User.objects.exclude(pk=admin.pk).exists()
    done = confirm(client, preview)
    assert done.url == reverse("people-links")
    jo, sam, pat = (User.objects.get(username=name) for name in ("jo", "sam.ohara", "pat"))
    assert (jo.name, jo.email, jo.role) == ("Jo Example", "jo@council.example", "budget_manager")
    assert (sam.name, sam.role, pat.role) == ("Sam O’Hara", "director", "finance_lead")
    assert (parts(jo), parts(sam), parts(pat)) == (["ADULT", "CHILD-OPS"], ["ADULT"], [])
    entries = AuditEntry.objects.filter(action="made a person")
    assert sorted(entry.record for entry in entries) == [
        "person jo",
        "person pat",
        "person sam.ohara",
    ]
    assert {entry.by for entry in entries} == {admin}
    page = client.get(done.url)
    assert page["Cache-Control"] == "no-store"
    links = re.findall(r"http://testserver(/password/reset/\S+?)<", page.content.decode())
    assert len(links) == 3
    assert Client().get(links[0], follow=True).status_code == 200
    assert "password/reset" not in client.get(done.url).content.decode()


def test_the_same_list_again_leaves_nothing_to_do(client, admin):
    confirm(client, send(client, as_text(*ROWS)))
    before = AuditEntry.objects.count()
    page = send(client, as_text(*ROWS)).content.decode()
    assert "Nothing to do" in page
    assert "0 new, 0 changed, 3 unchanged" in page
    assert 'name="confirm"' not in page
    assert AuditEntry.objects.count() == before


def test_a_person_who_is_there_is_changed_with_from_and_to(client, admin):
    store(as_text(*ROWS), admin)
    changed = ("Jo Other", "JO@council.example", "director", "CHILD-OPS")
    preview = send(client, as_text(changed))
    text = preview.content.decode()
    for cell in ("Jo Example", "Jo Other", "Budget manager", "Director", "ADULT, CHILD-OPS"):
        assert f">{cell}</" in text
    assert confirm(client, preview).url == reverse("people")
    jo = User.objects.get(username="jo")
    assert (jo.name, jo.role, parts(jo)) == ("Jo Other", "director", ["CHILD-OPS"])
    entry = AuditEntry.objects.get(action="changed a person")
    assert entry.detail["role"] == {"from": "Budget manager", "to": "Director"}
    assert entry.detail["parts"] == {"from": ["ADULT", "CHILD-OPS"], "to": ["CHILD-OPS"]}


def test_without_a_column_of_parts_people_keep_theirs(admin):
    store(as_text(*ROWS), admin)
    listed = as_text(("Jo New", "jo@council.example", "director"), headings=HEADINGS[:3])
    store(listed, admin)
    jo = User.objects.get(username="jo")
    assert (jo.name, jo.role, parts(jo)) == ("Jo New", "director", ["ADULT", "CHILD-OPS"])
    blank = ("Jo New", "jo@council.example", "finance officer", "")
    store(as_text(blank), admin)
    assert parts(jo) == []


def test_a_changed_effect_is_shown_again_before_it_is_stored(client, admin):
    preview = send(client, as_text(*ROWS))
    make_person(
        username="jo",
        name="Jo First",
        email="jo@council.example",
        role=Role.DIRECTOR,
        parts=["ADULT"],
        by=admin,
    )
    again = confirm(client, preview)
    assert again.status_code == 409
    text = again.content.decode()
    assert "Somebody changed people since this list was checked" in text
    assert "2 new, 1 changed, 0 unchanged" in text
    assert User.objects.count() == 2
    assert confirm(client, again).status_code == 302
    assert User.objects.get(username="jo").name == "Jo Example"


def test_a_failure_half_way_stores_nobody(admin, monkeypatch):
    from monitoring.people.services import list_import

    made = []

    def fail_at_the_third(**facts):
        if len(made) == 2:
            raise Refused("No.")
        made.append(make_person(**facts))
        return made[-1]

    monkeypatch.setattr(list_import, "make_person", fail_at_the_third)
    with pytest.raises(Refused):
        store(as_text(*ROWS), admin)
    assert len(made) == 2
    assert User.objects.count() == 1
    assert not TreeRight.objects.exists()
    assert not AuditEntry.objects.filter(action="made a person").exists()


def test_the_revision_is_checked_again_when_the_list_is_stored(admin):
    listed = read_people_list(as_text(*ROWS).encode())
    with pytest.raises(ListChanged):
        store_people_list(listed=listed, revision="another", by=admin)
    assert User.objects.count() == 1


# Mail


def test_links_are_mailed_where_mail_is_set_up(client, admin, settings):
    settings.EMAIL_HOST = "mail.council.example"
    preview = send(client, as_text(*ROWS))
    assert "send each person their link by e-mail" in preview.content.decode()
    assert confirm(client, preview, links="mail").url == reverse("people")
    assert sorted(each.to[0] for each in mail.outbox) == sorted(row[1] for row in ROWS)
    message = next(each for each in mail.outbox if each.to == ["jo@council.example"])
    assert "Your user name: jo\n" in message.body
    link = re.search(r"http://testserver(/password/reset/\S+)", message.body)[1]
    assert Client().get(link, follow=True).status_code == 200
    assert "password/reset" not in client.get(reverse("people-links")).content.decode()


def test_links_can_be_shown_instead_of_mailed(client, admin, settings):
    settings.EMAIL_HOST = "mail.council.example"
    assert confirm(client, send(client, as_text(*ROWS)), links="show").url == reverse(
        "people-links"
    )
    assert not mail.outbox


# Refused rows


@pytest.mark.parametrize(
    ("row", "column", "found", "said"),
    [
        (("", "jo@council.example", "director", "ADULT"), "name", "", "the cell is blank"),
        (("Jo", "", "director", "ADULT"), "email", "", "the cell is blank"),
        (("Jo", "jo", "director", "ADULT"), "email", "jo", "Enter a valid email address"),
        (("Jo", "jo@a.example", "", "ADULT"), "role", "", "the cell is blank"),
        (("Jo", "jo@a.example", "mayor", "ADULT"), "role", "mayor", "this is not a role"),
        (("Jo", "jo@a.example", "director", "NONE"), "parts", "NONE", "there is no service"),
        (("Jo", "jo@a.example", "director", ""), "parts", "", "look after a part of the tree"),
        (("Jo", "jo@a.example", "finance lead", "ADULT"), "parts", "ADULT", "whole council"),
        (("J" * 151, "jo@a.example", "finance lead", ""), "name", "J" * 151, "at most 150"),
        (
            ("Boss", "boss@council.example", "finance lead", ""),
            "role",
            "Finance lead",
            "you cannot take the administrator’s role from yourself",
        ),
    ],
)
def test_a_row_is_refused_with_its_place(client, admin, row, column, found, said):
    [fault] = faults(plan(as_text(ROWS[2], row), admin))
    assert fault[:3] == (3, column, found)
    assert said in fault[3]
    page = send(client, as_text(ROWS[2], row))
    assert page.status_code == 422
    assert html.escape(fault[3]) in page.content.decode()
    assert 'name="confirm"' not in page.content.decode()
    with pytest.raises(Refused, match="Row 3"):
        listed = read_people_list(as_text(ROWS[2], row).encode())
        store_people_list(listed=listed, revision="", by=admin)
    assert User.objects.count() == 1


def test_a_person_is_on_the_list_once(admin):
    twice = plan(as_text(ROWS[0], ROWS[2], ROWS[0]), admin)
    assert faults(twice) == [
        (
            4,
            "email",
            "jo@council.example",
            "this person is in row 2 too. Keep one row, with all their services",
        )
    ]
    named = (*HEADINGS, "User name")
    rows = [(*ROWS[0], "jo"), ("Other", "other@council.example", *ROWS[0][2:], "JO")]
    [fault] = faults(plan(as_text(*rows, headings=named), admin))
    assert fault[:3] == (3, "User name", "JO")


def test_a_closed_account_and_a_shared_address_are_refused(admin, person):
    person(Role.DIRECTOR, username="old", email="jo@council.example", is_active=False)
    [fault] = faults(plan(as_text(ROWS[0]), admin))
    assert fault[3].startswith("this account is closed")
    person(Role.DIRECTOR, username="new", email="Jo@council.example")
    [fault] = faults(plan(as_text(ROWS[0]), admin))
    assert "this is the address of old and new" in fault[3]
    named = (*HEADINGS, "user_name")
    listed = plan(as_text((*ROWS[0], "new"), headings=named), admin)
    assert not listed.problems
    assert [each.username for each in listed.changed] == ["new"]


def test_an_address_is_not_taken_over_under_another_user_name(admin, person):
    person(Role.DIRECTOR, username="old", email="jo@council.example")
    listed = as_text((*ROWS[0], "jo2"), headings=(*HEADINGS, "user_name"))
    [fault] = faults(plan(listed, admin))
    assert fault[:3] == (2, "user_name", "jo2")
    assert "that of the person with the user name old" in fault[3]


def test_a_user_name_that_somebody_has_becomes_the_whole_address(admin, person):
    person(Role.DIRECTOR, username="jo", email="jo@other.example")
    store(as_text(ROWS[0], ("Jo Third", "jo@third.example", "director", "ADULT")), admin)
    assert User.objects.get(email="jo@council.example").username == "jo@council.example"
    assert User.objects.get(email="jo@third.example").username == "jo@third.example"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\t".join(ROWS[0]), "No row of headings was found"),
        ("name\temail\nJo\tjo@council.example", "The column role is missing"),
        ("\t".join(HEADINGS), "no rows under them"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_to_do(client, admin, text, said):
    page = send(client, text)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert "Copy the row of headings too" in page.content.decode()


def test_a_file_or_a_text_is_needed_and_not_both(client, admin):
    assert "Choose a file, or paste" in send(client, "").content.decode()
    file = SimpleUploadedFile("a.csv", as_text(*ROWS).encode())
    both = client.post(reverse("people-list"), {"pasted": as_text(*ROWS), "file": file})
    assert both.status_code == 422
    assert "not both" in both.content.decode()


def test_a_list_has_a_limited_number_of_rows():
    rows = [(f"P {n}", f"p{n}@council.example", "director", "ADULT") for n in range(2_001)]
    with pytest.raises(FileRefused, match="2,001 rows; at most 2,000"):
        read_people_list(as_text(*rows).encode())


def test_a_list_that_was_not_sent_whole_is_refused(client, admin):
    sent = {"confirm": "yes", "content": "?", "revision": "x"}
    assert client.post(reverse("people-list"), sent).status_code == 422


def test_headings_that_other_programs_write_are_understood(admin):
    headings = ("displayName", "Mail", "Role", "Services", "User ID")
    listed = plan(as_text((*ROWS[0], "jo.e"), headings=headings), admin)
    assert [(each.username, each.parts) for each in listed.new] == [
        ("jo.e", ("ADULT", "CHILD-OPS"))
    ]


def test_roles_are_written_in_words_or_codes(admin):
    for role in Role:
        part = "ADULT" if role in (Role.DIRECTOR, Role.BUDGET_MANAGER) else ""
        for written in (role.value, role.label, role.label.upper(), f"{role.label}s"):
            listed = plan(as_text(("Jo", "jo@council.example", written, part)), admin)
            assert [each.role for each in listed.new] == [role]


# Before there are services


def test_a_director_is_added_before_there_are_services(admin, monkeypatch):
    monkeypatch.setattr(Service.objects, "exists", lambda: False)
    store(as_text(("Jo Example", "jo@council.example", "director", "")), admin)
    assert User.objects.get(username="jo").role == Role.DIRECTOR


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_reach_the_list(client, person, role):
    client.force_login(person(role))
    assert send(client, as_text(*ROWS)).status_code == 403
    assert client.get(reverse("people-links")).status_code == 403
    assert User.objects.count() == 1


# Single sign-on


def test_new_people_of_a_list_may_be_recognised_by_single_sign_on(client, admin, settings):
    settings.OIDC = OidcSettings("https://id.example/o", "a", "b", name="Example ID")
    preview = send(client, as_text(*ROWS))
    assert "With Example ID, which recognises them by this e-mail" in preview.content.decode()
    assert confirm(client, preview, links="none").url == reverse("people")
    expected = ExpectedSignOn.objects.order_by("user__username")
    assert list(expected.values_list("user__username", "email")) == [
        ("jo", "jo@council.example"),
        ("pat", "pat@council.example"),
        ("sam.ohara", "sam.o'hara@council.example"),
    ]
    assert "password/reset" not in client.get(reverse("people-links")).content.decode()
    jo = User.objects.get(username="jo")
    page = client.get(reverse("person", args=[jo.pk])).content.decode()
    assert "leads to this person" in page
    address = reverse("person-sign-on", args=[jo.pk])
    assert client.post(address, {"act": "unlink"}).status_code == 302
    assert not ExpectedSignOn.objects.filter(user=jo).exists()
    assert client.post(address, {"act": "unlink"}).status_code == 409
    assert client.post(address, {"act": "expect"}).status_code == 302
    settings.OIDC = None
    assert client.post(address, {"act": "expect"}).status_code == 404
