"""Commentary: where it is due, written without losing a colleague's, signed off for its figures."""

import json
import re

import pytest
from django.urls import reverse

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from council_finance.statuses import parse_conditions
from monitoring.commentary.selectors import commentary_rows, due_rule, find_commentary, text_version
from monitoring.commentary.services import (
    CommentaryClashed,
    sign_off_commentary,
    withdraw_commentary,
    write_commentary,
)
from monitoring.models import BudgetLine, Commentary, FinancialYear, ForecastEntry, Period
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.selectors.report_data import draft_data, published_data
from monitoring.structure.variance_scheme import COMMENTARY_MEASURES
from tests.councils.month import (
    FIRST_TEXT,
    MONTH_2,
    SERVICES_NOW,
    service,
    small_council,
    texts,
    tie,
)
from tests.councils.packs import bring, facts_of, period_of, position, publish, refreeze

HOME = [2021, 2, "HOME"]


@pytest.fixture
def year(db, tmp_path):
    return small_council(tmp_path)


@pytest.fixture
def officer(person):
    return person(Role.FINANCE_OFFICER, first_name="Olive", last_name="Officer")


@pytest.fixture
def director(person):
    return tie(person(Role.DIRECTOR, first_name="Dee", last_name="Director"), "CARE")


def write(year, by, text="Demand is up.", code="HOME", number=2, seen=None):
    period, place = period_of(year, number), service(year, code)
    if seen is None:
        seen = text_version(find_commentary(period, place))
    return write_commentary(period=period, service=place, text=text, seen=seen, by=by)


def sign(year, by, code="HOME", number=2, **more):
    period, place = period_of(year, number), service(year, code)
    node = {each.key: each for each in facts_of(year, number).nodes}[code]
    arguments = {
        "seen": text_version(find_commentary(period, place)),
        "budget_pence": node.budget,
        "net_variance_pence": node.net_variance,
        **more,
    }
    return sign_off_commentary(period=period, service=place, by=by, **arguments)


def stored(year, code="HOME", number=2):
    return find_commentary(period_of(year, number), service(year, code))


def trail(code="HOME", number=2):
    entries = AuditEntry.objects.filter(record=f"commentary 2021/22 period {number} {code}")
    return [(entry.action, entry.by_name, entry.detail) for entry in entries.order_by("pk")]


def rows_of(year, number=2):
    facts = draft_data(period_of(year, number))
    return {row.node.key: row for row in commentary_rows(facts)}


# ------------------------------------------------------------------ where it is due


def test_it_is_due_for_services_beyond_the_councils_threshold(year):
    due = {key for key, row in rows_of(year).items() if row.due}
    assert due == {"HOME", "BUSES", "ROADS"}, "not Day care's £10, and no group"


def test_a_groups_text_explains_the_services_in_it(year, officer):
    assert rows_of(year)["BUSES"].waits_for_text
    write(year, officer, code="LEARN", text="Fuel.")
    rows = rows_of(year)
    assert rows["BUSES"].group.key == "LEARN"
    assert not rows["BUSES"].waits_for_text
    assert rows["BUSES"].waits_for_sign_off
    write(year, officer, code="BUSES", text="Fuel for buses.")
    assert rows_of(year)["BUSES"].group is None


def test_a_text_on_a_total_explains_no_service_under_it(year, officer):
    write(year, officer, code="CARE", text="All of it.")
    assert rows_of(year)["HOME"].waits_for_text


def test_a_draft_is_read_as_it_is_asked_for(year, officer, director, django_assert_num_queries):
    write(year, officer)
    sign(year, director)
    facts = draft_data(period_of(year, 2))
    with django_assert_num_queries(1):
        assert facts.nodes and facts.top is facts.nodes[0]
    with django_assert_num_queries(1):
        assert facts.commentary.keys() == facts.sign_offs.keys() == {"HOME"}
    published = period_of(year, 1)
    assert facts.to_freeze.keys() == published_data(published.reports.get()).frozen.keys()


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({}, "ask for no commentary"),
        ({"variance_above": 100000}, "over or under, is more than £100,000."),
        (
            {"variance_above": 100000, "variance_percent_above": 2},
            "is more than £100,000 and more than 2% of the budget.",
        ),
        (
            {"variance_percent_at_least": 2.5, "budget_above": 1000000},
            "is at least 2.5% of the budget and the budget is more than £1,000,000.",
        ),
    ],
)
def test_the_threshold_is_said_in_words(conditions, words):
    assert words in due_rule(parse_conditions(conditions, COMMENTARY_MEASURES, "x"))


# ------------------------------------------------------------------ writing


def test_a_text_is_kept_with_who_wrote_it_and_what_stood_before(year, officer):
    assert write(year, officer, text="  Demand is up.\r\nBeds.  ") is True
    assert write(year, officer, text="Fewer beds.") is True
    commentary = stored(year)
    assert (commentary.text, commentary.written_by) == ("Fewer beds.", officer)
    assert commentary.written_at is not None
    assert trail() == [
        ("wrote commentary", "Olive Officer", {"from": "", "to": "Demand is up.\nBeds."}),
        (
            "wrote commentary",
            "Olive Officer",
            {"from": "Demand is up.\nBeds.", "to": "Fewer beds."},
        ),
    ]


def test_a_text_is_no_figure(year, officer):
    before = FinancialYear.objects.get(pk=year.pk).revision
    write(year, officer)
    assert FinancialYear.objects.get(pk=year.pk).revision == before


def test_the_same_text_again_is_no_change(year, officer, person):
    write(year, officer)
    assert write(year, person(Role.FINANCE_LEAD), seen="of another text") is False
    assert (stored(year).written_by, len(trail())) == (officer, 1)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 10_001])
def test_an_empty_or_endless_text_is_refused_and_removes_nothing(year, officer, text):
    write(year, officer)
    with pytest.raises(Refused):
        write(year, officer, text=text)
    assert stored(year).text == "Demand is up."
    assert len(trail()) == 1


def test_a_colleagues_text_that_was_not_seen_is_never_overwritten(year, officer, director):
    seen = text_version(None)
    write(year, director, text="Theirs.")
    with pytest.raises(CommentaryClashed) as clashed:
        write(year, officer, text="Mine.", seen=seen)
    assert clashed.value.theirs.text == "Theirs."
    assert "Dee Director changed this text" in str(clashed.value)
    assert stored(year).text == "Theirs."
    assert len(trail()) == 1


def test_a_text_withdrawn_meanwhile_is_told(year, officer, director):
    write(year, director)
    seen = text_version(stored(year))
    withdraw_commentary(
        period=period_of(year, 2), service=service(year, "HOME"), seen=seen, by=director
    )
    with pytest.raises(CommentaryClashed) as clashed:
        write(year, officer, text="Mine.", seen=seen)
    assert clashed.value.theirs is None
    assert stored(year) is None


def test_a_withdrawn_text_stays_in_the_history(year, officer):
    write(year, officer)
    arguments = {"period": period_of(year, 2), "service": service(year, "HOME"), "by": officer}
    with pytest.raises(CommentaryClashed):
        withdraw_commentary(seen="another", **arguments)
    withdraw_commentary(seen=text_version(stored(year)), **arguments)
    assert stored(year) is None
    assert trail()[-1][::2] == ("withdrew commentary", {"from": "Demand is up.", "to": ""})
    with pytest.raises(Refused, match="no text to withdraw"):
        withdraw_commentary(seen="", **arguments)


def test_a_published_month_takes_no_text(year, officer, director):
    for act in (
        lambda: write(year, officer, number=1),
        lambda: sign(year, director, number=1),
        lambda: withdraw_commentary(
            period=period_of(year, 1), service=service(year, "HOME"), seen="", by=officer
        ),
    ):
        with pytest.raises(Refused, match="Month 1 of 2021/22 is published"):
            act()
    assert stored(year, number=1).text == FIRST_TEXT


def test_a_month_without_figures_and_a_closed_service_take_no_text(year, officer):
    with pytest.raises(Refused, match="no figures for Month 3"):
        write(year, officer, number=3)
    bring(year, "services", SERVICES_NOW)
    with pytest.raises(Refused, match="closed"):
        write(year, officer, code="DAY")


# ------------------------------------------------------------------ sign-off


def test_a_sign_off_holds_for_text_and_figures(year, officer, director):
    write(year, officer)
    assert sign(year, director) is True
    commentary = stored(year)
    assert (commentary.signed_by, commentary.signed_budget_pence) == (director, 155000)
    assert commentary.signed_net_variance_pence == 10000
    assert trail()[-1] == (
        "signed off commentary",
        "Dee Director",
        {"budget_pence": 155000, "net_variance_pence": 10000, "text": "Demand is up."},
    )
    row = rows_of(year)["HOME"]
    assert (row.signed_by, row.waits_for_sign_off) == ("Dee Director", False)


def test_a_double_click_signs_once(year, officer, director):
    write(year, officer)
    assert sign(year, director) is True
    assert sign(year, director) is False
    assert [action for action, *_ in trail()] == ["wrote commentary", "signed off commentary"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"seen": "another"}, "The text changed"),
        ({"budget_pence": 1}, "The figures changed"),
        ({"net_variance_pence": 1}, "The figures changed"),
        ({"net_variance_pence": None}, "The figures changed"),
    ],
)
def test_what_was_not_seen_is_not_signed(year, officer, director, changed, words):
    write(year, officer)
    with pytest.raises(Refused, match=words):
        sign(year, director, **changed)
    assert stored(year).signed_at is None


def test_without_a_text_there_is_nothing_to_sign(year, director):
    with pytest.raises(Refused, match="write it first"):
        sign(year, director)


def test_a_changed_text_takes_the_sign_off_back(year, officer, director):
    write(year, officer)
    sign(year, director)
    write(year, officer, text="Something else.")
    assert stored(year).signed_by is None
    cleared = [detail for action, _, detail in trail() if action == "cleared a sign-off"]
    assert cleared == [{"because": "the text changed", "signed_by": "Dee Director"}]


def test_a_withdrawn_text_takes_its_sign_off_along(year, officer, director):
    write(year, officer)
    sign(year, director)
    withdraw_commentary(
        period=period_of(year, 2),
        service=service(year, "HOME"),
        seen=text_version(stored(year)),
        by=officer,
    )
    assert [action for action, *_ in trail()][-2:] == ["cleared a sign-off", "withdrew commentary"]


def test_a_report_freezes_texts_and_who_signed_them(year, officer, director):
    write(year, officer)
    sign(year, director)
    facts = published_data(publish(year, 2))
    assert facts.commentary == {"HOME": "Demand is up."}
    assert facts.sign_offs["HOME"]["by"] == "Dee Director"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", facts.sign_offs["HOME"]["at"])
    reopen_report(period=period_of(year, 2), reason="A late invoice", by=officer)
    write(year, officer, text="New words.")
    facts.report.refresh_from_db()
    assert published_data(facts.report).commentary == {"HOME": "Demand is up."}
    assert draft_data(period_of(year, 2)).sign_offs == {}


def test_reports_frozen_before_sign_offs_were_still_read(year):
    report = publish(year, 2)
    refreeze(report, sign_offs=None)
    assert "sign_offs" not in published_data(report).frozen
    assert published_data(report).sign_offs == {}


# ------------------------------------------------------------------ an uploaded file


def test_a_file_keeps_what_it_does_not_change(year, officer, director):
    write(year, officer, text="Same.")
    write(year, officer, text="Old.", code="ROADS")
    write(year, officer, text="Gone.", code="BUSES")
    for code in ("HOME", "CARE"):
        write(year, officer, text="Same.", code=code)
        sign(year, director, code=code)
    content = texts(HOME="Same.", CARE="Other.", ROADS="New.")
    upload = bring(year, "commentary", content, 2, by=officer)
    kept = {each.service.code: each for each in Commentary.objects.filter(period__number=2)}
    assert {code: each.text for code, each in kept.items()} == {
        "HOME": "Same.",
        "CARE": "Other.",
        "ROADS": "New.",
    }
    assert kept["HOME"].signed_by == director
    assert kept["CARE"].signed_by is None
    assert kept["ROADS"].written_by == officer
    of_the_file = {"upload": upload.pk}
    assert trail("ROADS")[-1][2] == {"from": "Old.", "to": "New."} | of_the_file
    assert trail("BUSES")[-1][2] == {"from": "Gone.", "to": ""} | of_the_file
    assert [action for action, *_ in trail("CARE")][-2:] == [
        "cleared a sign-off",
        "wrote commentary",
    ]
    assert len(trail("HOME")) == 2, "written and signed; the file changed nothing"
    told = " ".join(warning["message"] for warning in upload.warnings)
    assert "no text for School buses (BUSES)" in told
    assert "Dee Director signed off another text for Care (CARE)" in told


def test_a_file_by_a_command_is_nobodys(year):
    assert stored(year, number=1).written_by is None
    assert stored(year, number=1).written_at is not None
    assert trail(number=1)[0][1] == "command line"


def test_changed_figures_take_back_the_sign_offs_they_touch(year, officer, director):
    for code in ("HOME", "DAY"):
        write(year, officer, code=code)
        sign(year, director, code=code)
    bring(year, "position", position(MONTH_2.replace("310", "320")), 2)
    assert stored(year, "HOME").signed_by == director
    assert (stored(year, "DAY").signed_by, stored(year, "DAY").text) == (None, "Demand is up.")
    assert trail("DAY")[-1][2] == {"because": "the figures changed", "signed_by": "Dee Director"}


# ------------------------------------------------------------------ pages


def page_of(client, *arguments, **query):
    name = "commentary-edit" if len(arguments) == 3 else "commentary"
    return client.get(reverse(name, args=arguments), query)


def post(client, where=HOME, **data):
    return client.post(reverse("commentary-edit", args=where), data)


def test_the_list_says_what_is_due_written_and_signed(client, year, officer, director):
    write(year, officer)
    sign(year, director)
    write(year, officer, code="ROADS")
    sign_by = tie(officer, "TOP")
    client.force_login(sign_by)
    page = page_of(client, 2021, 2).content.decode()
    assert "1 of 3 due is still to be written, 1 to be signed off." in page
    assert "Dee Director" in page
    assert "Olive Officer" in page
    assert "Day care" not in page
    assert "more than £50." in page
    assert "Day care" in page_of(client, 2021, 2, show="all").content.decode()


def test_the_list_tells_why_a_sign_off_was_taken_back(client, year, officer, director):
    write(year, officer)
    sign(year, director)
    write(year, officer, text="Else.")
    client.force_login(officer)
    page = page_of(client, 2021, 2).content.decode()
    assert "Dee Director’s, as the text changed" in page
    assert "The sign-off was cleared on" in page_of(client, *HOME).content.decode()


def test_a_director_reads_the_draft_of_their_part_alone(client, year, director):
    client.force_login(director)
    page = page_of(client, 2021, 2, show="all").content.decode()
    assert "Home care" in page
    assert "Roads" not in page
    assert page_of(client, *HOME).status_code == 200
    for code in ("ROADS", "TOP", "NOPE"):
        assert page_of(client, 2021, 2, code).status_code == 404, code


@pytest.mark.parametrize("role", [Role.SCRUTINY_MEMBER, Role.DIRECTOR, Role.BUDGET_MANAGER])
def test_who_looks_after_nothing_sees_no_draft(client, person, year, role):
    client.force_login(person(role))
    assert "No report for month 2 yet" in page_of(client, 2021, 2).content.decode()
    assert page_of(client, *HOME).status_code == 404
    assert post(client, text="Mine.", seen="").status_code == 404
    assert stored(year) is None


@pytest.mark.slow
def test_members_read_the_commentary_of_a_report(client, person, year, officer, director):
    write(year, officer)
    sign(year, director)
    publish(year, 2)
    reopen_report(period=period_of(year, 2), reason="Late", by=officer)
    write(year, officer, text="A draft nobody may see.")
    client.force_login(person(Role.SCRUTINY_MEMBER))
    for page in (page_of(client, 2021, 2), page_of(client, *HOME)):
        text = page.content.decode()
        assert "Demand is up." in text
        assert "Signed off by Dee Director" in text
        assert "A draft nobody may see." not in text
        assert "<textarea" not in text
    client.force_login(director)
    assert "A draft nobody may see." in page_of(client, *HOME).content.decode()
    published = page_of(client, *HOME, version=1).content.decode()
    assert "Demand is up." in published
    assert "A draft nobody may see." not in published
    assert page_of(client, *HOME, version=7).status_code == 404


def test_a_published_month_is_read_only_for_its_writers_too(client, year, officer):
    client.force_login(officer)
    page = page_of(client, 2021, 1, "HOME").content.decode()
    assert FIRST_TEXT in page
    assert "<textarea" not in page
    response = post(client, [2021, 1, "HOME"], text="Late words.", seen="")
    assert response.status_code == 409
    assert "Reopen it first" in response.content.decode()
    assert stored(year, number=1).text == FIRST_TEXT


@pytest.mark.parametrize(
    ("role", "codes", "code", "action", "status"),
    [
        (Role.FINANCE_OFFICER, (), "HOME", "save", 302),
        (Role.FINANCE_OFFICER, ("ROADS",), "HOME", "save", 403),
        (Role.FINANCE_LEAD, (), "HOME", "save", 302),
        (Role.DIRECTOR, ("CARE",), "HOME", "save", 302),
        (Role.DIRECTOR, ("CARE",), "ROADS", "save", 404),
        (Role.BUDGET_MANAGER, ("HOME",), "HOME", "save", 403),
        (Role.ADMINISTRATOR, (), "HOME", "save", 403),
        (Role.SCRUTINY_MEMBER, (), "HOME", "save", 404),
        (Role.FINANCE_OFFICER, (), "HOME", "sign_off", 403),
        (Role.FINANCE_LEAD, (), "HOME", "sign_off", 403),
        (Role.BUDGET_MANAGER, ("HOME",), "HOME", "withdraw", 403),
    ],
)
def test_who_writes_and_who_signs(client, person, year, role, codes, code, action, status):
    client.force_login(tie(person(role), *codes))
    response = post(client, [2021, 2, code], text="Words.", seen="", action=action)
    assert response.status_code == status
    assert (stored(year, code) is not None) == (status == 302)


def form_of(page: str, action: str) -> dict:
    """The hidden fields of the form whose button has this action, as the page gives them."""
    form = next(each for each in page.split("<form")[1:] if f'value="{action}"' in each)
    hidden = r'type="hidden" name="(\w+)"(?: value="([^"]*)")?'
    return dict(re.findall(hidden, form.split("</form>")[0]))


def test_a_director_signs_what_the_page_shows(client, year, officer, director):
    write(year, officer)
    client.force_login(director)
    sent = form_of(page_of(client, *HOME).content.decode(), "sign_off") | {"action": "sign_off"}
    assert (sent["budget"], sent["net_variance"]) == ("155000", "10000")
    assert post(client, **sent).url == reverse("commentary-edit", args=HOME)
    assert stored(year).signed_by == director
    page = page_of(client, *HOME).content.decode()
    assert "The commentary is signed off." in page
    assert 'value="sign_off"' not in page


@pytest.mark.slow
def test_figures_that_changed_meanwhile_are_shown_and_not_signed(client, year, officer, director):
    write(year, officer)
    client.force_login(director)
    sent = form_of(page_of(client, *HOME).content.decode(), "sign_off") | {"action": "sign_off"}
    bring(year, "position", position(MONTH_2.replace("500   500   500", "500   500   600")), 2)
    response = post(client, **sent)
    page = response.content.decode()
    assert response.status_code == 409
    assert "The figures changed while you were reading" in page
    assert form_of(page, "sign_off")["net_variance"] == "20000"
    assert stored(year).signed_at is None


@pytest.mark.parametrize("data", [{"seen": "x"}, {"seen": "x", "budget": "much"}, {}])
def test_a_sign_off_without_its_figures_is_refused(client, year, officer, director, data):
    write(year, officer)
    client.force_login(director)
    assert post(client, action="sign_off", **data).status_code == 409
    assert stored(year).signed_at is None


def test_a_clash_shows_both_texts_and_the_next_save_is_deliberate(client, year, officer, director):
    client.force_login(officer)
    seen = form_of(page_of(client, *HOME).content.decode(), "save")["seen"]
    write(year, director, text="Theirs.")
    response = post(client, text="Mine <b>here</b>.", seen=seen, action="save")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Theirs." in page
    assert "Mine &lt;b&gt;here&lt;/b&gt;." in page
    assert stored(year).text == "Theirs."
    sent = form_of(page, "save") | {"text": "Mine.", "action": "save"}
    assert post(client, **sent).status_code == 302
    assert stored(year).text == "Mine."
    assert trail()[-1][2] == {"from": "Theirs.", "to": "Mine."}


def test_an_empty_box_removes_nothing(client, year, officer):
    write(year, officer)
    client.force_login(officer)
    response = post(client, text=" ", seen=text_version(stored(year)), action="save")
    assert response.status_code == 422
    assert "To remove a text, withdraw it." in response.content.decode()
    assert stored(year).text == "Demand is up."
    response = post(client, seen=text_version(stored(year)), action="withdraw")
    assert response.status_code == 302
    assert stored(year) is None


def test_a_writer_may_start_from_last_months_text(client, year, officer):
    client.force_login(officer)
    page = page_of(client, *HOME).content.decode()
    assert FIRST_TEXT in page
    assert FIRST_TEXT not in box_of(page)
    assert "?from=previous" in page
    assert box_of(page_of(client, *HOME, **{"from": "previous"}).content.decode()) == FIRST_TEXT
    assert "had no commentary" in page_of(client, 2021, 2, "ROADS").content.decode()
    assert stored(year) is None


def box_of(page: str) -> str:
    return re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)[1]


def test_the_page_shows_the_figures_and_the_largest_lines(client, year, officer):
    BudgetLine.objects.filter(year=year, cost_centre="H1").update(exempt=True)
    client.force_login(officer)
    page = page_of(client, *HOME).content.decode()
    assert "Forecast overspend of £100 on a net budget of £1,550, £10 worse" in page
    for words in ("Previous report, as published", "Movement", "6.5% of the budget"):
        assert words in page
    assert "An exempt line of Home care" in page
    assert "H1/NET" not in page
    assert "H2/NET" not in page, "no variance"
    group = page_of(client, 2021, 2, "LEARN").content.decode()
    assert "B1/NET" in group


@pytest.mark.slow
def test_at_most_ten_lines_are_shown(client, tmp_path, officer):
    rows = "\n".join(f"HOME L{n:02d} 100 100 {200 + n}" for n in range(30))
    year = small_council(tmp_path, **{"periods/02/position.csv": position(rows)})
    typed = BudgetLine.objects.get(cost_centre="L00")
    ForecastEntry.objects.create(period=period_of(year, 2), line=typed, forecast_pence=90000)
    client.force_login(officer)
    page = page_of(client, *HOME).content.decode()
    shown = re.findall(r"(L\d\d)/NET", page)
    assert shown == ["L00", *[f"L{n}" for n in range(29, 20, -1)]], "typed forecasts count"


def test_commentary_feeds_the_notes_of_the_statement(client, year, officer):
    write(year, officer, code="LEARN")
    client.force_login(officer)
    address = reverse("download", args=[2021, 2, "budgetary-control", "json"])
    rows = {row["key"]: row for row in json.loads(client.get(address).content)["rows"]}
    assert rows["BUSES"]["cells"]["note"]["text"] == "1"
    page = page_of(client, 2021, 2, "BUSES").content.decode()
    assert "printed as note 1" in page


def test_history_is_for_those_who_may_see_the_draft(client, person, year, officer):
    write(year, officer, text="A first attempt.")
    write(year, officer, text="A second attempt.")
    client.force_login(officer)
    assert "A first attempt." in page_of(client, *HOME).content.decode()
    publish(year, 2)
    client.force_login(person(Role.SCRUTINY_MEMBER))
    page = page_of(client, *HOME).content.decode()
    assert "A second attempt." in page
    assert "A first attempt." not in page


def test_the_texts_of_services_that_closed_are_not_lost(client, year, officer):
    write(year, officer, code="DAY", text="Closing soon.")
    bring(year, "services", SERVICES_NOW)
    client.force_login(officer)
    page = page_of(client, 2021, 2).content.decode()
    assert "Closing soon." in page
    assert page_of(client, 2021, 2, "DAY").status_code == 404


def test_a_month_without_figures_says_who_brings_them(client, person, year):
    client.force_login(person(Role.FINANCE_OFFICER))
    response = page_of(client, 2021, 3)
    assert response.status_code == 200
    assert "No figures for month 3 yet" in response.content.decode()
    assert page_of(client, 2021, 3, "HOME").status_code == 404
    client.force_login(person(Role.SCRUTINY_MEMBER))
    assert "No report for month 3 yet" in page_of(client, 2021, 3).content.decode()


def test_the_list_asks_few_questions_however_many_texts(
    client, year, officer, django_assert_max_num_queries
):
    for code in ("HOME", "DAY", "ROADS", "BUSES", "CARE"):
        write(year, officer, code=code)
    client.force_login(officer)
    with django_assert_max_num_queries(12) as asked:
        page_of(client, 2021, 2, show="all")
    assert not [query for query in asked if "position" in query["sql"].lower()]
    assert Period.objects.filter(year=year).count() == 14
