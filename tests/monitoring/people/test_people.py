"""Who can log in, their roles and their services."""

import re

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from council_finance.accounts.demo import NAMES
from council_finance.accounts.models import Role, User
from council_finance.accounts.services import one_time_link
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import FinancialYear, TreeRight
from monitoring.people.rights import reach_of
from monitoring.people.selectors import people as selectors
from monitoring.people.services import demo_people
from monitoring.people.services import people as services
from monitoring.people.services.demo_people import make_demo_people
from monitoring.people.services.people import change_person, give_link, make_person
from monitoring.structure.selectors.tree import current_tree

NEW = {
    "username": "jo",
    "name": "Jo Example",
    "email": "jo@council.example",
    "role": Role.BUDGET_MANAGER,
    "parts": ["ADULT", "CHILD-OPS"],
}


@pytest.fixture
def admin(client, person, somerset):
    user = person(Role.ADMINISTRATOR, username="boss")
    client.force_login(user)
    return user


@pytest.fixture
def jo(admin):
    return make_person(**NEW, by=admin)


def parts(user) -> list[str]:
    return sorted(user.tree_rights.values_list("service_code", flat=True))


def acts(username="jo") -> list[tuple[str, dict]]:
    entries = AuditEntry.objects.filter(record=f"person {username}")
    return [(entry.action, entry.detail) for entry in entries]


def change(user, *, by, **changes):
    facts = {
        "name": user.get_full_name(),
        "email": user.email,
        "role": user.role,
        "parts": parts(user),
        "active": user.is_active,
    }
    return change_person(person=user, **facts | changes, by=by)


def link_on(page) -> str | None:
    found = re.search(r'one-time-link__address">http://testserver(\S+)<', page.content.decode())
    return found and found[1]


# Making a person


def test_a_new_person_sets_a_password_by_a_link_that_is_shown_once(client, admin):
    response = client.post(reverse("person-new"), NEW)
    jo = User.objects.get(username="jo")
    assert response.url == reverse("person", args=[jo.pk])
    assert (jo.name, jo.email, jo.role) == ("Jo Example", "jo@council.example", "budget_manager")
    assert parts(jo) == ["ADULT", "CHILD-OPS"]
    assert not jo.has_usable_password()
    assert acts() == [
        (
            "made a person",
            {
                "name": "Jo Example",
                "email": "jo@council.example",
                "role": "Budget manager",
                "parts": ["ADULT", "CHILD-OPS"],
                "active": True,
            },
        )
    ]
    page = client.get(response.url)
    assert page["Cache-Control"] == "no-store"
    link = link_on(page)
    assert link and link_on(client.get(response.url)) is None
    stranger = Client()
    form = stranger.get(link, follow=True)
    password = {"new_password1": "purple lantern cattle", "new_password2": "purple lantern cattle"}
    assert stranger.post(form.redirect_chain[-1][0], password).url == "/login/"
    stranger.post("/login/", {"username": "jo", "password": "purple lantern cattle"})
    account = stranger.get("/password/").content.decode()
    for words in ("Jo Example", "Budget manager", "Adult Services, Children &amp; Families"):
        assert words in account
    assert not any("link" in str(detail) or "reset" in str(detail) for _, detail in acts())


def test_the_link_is_shown_on_its_own_person_s_page_only(client, admin, person):
    other = person(Role.DIRECTOR, username="sam")
    address = client.post(reverse("person-new"), NEW).url
    assert link_on(client.get(reverse("person", args=[other.pk]))) is None
    assert link_on(client.get(address))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": ""}, "Enter a user name."),
        ({"name": " "}, "Enter the person’s name."),
        ({"email": "jo"}, "Enter an e-mail address"),
        ({"role": ""}, "Choose a role."),
        ({"role": "mayor"}, "Choose a role."),
        ({"parts": []}, "Budget managers look after a part of the tree. Choose at least one."),
        ({"role": "director", "parts": []}, "Directors look after a part of the tree."),
        ({"role": "finance_lead"}, "Finance leads see the whole council"),
        ({"role": "administrator"}, "Administrators see the whole council"),
        ({"role": "scrutiny_member"}, "Scrutiny members read what is published"),
        ({"parts": ["NOTHING"]}, "NOTHING is not in the tree of services."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_stored(client, admin, changes, said):
    response = client.post(reverse("person-new"), NEW | changes)
    page = response.content.decode()
    assert response.status_code == 422
    assert page.count(said) == 2  # above, and beside the field
    assert not User.objects.exclude(pk=admin.pk).exists()
    assert not TreeRight.objects.exists()
    assert not AuditEntry.objects.filter(action="made a person").exists()


@pytest.mark.parametrize("username", ["jo", "JO", " jo "])
def test_a_user_name_is_given_once_also_when_sent_twice(client, admin, jo, username):
    response = client.post(reverse("person-new"), NEW | {"username": username})
    assert response.status_code == 409
    assert "already a person with the user name" in response.content.decode()
    assert User.objects.filter(username__iexact="jo").count() == 1
    assert len(acts()) == 1


def test_of_two_who_make_the_same_person_at_once_one_is_refused(admin, jo, monkeypatch):
    """Nothing is found of the name, as when the other has not committed yet: the database tells."""
    monkeypatch.setattr(services.User.objects, "values_list", lambda *_, **__: [])
    with pytest.raises(Refused, match="already a person") as refused:
        make_person(**NEW, by=admin)
    assert isinstance(refused.value.__cause__, IntegrityError)
    assert User.objects.filter(username="jo").count() == 1
    assert len(acts()) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "jo/../x"}, "User name: Enter a valid username"),
        ({"username": ""}, "User name: This field cannot be blank"),
        ({"username": "j" * 151}, "User name: Ensure this value has at most 150 characters"),
        ({"email": "jo"}, "E-mail: Enter a valid email address"),
        ({"name": "J" * 151}, "Name: Ensure this value has at most 150 characters"),
        ({"role": "mayor"}, "Role: Value 'mayor' is not a valid choice"),
        ({"parts": ["ADULT", "NOTHING"]}, "There is no service with the code NOTHING."),
    ],
)
def test_the_service_refuses_what_no_form_has_looked_at(admin, changes, said):
    with pytest.raises(Refused, match=said):
        make_person(**NEW | changes, by=admin)
    assert not TreeRight.objects.exists()
    assert not User.objects.exclude(pk=admin.pk).exists()


def test_a_finance_officer_may_have_parts_or_none(admin):
    for username, codes in (("one", []), ("two", ["ADULT"])):
        new = NEW | {"username": username, "role": Role.FINANCE_OFFICER, "parts": codes}
        assert parts(make_person(**new, by=admin)) == codes


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Jo Example", "Jo", "Example"),
        ("  Jo  van  Example ", "Jo van", "Example"),
        ("Jo", "", "Jo"),
        ("", "", ""),
    ],
)
def test_a_name_is_kept_as_it_was_given(admin, name, first, last):
    made = make_person(**NEW | {"name": name}, by=admin)
    assert (made.first_name, made.last_name) == (first, last)
    assert made.get_full_name() == " ".join(name.split())


# Changing a person


def test_every_change_is_on_the_trail_from_and_to(client, admin, jo):
    form = {
        "name": "Jo Other",
        "email": "",
        "role": Role.DIRECTOR,
        "parts": ["CHILD-OPS", "PUBHEALTH"],
        "active": "on",
    }
    address = reverse("person", args=[jo.pk])
    page = client.post(address, form, follow=True)
    assert "Saved." in page.content.decode()
    jo.refresh_from_db()
    assert (jo.name, jo.email, jo.role, jo.is_active) == ("Jo Other", "", "director", True)
    assert parts(jo) == ["CHILD-OPS", "PUBHEALTH"]
    assert acts()[1:] == [
        (
            "changed a person",
            {
                "name": {"from": "Jo Example", "to": "Jo Other"},
                "email": {"from": "jo@council.example", "to": ""},
                "role": {"from": "Budget manager", "to": "Director"},
                "parts": {"from": ["ADULT", "CHILD-OPS"], "to": ["CHILD-OPS", "PUBHEALTH"]},
            },
        )
    ]
    assert AuditEntry.objects.filter(record="person jo").last().by == admin
    assert "Nothing was changed." in client.post(address, form, follow=True).content.decode()
    assert len(acts()) == 2


def test_the_form_shows_what_a_person_has(client, admin, jo):
    TreeRight.objects.create(user=jo, service_code="ADULTS-01")
    TreeRight.objects.create(user=jo, service_code="LONG-GONE")
    page = client.get(reverse("person", args=[jo.pk])).content.decode()
    ticked = re.findall(r'name="parts"[^>]*value="([^"]+)"[^>]* checked', page)
    assert ticked == ["ADULT", "CHILD-OPS", "ADULTS-01", "LONG-GONE"]
    assert "Strategic Management - Adults (not in today’s tree)" in page
    assert re.search(r'value="budget_manager"[^>]* checked', page)
    assert re.search(r'name="active"[^>]* checked', page)


def test_parts_that_left_the_tree_are_kept_until_somebody_unticks_them(client, admin, jo):
    TreeRight.objects.create(user=jo, service_code="LONG-GONE")
    form = NEW | {"parts": ["ADULT", "LONG-GONE"], "active": "on"}
    assert client.post(reverse("person", args=[jo.pk]), form).status_code == 302
    assert parts(jo) == ["ADULT", "LONG-GONE"]
    form |= {"parts": ["ADULT"]}
    assert client.post(reverse("person", args=[jo.pk]), form).status_code == 302
    assert parts(jo) == ["ADULT"]
    form |= {"parts": ["ADULT", "LONG-GONE"]}
    assert client.post(reverse("person", args=[jo.pk]), form).status_code == 422
    assert parts(jo) == ["ADULT"]


def test_a_role_without_parts_has_to_lose_them(client, admin, jo):
    form = NEW | {"role": Role.FINANCE_LEAD, "active": "on"}
    assert client.post(reverse("person", args=[jo.pk]), form).status_code == 422
    jo.refresh_from_db()
    assert (jo.role, parts(jo)) == ("budget_manager", ["ADULT", "CHILD-OPS"])
    assert client.post(reverse("person", args=[jo.pk]), form | {"parts": []}).status_code == 302
    jo.refresh_from_db()
    assert (jo.role, parts(jo)) == ("finance_lead", [])


def test_a_closed_account_is_out_and_stays_out_when_it_is_opened_again(client, admin, jo):
    theirs, others = Client(), Client()
    theirs.force_login(jo)
    others.force_login(admin)
    link = one_time_link(jo)
    change(jo, active=False, by=admin)
    assert theirs.get("/password/").url == "/login/?ended=1&next=/password/"
    assert Client().get(link).status_code == 410
    assert others.get("/password/").status_code == 200
    jo.refresh_from_db()
    change(jo, active=True, by=admin)
    assert theirs.get("/password/").status_code == 302
    assert [detail for _, detail in acts()][1:] == [
        {"active": {"from": True, "to": False}},
        {"active": {"from": False, "to": True}},
    ]


def test_a_role_holds_at_the_next_request(client, admin, jo):
    theirs = Client()
    theirs.force_login(jo)
    assert theirs.get(reverse("people")).status_code == 403
    change(jo, role=Role.ADMINISTRATOR, parts=[], by=admin)
    assert theirs.get(reverse("people")).status_code == 200


# Administrators


@pytest.mark.parametrize("changes", [{"active": False}, {"role": Role.FINANCE_LEAD}])
def test_nobody_takes_the_administrator_from_themself(admin, person, changes):
    person(Role.ADMINISTRATOR, username="other")
    with pytest.raises(Refused, match="from yourself"):
        change(admin, **changes, by=admin)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("administrator", True)
    assert acts("boss") == []


@pytest.mark.parametrize("changes", [{"active": False}, {"role": Role.FINANCE_LEAD}])
def test_the_last_administrator_stays(admin, person, changes):
    other = person(Role.ADMINISTRATOR, username="other")
    person(Role.ADMINISTRATOR, username="closed", is_active=False)
    change(other, **changes, by=admin)
    with pytest.raises(Refused, match="the last administrator"):
        change(admin, **changes, by=other)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("administrator", True)


def test_the_page_says_why_nothing_was_changed(client, admin):
    form = {"name": "The Boss", "role": Role.DIRECTOR, "parts": ["ADULT"], "active": "on"}
    response = client.post(reverse("person", args=[admin.pk]), form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "You cannot take the administrator’s role from yourself" in page
    assert 'value="The Boss"' in page
    admin.refresh_from_db()
    assert (admin.role, admin.name) == ("administrator", "boss")


def test_an_administrator_may_change_their_own_name(client, admin):
    form = {"name": "The Boss", "role": Role.ADMINISTRATOR, "active": "on"}
    assert client.post(reverse("person", args=[admin.pk]), form).status_code == 302
    assert acts("boss") == [("changed a person", {"name": {"from": "", "to": "The Boss"}})]


# Links


def test_a_new_link_ends_the_one_before_it(client, admin, jo):
    first = one_time_link(jo)
    address = reverse("person-link", args=[jo.pk])
    response = client.post(address)
    assert response.url == reverse("person", args=[jo.pk])
    second = link_on(client.get(response.url))
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 302
    assert acts()[1:] == [("gave a link to set a password", {})]


def test_a_link_leaves_the_password_as_it_is_until_it_is_used(admin, jo):
    jo.set_password("purple lantern cattle")
    jo.save()
    path = give_link(person=jo, by=admin)
    jo.refresh_from_db()
    assert jo.check_password("purple lantern cattle")
    assert Client().get(path).status_code == 302


def test_a_closed_account_gets_no_link(client, admin, jo):
    change(jo, active=False, by=admin)
    response = client.post(reverse("person-link", args=[jo.pk]))
    assert response.status_code == 409
    assert "is not active" in response.content.decode()
    assert "gave a link" not in str(acts())


# Who may


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"administrator"}))
def test_nobody_else_keeps_people(client, admin, jo, person, role):
    client.force_login(person(role))
    posts = {
        reverse("person-new"): NEW | {"username": "mine"},
        reverse("person", args=[jo.pk]): NEW | {"active": "on", "name": "Changed"},
        reverse("person-link", args=[jo.pk]): {},
    }
    for address, form in posts.items():
        assert client.post(address, form).status_code == 403, address
    assert not User.objects.filter(username="mine").exists()
    jo.refresh_from_db()
    assert jo.name == "Jo Example"
    assert len(acts()) == 1
    page = client.get("/password/").content.decode()
    assert reverse("people") not in page
    assert 'href="/password/"' in page


def test_a_stranger_keeps_nobody(admin, jo):
    stranger = Client()
    for name in ("person", "person-link"):
        response = stranger.post(reverse(name, args=[jo.pk]), NEW)
        assert (response.status_code, response.url) == (302, "/login/?next=/")


def test_a_person_who_is_not_there(client, admin):
    for address in ("/settings/people/999999/", f"/settings/people/{10**25}/"):
        assert client.get(address).status_code == 404
        assert client.post(address, NEW).status_code == 404
        assert client.post(f"{address}link/").status_code == 404
    assert client.get(reverse("person-link", args=[admin.pk])).status_code == 405


def test_the_navigation_has_what_a_role_may(client, admin, person):
    page = client.get("/password/").content.decode()
    assert reverse("people") in page
    client.force_login(person(Role.FINANCE_LEAD))
    assert reverse("people") not in client.get("/password/").content.decode()


# The list


@pytest.fixture
def several(admin, jo, person):
    person(Role.SCRUTINY_MEMBER, username="ann", first_name="Ann", last_name="Élan")
    person(Role.FINANCE_OFFICER, username="zed", is_active=False)
    person(Role.DIRECTOR, username="dan", email="x@council.example")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "ann boss dan jo zed"),  # those who may not log in stand last
        ({"search": "ÉLAN"}, "ann"),
        ({"search": " COUNCIL.example "}, "dan jo"),
        ({"search": "zed"}, "zed"),
        ({"search": "council", "role": "director"}, "dan"),
        ({"role": "administrator"}, "boss"),
        ({"role": "mayor"}, ""),
        ({"search": "nobody"}, ""),
    ],
)
def test_people_are_found(client, several, query, found):
    page = client.get(reverse("people"), query).content.decode()
    names = re.findall(r"<th scope=\"row\">.*?</th>\s*<td>(\w+)</td>", page)
    assert names == found.split()
    assert ("No people found" in page) == (not found)


def test_the_list_says_what_each_looks_after(several):
    said = {row.person.username: list(row.parts) for row in selectors.person_rows()}
    assert said == {
        "boss": ["The whole council"],
        "jo": ["Adult Services", "Children & Families - Operations"],
        "ann": ["Nothing: reads published reports"],
        "zed": ["The whole council"],
        "dan": ["Nothing yet"],
    }


def test_the_list_asks_few_questions(client, several, django_assert_max_num_queries):
    for number in range(30):
        make_person(**NEW | {"username": f"more{number}"}, by=None)
    with django_assert_max_num_queries(12):
        client.get(reverse("people"))


def test_where_there_is_no_tree_the_form_says_who_brings_one(client, admin, monkeypatch):
    monkeypatch.setattr(selectors.FinancialYear, "objects", FinancialYear.objects.none())
    page = client.get(reverse("person-new")).content.decode()
    assert "There are no services yet" in page


def test_the_parts_to_choose_from_are_the_latest_tree_in_its_order(somerset):
    parts = [(part.code, part.level) for part in selectors.parts_to_choose_from()]
    assert parts[:4] == [("SCC", 0), ("KEY", 1), ("ADULT", 2), ("CHILD-OPS", 2)]
    assert len(parts) == 11


# The command


@pytest.fixture
def run(db, capsys):
    def run(*arguments):
        status = 0
        try:
            call_command("make_person", *arguments)
        except SystemExit as stop:
            status = stop.code
        return status, *capsys.readouterr()

    return run


def test_the_first_administrator_is_made_by_a_command(client, run):
    status, out, err = run("boss", "--role", "administrator", "--name", "The Boss")
    assert (status, err) == (0, "")
    path = out.splitlines()[-1]
    assert path.startswith("/password/reset/")
    assert client.get(path).status_code == 302
    boss = User.objects.get(username="boss")
    assert (boss.name, boss.role) == ("The Boss", "administrator")
    assert AuditEntry.objects.get(record="person boss").by_name == "command line"


def test_the_command_takes_parts(run, somerset):
    run("jo", "--role", "director", "--part", "ADULT", "--part", "CHILD-OPS", "--email", "j@x.org")
    jo = User.objects.get(username="jo")
    assert (parts(jo), jo.email) == (["ADULT", "CHILD-OPS"], "j@x.org")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("jo", "--role", "director"), "Directors look after a part"),
        (("jo", "--role", "administrator", "--part", "ADULT"), "Administrators see the whole"),
        (("jo", "--role", "director", "--part", "NO"), "There is no service with the code NO."),
        (("taken", "--role", "finance_lead"), "already a person with the user name taken"),
    ],
)
def test_the_command_refuses_in_plain_sentences(run, person, somerset, arguments, said):
    person(Role.DIRECTOR, username="taken")
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert said in err and "Traceback" not in err
    assert not User.objects.filter(username="jo").exists()


# The demo


@pytest.fixture
def only_year(monkeypatch):
    """Make one of the packs' years the only one: the demo has one council."""

    def keep(start):
        years = FinancialYear.objects.filter(start=start)
        monkeypatch.setattr(demo_people.FinancialYear, "objects", years)
        return years.get()

    return keep


@pytest.mark.parametrize(
    ("start", "manager", "directors"),
    [
        (
            2019,
            ["CHILD-OPS"],
            {
                "director": ["CHILD-COM", "CHILD-OPS"],  # the section Children's Services
                "director-adult": ["ADULT"],
                "director-public": ["PUBHEALTH"],
                "director-economic": ["ECI"],
                "director-support": ["SUPPORT"],
            },
        ),
        (
            2018,
            ["ADULTS-01"],
            {
                "director": ["ADULTS"],  # no sections: the first directorate
                "director-commissioning": ["COM"],
                "director-communities": ["COMSAF"],
                "director-children": ["CHILD"],
                "director-education": ["EDU"],
                "director-executive": ["EXEC"],
                "director-grant": ["GRANT"],
            },
        ),
    ],
)
def test_every_service_of_the_demo_has_a_director(
    somerset, only_year, tmp_path, start, manager, directors
):
    year = only_year(start)
    first = make_demo_people(tmp_path)
    assert make_demo_people(tmp_path) == first
    assert {name for role, name, _ in first if role == "Director"} == set(directors)
    people = {user.username: user for user in User.objects.all()}
    assert {name: parts(people[name]) for name in directors} == directors
    assert parts(people["manager"]) == manager
    assert acts("manager") == [("changed a person", {"parts": {"from": [], "to": manager}})]
    reaches = [reach_of(people[name], year) for name in directors]
    services = [node for node in current_tree(year).nodes if node.kind == "service"]
    assert all(sum(node.service.id in reach for reach in reaches) == 1 for node in services)


def test_the_demo_leaves_parts_that_somebody_chose(somerset, only_year, person, tmp_path):
    only_year(2019)
    chosen = person(Role.DIRECTOR, username="director")
    TreeRight.objects.create(user=chosen, service_code="ADULT")
    make_demo_people(tmp_path)
    assert parts(chosen) == ["ADULT"]
    assert acts("director") == []


def test_a_database_with_other_people_gets_no_demo_people(somerset, person, tmp_path):
    person(Role.DIRECTOR, username="director-of-old")  # the demo's own, of an earlier tree
    assert make_demo_people(tmp_path)
    person(Role.FINANCE_OFFICER, username="jo")
    assert make_demo_people(tmp_path) == []


def test_the_demo_has_people_before_there_is_a_council(db, tmp_path, monkeypatch):
    nothing = FinancialYear.objects.none()
    monkeypatch.setattr(demo_people.FinancialYear, "objects", nothing)
    assert [name for _, name, _ in make_demo_people(tmp_path)] == list(NAMES.values())
    assert not TreeRight.objects.exists()
