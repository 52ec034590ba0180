"""The page of all commentary that is due: bounded, saved one by one or all together."""

import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.commentary.selectors import find_commentary, text_version
from monitoring.models import Commentary, Service
from tests.councils.month import FIRST_TEXT, MONTH_2, SERVICES, service, small_council, tie
from tests.councils.packs import period_of, position, publish

pytestmark = pytest.mark.slow

PAGE = "/2021-22/2/write-commentary/"
LIST = "- demand is up\n- beds are few"


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


@pytest.fixture
def officer(person):
    return person(Role.FINANCE_OFFICER, first_name="Olive", last_name="Officer")


@pytest.fixture
def director(person):
    return tie(person(Role.DIRECTOR, first_name="Dee", last_name="Director"), "CARE", "ROADS")


def form_of(year, *, seen=None, **texts):
    """What the page sends: a text and its version for each service."""
    data = {}
    for code, text in texts.items():
        place = service(year, code)
        version = text_version(find_commentary(period_of(year, 2), place))
        data |= {f"{place.pk}-text": text, f"{place.pk}-seen": version if seen is None else seen}
    return data


def stored(year):
    return {each.service.code: each.text for each in Commentary.objects.filter(period__number=2)}


def titles(page):
    """The services on the page, in its order."""
    return re.findall(r'due-text__title"[^>]*>([\w ]+?) <', page)


def test_the_page_has_what_is_due_from_its_reader_in_order_with_figures(
    client, year, officer, director
):
    client.force_login(officer)
    page = client.get(PAGE).content.decode()
    assert titles(page) == ["Home care", "School buses", "Roads"]
    assert "3 of 3 texts still to be written." in page
    assert FIRST_TEXT in page, "what the last report said"
    assert "H1" in page, "a line with one of the largest variances"
    client.force_login(director)
    assert titles(client.get(PAGE).content.decode()) == ["Home care", "Roads"]


def test_a_groups_text_stands_for_the_services_it_explains(client, year, officer):
    client.force_login(officer)
    client.post(PAGE, form_of(year, LEARN="Fuel."))
    page = client.get(PAGE).content.decode()
    assert titles(page) == ["Home care", "Learning", "Roads"]
    assert "Explains School buses." in page


def test_all_texts_are_saved_together_and_unchanged_ones_left(client, year, officer, director):
    client.force_login(director)
    client.post(PAGE, form_of(year, HOME="Theirs."))
    client.force_login(officer)
    answer = client.post(PAGE, form_of(year, HOME="Theirs.", BUSES="", ROADS=LIST), follow=True)
    assert "1 text saved." in answer.content.decode()
    assert stored(year) == {"HOME": "Theirs.", "ROADS": LIST}
    assert find_commentary(period_of(year, 2), service(year, "HOME")).written_by == director
    assert AuditEntry.objects.filter(action="wrote commentary", by=officer).count() == 1


def test_one_fault_saves_nothing_and_is_shown_beside_its_field(client, year, officer):
    client.force_login(officer)
    client.post(PAGE, form_of(year, HOME="Mine."))
    home = service(year, "HOME").pk
    data = form_of(year, HOME=" ", BUSES="x" * 10_001, ROADS="Fine.")
    answer = client.post(PAGE, data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Shorten the text to 10,000 characters" in page
    assert stored(year) == {"HOME": "Mine."}
    assert ">\nFine.</textarea>" in page.replace("\r\n", "\n"), "what was typed stays"
    data = form_of(year, HOME=" ", ROADS="Fine.")
    page = client.post(PAGE, data).content.decode()
    assert f'href="#id_{home}-text"' in page
    assert "To remove a text, withdraw it." in page
    assert stored(year) == {"HOME": "Mine."}


def test_two_people_at_one_text_lose_none(client, year, officer, director):
    before = form_of(year, HOME="Mine.", BUSES="Also mine.")
    client.force_login(director)
    client.post(PAGE, form_of(year, HOME="Theirs <b>."))
    client.force_login(officer)
    answer = client.post(PAGE, before)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Saved by Dee Director after you opened the page" in page
    assert "Theirs &lt;b&gt;." in page
    assert stored(year) == {"HOME": "Theirs <b>."}
    assert ">\nMine.</textarea>" in page.replace("\r\n", "\n"), "what was typed stays"
    again = dict(re.findall(r'name="(\d+-seen)" value="(\w*)"', page))
    client.post(PAGE, before | again)
    assert stored(year) == {"HOME": "Mine.", "BUSES": "Also mine."}


def test_a_page_that_saves_by_itself_is_told_when_and_which_version(client, year, officer):
    client.force_login(officer)
    home, json = service(year, "HOME").pk, {"Accept": "application/json"}
    answer = client.post(PAGE, form_of(year, HOME="Mine."), headers=json)
    version = text_version(find_commentary(period_of(year, 2), service(year, "HOME")))
    assert answer.json()["seen"] == {str(home): version}
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["at"])
    clash = client.post(PAGE, form_of(year, seen="other", HOME="New."), headers=json)
    assert clash.status_code == 409
    assert clash.json()["theirs"] == {str(home): {"text": "Mine.", "seen": version}}
    assert "Olive Officer changed this text" in clash.json()["faults"][str(home)][0]
    publish(year, 2)
    late = client.post(PAGE, form_of(year, HOME="Late."), headers=json)
    assert late.status_code == 409
    assert "is published" in late.json()["refused"][0]
    assert client.get(PAGE).url == reverse("commentary", args=[2021, 2])
    typed = client.post(PAGE, form_of(year, HOME="Late."))
    assert "Late." in typed.content.decode(), "what was typed is not lost"


def test_the_last_text_is_added_below_what_is_typed(client, year, officer):
    client.force_login(officer)
    home = service(year, "HOME").pk
    client.post(PAGE, form_of(year, HOME="Before."))
    data = form_of(year, HOME="Now.", ROADS="Typed.") | {"use_last": home}
    page = client.post(PAGE, data).content.decode().replace("\r\n", "\n")
    assert f">\nNow.\n\n{FIRST_TEXT}</textarea>" in page
    assert ">\nTyped.</textarea>" in page
    assert len(re.findall(" data-unsaved", page)) == 2
    assert stored(year) == {"HOME": "Before."}
    again = dict(re.findall(r'name="(\d+-seen)" value="(\w*)"', page))
    client.post(PAGE, {f"{home}-text": "Now.", f"{home}-seen": again[f"{home}-seen"]})
    assert stored(year) == {"HOME": "Now."}


def test_next_leads_to_the_next_text_to_be_written(client, year, officer):
    client.force_login(officer)
    home, buses, roads = (service(year, code).pk for code in ("HOME", "BUSES", "ROADS"))
    for data, pk, then in (
        ({"ROADS": "Mine."}, roads, f"#text-{home}"),
        ({"HOME": "Mine."}, home, f"#text-{buses}"),
        ({"BUSES": "Mine."}, buses, ""),
    ):
        assert client.post(PAGE, form_of(year, **data) | {"next": pk}).url == PAGE + then
    assert "All 3 texts due are written." in client.get(PAGE).content.decode()


def test_nobody_writes_outside_their_part(client, year, director, person):
    client.force_login(director)
    assert client.post(PAGE, form_of(year, HOME="Mine.", BUSES="Not mine.")).status_code == 403
    for role in (Role.BUDGET_MANAGER, Role.SCRUTINY_MEMBER, Role.ADMINISTRATOR):
        client.force_login(tie(person(role), "TOP"))
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, form_of(year, HOME="Mine.")).status_code == 403
    assert stored(year) == {}


# ------------------------------------------------------------------ sign-off

SIGN = "/2021-22/2/sign-off-commentary/"


def signing(page):
    """What the page of texts to sign off sends."""
    data = dict(re.findall(r'type="hidden" name="(\d+-\w+)" value="([^"]*)"', page))
    return data | {"sign": re.findall(r'name="sign" value="(\d+)"[^>]*checked', page)}


def test_a_director_signs_off_all_that_is_ticked_at_once(client, year, officer, director):
    client.force_login(officer)
    client.post(PAGE, form_of(year, HOME=LIST, BUSES="Fuel.", ROADS="Frost."))
    client.force_login(director)
    page = client.get(SIGN).content.decode()
    assert titles(page) == ["Home care", "Roads"]
    assert "<li>demand is up</li><li>beds are few</li>" in page
    answer = client.post(SIGN, signing(page), follow=True)
    assert "2 texts signed off." in answer.content.decode()
    signed = Commentary.objects.filter(signed_by=director).order_by("service__code")
    assert [
        (each.service.code, each.signed_budget_pence, each.signed_net_variance_pence)
        for each in signed
    ] == [
        ("HOME", 155000, 10000),
        ("ROADS", 70000, 8000),
    ]
    assert AuditEntry.objects.filter(action="signed off commentary").count() == 2
    assert "No text awaits your sign-off" in client.get(SIGN).content.decode()


def test_one_text_changed_meanwhile_signs_off_none(client, year, officer, director):
    client.force_login(officer)
    client.post(PAGE, form_of(year, HOME="First.", ROADS="Frost."))
    client.force_login(director)
    data = signing(client.get(SIGN).content.decode())
    client.force_login(officer)
    client.post(PAGE, form_of(year, HOME="Second."))
    client.force_login(director)
    answer = client.post(SIGN, data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Home care: The text changed while you were reading." in page
    assert not Commentary.objects.filter(signed_by__isnull=False).exists()
    client.post(SIGN, signing(page))
    assert Commentary.objects.filter(signed_by=director).count() == 2


def test_nothing_is_signed_off_without_ticks_or_whole_forms_or_rights(
    client, year, officer, director
):
    client.force_login(officer)
    client.post(PAGE, form_of(year, HOME="First.", BUSES="Fuel."))
    assert client.get(SIGN).status_code == 403
    client.force_login(director)
    data = signing(client.get(SIGN).content.decode())
    assert "Tick the texts" in client.post(SIGN, data | {"sign": []}).content.decode()
    assert "not sent whole" in client.post(SIGN, {"sign": data["sign"]}).content.decode()
    assert client.post(SIGN, data | {"sign": [service(year, "BUSES").pk]}).status_code == 403
    assert not Commentary.objects.filter(signed_by__isnull=False).exists()


# ------------------------------------------------------------------ many services


def test_a_hundred_services_take_as_many_queries_as_three(
    client, db, tmp_path, officer, director, django_assert_max_num_queries
):
    codes = [f"S{number:03}" for number in range(100)]
    services = "".join(f"{code},Service {code},TOP,{n},\n" for n, code in enumerate(codes, 9))
    lines = "".join(f"{code} L{n} 100 100 {200 + n}\n" for n, code in enumerate(codes))
    files = {
        "services.csv": SERVICES + services,
        "periods/02/position.csv": position(MONTH_2 + lines),
    }
    year = small_council(tmp_path, **files)
    client.force_login(officer)
    with django_assert_max_num_queries(30):
        page = client.get(PAGE).content.decode()
    assert len(titles(page)) == 103
    period, homes = period_of(year, 2), Service.objects.filter(year=year, code__in=codes)
    Commentary.objects.bulk_create(
        Commentary(period=period, service=each, text="New.") for each in homes
    )
    client.force_login(tie(director, "TOP"))
    with django_assert_max_num_queries(30):
        page = client.get(SIGN).content.decode()
    assert len(signing(page)["sign"]) == 100
