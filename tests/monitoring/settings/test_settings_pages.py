"""The pages of a year's settings: what is in force, a change, its preview, and who may do it."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from monitoring.models import FinancialYear, ReportStatement
from monitoring.structure.council_settings import read_settings
from tests.monitoring.settings.pages import SettingsPage, page


def test_the_year_shows_every_table_with_what_is_in_force(somerset, cambridgeshire, lead):
    words = SettingsPage(lead, "").read_year().words
    assert "Unit £m, with three decimals" in words
    assert "Savings by service: unit £, whole pounds" in words
    assert "the variance is above £100,000" in words
    assert "N110/NET" in words and "£667,000" in words
    assert "Only the finance lead approves, without a limit (default)" in words
    words = SettingsPage(lead, "", 2018).read_year().words
    assert (
        "Red when the agreed saving is at least £500,000 and the shortfall is above 19%." in words
    )
    assert "Green otherwise." in words


@pytest.mark.parametrize(
    ("role", "reads", "changes"),
    [
        (Role.FINANCE_OFFICER, True, False),
        (Role.FINANCE_LEAD, True, True),
        (Role.ADMINISTRATOR, True, True),
        (Role.BUDGET_MANAGER, False, False),
        (Role.DIRECTOR, False, False),
        (Role.SCRUTINY_MEMBER, False, False),
    ],
)
def test_who_reads_and_who_changes(somerset, as_role, role, reads, changes):
    client = as_role(role)
    for address in (
        reverse("settings"),
        reverse("settings-year", args=[2019]),
        reverse("settings-table", args=[2019, "display"]),
    ):
        assert client.get(address).status_code == (200 if reads else 403), address
    shown = SettingsPage(client, "commentary")
    if reads:
        assert ('value="preview"' in shown.open().html) is changes
    before = FinancialYear.objects.get(pk=somerset.pk).settings
    sent = {"conditions-count": "0", "shown": "x"}
    for button in ("preview", "store", "add conditions"):
        answer = client.post(shown.address, sent | {"do": button})
        assert answer.status_code in ((409, 200) if changes else (403,))
    assert FinancialYear.objects.get(pk=somerset.pk).settings == before


def test_a_stranger_is_sent_to_log_in_and_unknown_tables_are_not_found(somerset, lead):
    for name, arguments in (("settings-year", [2019]), ("settings-table", [2019, "display"])):
        assert Client().get(reverse(name, args=arguments)).status_code == 302
    assert lead.get("/settings/2019-20/nothing/").status_code == 404
    assert lead.get("/settings/2031-32/display/").status_code == 404


def test_labels_and_defaults_are_plain_words(cambridgeshire, lead):
    labels = page(lead, "virements").html
    for role in ("finance officer", "finance lead", "director"):
        assert f"The most that a {role} may approve" in labels
    assert "Limits: " not in labels
    type(cambridgeshire).objects.update(settings={})
    words = lead.get("/settings/2019-20/").content.decode()
    assert "No conditions: commentary is not due for any service (default)" in words


def test_a_change_is_previewed_stored_and_audited_with_before_and_after(somerset, lead):
    found = page(lead, "display").press(unit="k", percent_decimals="")
    assert found.status == 200
    assert "Unit £m, with three decimals £000" in found.words
    assert "Decimals of percentages 2 1 (default)" in found.words
    assert FinancialYear.objects.get(pk=somerset.pk).settings["display"]["unit"] == "m"
    found.press("store")
    assert found.status == 302
    stored = FinancialYear.objects.get(pk=somerset.pk)
    assert stored.revision == somerset.revision + 1
    assert stored.settings["display"] == {
        "unit": "k",
        "favourable": "brackets",
        "percent_of_nil_budget": "0.00%",
        "savings-summary": {"unit": "pounds"},
        "savings-by-decision": {"unit": "pounds"},
    }
    others = {name: table for name, table in stored.settings.items() if name != "display"}
    assert others == {name: table for name, table in somerset.settings.items() if name != "display"}
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.record) == ("changed settings", "settings 2019/20")
    assert entry.detail["before"]["unit"] == "m" and entry.detail["after"]["unit"] == "k"
    assert "contingency" not in entry.detail["before"]


def test_published_reports_keep_their_bytes_under_any_change(somerset, lead):
    before = list(ReportStatement.objects.order_by("pk").values_list("pk", "sha256", "text"))
    address = reverse("download", args=[2019, 3, "annex-a", "json"])
    bytes_before = lead.get(address).getvalue()
    page(lead, "display").store(unit="pounds", favourable="minus")
    page(lead, "contingency").store(lines="", notional_offset="5")
    page(lead, "commentary").store(**{"conditions-0-limit": "£1"})
    after = list(ReportStatement.objects.order_by("pk").values_list("pk", "sha256", "text"))
    assert after == before
    assert lead.get(address).getvalue() == bytes_before


def test_a_key_that_is_not_given_stays_missing(somerset, lead):
    page(lead, "display").store(
        unit="", favourable="", percent_decimals="", percent_of_nil_budget=""
    )
    stored = FinancialYear.objects.get(pk=somerset.pk).settings["display"]
    assert set(stored) == {"savings-summary", "savings-by-decision"}
    page(lead, "display").store(**{"percent_of_nil_budget-blank": "on"})
    settings = FinancialYear.objects.get(pk=somerset.pk).settings
    assert settings["display"]["percent_of_nil_budget"] == ""
    assert read_settings(settings).display.percent_of_nil_budget == ""


def test_what_is_in_force_already_is_not_stored_again(somerset, lead):
    found = page(lead, "contingency").press(notional_offset="£0.667m")
    assert "These settings are in force already" in found.words
    assert FinancialYear.objects.get(pk=somerset.pk).revision == somerset.revision


def test_statements_that_differ_are_added_and_removed_with_what_was_typed_kept(somerset, lead):
    found = page(lead, "display").press("add statements", unit="k")
    assert found.fields["statements-count"] == "3"
    assert found.fields["unit"] == "k"
    found.press("remove statements 0", **{"statements-2-statement": "annex-a"})
    assert found.fields["statements-count"] == "2"
    assert found.fields["statements-1-statement"] == "annex-a"
    found.press()
    assert found.status == 422
    assert "Set something for this statement, or remove it." in found.words
    found.press(**{"statements-1-percent_decimals": "0"}).press("store")
    assert FinancialYear.objects.get(pk=somerset.pk).settings["display"] == {
        "unit": "k",
        "favourable": "brackets",
        "percent_decimals": 2,
        "percent_of_nil_budget": "0.00%",
        "savings-by-decision": {"unit": "pounds"},
        "annex-a": {"percent_decimals": 0},
    }


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("display", {"unit": "bn"}, "Unit: choose one of the list."),
        (
            "display",
            {"percent_decimals": "7"},
            "Decimals of percentages must be a whole number from 0 to 6.",
        ),
        ("display", {"percent_decimals": "-1"}, "must be a whole number from 0 to 6."),
        ("display", {"percent_of_nil_budget": "x" * 201}, "Shorten the text to 200 characters"),
        (
            "display",
            {"percent_of_nil_budget-blank": "on"},
            "Clear the text of “Percentage of a nil budget”, or untick “Print nothing”.",
        ),
        (
            "display",
            {"statements-0-statement": "annex-z"},
            "There is no statement “annex-z”. Choose one, or remove it.",
        ),
        (
            "display",
            {"statements-0-statement": "savings-by-decision"},
            "This statement is there twice. Remove one of them.",
        ),
        ("contingency", {"notional_offset": "much"}, "“much” cannot be read"),
        ("contingency", {"notional_offset": "0.005"}, "more than two decimals"),
        ("commentary", {"conditions-0-limit": ""}, "Enter the limit of this condition."),
        ("commentary", {"conditions-0-limit": "two"}, "“two” cannot be read"),
        ("commentary", {"conditions-0-measure": ""}, "Choose the figure that is compared"),
        ("commentary", {"conditions-0-measure": "rain"}, "Choose a figure."),
        ("reserves", {"minimum_general_fund": "-5"}, "Minimum of the General Fund cannot be below"),
        ("grants", {"lines": "Main"}, "“Main” must be a name, =, and its text."),
        ("grants", {"lines": "A = X/NET\nA = Y/NET"}, "“A” is given on two lines."),
        ("grants", {"lines": "A = X"}, "“A” must name a line as cost centre/account"),
        (
            "virements",
            {"approve_up_to-director": "(1)"},
            "Limits: director cannot be -1: a limit is nil",
        ),
    ],
)
def test_a_wrong_value_is_refused_beside_its_field(somerset, lead, name, typed, sentence):
    found = page(lead, name).press(**typed)
    assert found.status == 422
    assert sentence in found.words
    assert found.words.count(sentence) >= 2, "in the summary and beside the field"
    for key, text in typed.items():
        if key not in ("unit", "conditions-0-measure", "statements-0-statement"):
            assert found.fields[key] == text, "what was typed is still there"


def test_the_page_of_an_unchanged_year_offers_other_years(somerset, cambridgeshire, lead):
    html = page(lead, "display").html
    assert 'href="/settings/2018-19/display/"' in html


def test_amounts_are_kept_to_the_penny(somerset, lead):
    page(lead, "virements").store(
        **{"approve_up_to-director": "£100,000.50", "approve_up_to-finance_officer": "50k"}
    )
    settings = FinancialYear.objects.get(pk=somerset.pk).settings
    assert settings["virements"] == {
        "approve_up_to": {"finance_officer": 50000, "director": 100000.5}
    }
    assert read_settings(settings).approval_limits["director"] == 10_000_050
    assert page(lead, "virements").fields["approve_up_to-director"] == "100,000.50"


def test_the_page_of_settings_leads_to_the_year_under_way(somerset, cambridgeshire, lead):
    html = lead.get(reverse("settings")).content.decode()
    assert 'href="/settings/2019-20/">Settings of 2019/20</a>' in html
    assert 'href="/settings/2018-19/">2018/19</a>' in html


def test_a_preview_begins_from_what_is_in_force_not_from_what_was_published(somerset, lead):
    found = page(lead, "commentary").press(**{"conditions-0-limit": "£1"})
    assert "The product cannot show" not in found.words
    assert "Shown on the report of month 3 (June 2019). It is published" in found.words
    assert "Services that would need commentary and do not now" in found.words
    found.press("store")
    back = page(lead, "commentary").press(**{"conditions-0-limit": "£100,000"})
    assert "Services that would no longer need commentary" in back.words


def test_a_statement_that_a_pack_named_and_is_none_is_shown_and_refused(somerset, lead):
    somerset.settings["display"]["annex-z"] = {"unit": "k"}
    somerset.save()
    assert "annex-z: unit £000" in SettingsPage(lead, "").read_year().words
    found = page(lead, "display")
    assert found.fields["statements-2-statement"] == "annex-z"
    found.press(unit="k")
    assert found.status == 422
    assert "There is no statement “annex-z”. Choose one, or remove it." in found.words
    found.press("remove statements 2").store()
    assert "annex-z" not in FinancialYear.objects.get(pk=somerset.pk).settings["display"]


def test_an_archived_year_is_read_and_not_changed(cambridgeshire, lead):
    shown = page(lead, "display", 2018)
    preview = SettingsPage(lead, "display", 2018).open().press(unit="m")
    content = lead.get(reverse("settings-download", args=[2018])).content
    cambridgeshire.archived_at = timezone.now()
    cambridgeshire.save()
    assert "The year is archived, so its settings can only be read." in shown.open().words
    assert 'value="preview"' not in shown.html
    assert "Import a pack.toml" not in SettingsPage(lead, "", 2018).read_year().words
    preview.press("store")
    assert preview.status == 409 and "is archived" in preview.words
    other = content.replace(b'unit = "k"', b'unit = "m"')
    address = reverse("settings-import", args=[2018])
    checked = lead.post(address, {"file": SimpleUploadedFile("pack.toml", other)})
    sent = re.findall(r'name="(content|shown)" value="([^"]*)"', checked.content.decode())
    answer = lead.post(address, dict(sent) | {"do": "store"})
    assert answer.status_code == 409 and "is archived" in answer.content.decode()
    cambridgeshire.refresh_from_db()
    assert cambridgeshire.settings["display"]["unit"] == "k"
