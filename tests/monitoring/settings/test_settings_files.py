"""Settings as pack.toml: downloads, imports, round trips, and the same settings typed by hand."""

import re
import tomllib
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from council_finance.accounts.models import Role
from council_finance.audit import AuditEntry
from council_finance.registry import settings_tables, values_of
from monitoring.models import FinancialYear
from monitoring.settings.pack_file import read_pack_file, write_pack_file
from monitoring.structure.council_settings import read_settings
from monitoring.structure.settings_order import order_settings
from tests.conftest import FIXTURES
from tests.monitoring.settings.pages import page

PACKS = ["somerset-2019-20", "cambridgeshire-2018-19"]
ALL = """\
council = "Any “Council” é"
financial_year = "2031/32"

[display]
unit = "pounds"
percent_of_nil_budget = ""

[display.annex-a]
favourable = "minus"
percent_decimals = 0

[commentary]
budget_at_least = 1000000
variance_above = 0.5

[contingency]
lines = ["N110/NET", "N111/\\"NET\\""]
notional_offset = 667000.25

[status_scheme]
[[status_scheme.variance]]
status = "Red"
level = "service"
variance_percent_above = 2.25

[[status_scheme.variance]]
status = "Green"

[[status_scheme.savings]]
status = "Green"

[[status_scheme.activity]]
status = "Red"
volume_percent_above = 10

[[status_scheme.performance]]
status = "Red"
label = "Off target"
shortfall_percent_above = 10

[virements.approve_up_to]
finance_officer = 50000
director = 100000.01

[timetable]
closed_days = [
    "29 December 2031 Christmas closure",
]

[timetable.months]
figures = 0
savings = 8

[timetable.close]
report = 120

[timetable.approved_budget]
report = 20

[forecasting]
default_method = "run-rate"

[questions]
moved_above = 250000
moved_percent_above = 0
below_actual_above = 0
sign_from = 100.5
factor_above = 1
round_to = 0
unchanged_reports = 12
unchanged_above = 5
planned_use_from = 1
reason_from = 0

[warning_signs]
worse_reports = 3
savings_percent_of_headroom = 1000
one_off_money_above = 0
unexplained_budget_above = 0.5
skipped_reports = 12
late_after_days = 1
casts_differ_above = 1
income_years = 10
income_short_percent = 1
debt_cost_percent = 100
debt_cost_services = [
    "N110",
]
reserves_falling_years = 1
dsg_balances = [
    "DSG",
]
dsg_percent_of_general_fund = 1

[publication]
waits_for = [
    "commentary-unsigned",
    "savings",
]

[ledger_feed]
person = "ledger@council.test"
store = "when clean"
mail_to = [
    "finance@council.test",
]

[reserves]
minimum_general_fund = 0

[grants]
de_minimis = 160000

[grants.lines]
"A = B" = "GRANT-02/NET"
Main = "GRANT-01/NET"

[decisions]
key_decision_above = 250000
sign_offs = [
    "Monitoring Officer",
]
reports_due = 8
bank_holidays = [
    "2031-12-29",
]

[risk]
scale = 4
bands = [
    [
        "low",
        1,
    ],
    [
        "high: very",
        9,
    ],
]

[contracts]
renewal_horizon_months = 18
publish_above = 5000

[capital]
financing_years = 40
financing_rate_percent = "3.25"

[activity]
ties = [
    "LAC-EXT",
]

[plan]
name = "Medium Term Financial Strategy"
years = [
    "2031/32",
    "2032/33",
]
amounts = "step"
base = 132191000

[performance]
comparators = [
    "england",
]
compare = [
    "previous",
    "last_year",
]
minimum_percent = 10
profile = "straight_line"
weeks = [
    "4",
    "5",
]

[[report_outline.parts]]
kind = "heading"
text = "Summary"
level = 2

[[report_outline.parts]]
kind = "statement"
name = "annex-a"
"""


@pytest.fixture
def fresh(db) -> FinancialYear:
    """A year without any settings."""
    return FinancialYear.objects.create(start=2031, council="To be named")


def as_year(content: bytes, year: FinancialYear) -> bytes:
    """A pack.toml as if it were for another year."""
    return re.sub(
        rb'financial_year = "[^"]*"', f'financial_year = "{year.label}"'.encode(), content
    )


def download(client: Client, start: int) -> bytes:
    response = client.get(reverse("settings-download", args=[start]))
    assert response.status_code == 200
    assert response["Content-Disposition"] == 'attachment; filename="pack.toml"'
    return response.content


def check(client: Client, content: bytes, start: int = 2031):
    """The answer to a file that is chosen and checked."""
    file = SimpleUploadedFile("pack.toml", content)
    return client.post(reverse("settings-import", args=[start]), {"file": file})


def store(client: Client, preview, start: int = 2031):
    """The answer to the button of a preview."""
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', preview))
    return client.post(
        reverse("settings-import", args=[start]),
        {"do": "store", "content": fields["content"], "shown": fields["shown"]},
    )


def words(response) -> str:
    text = unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("pack", PACKS)
def test_a_packs_settings_survive_export_and_import_to_the_byte(
    somerset, cambridgeshire, fresh, lead, pack
):
    given_file = tomllib.loads((FIXTURES / pack / "pack.toml").read_text(encoding="utf-8"))
    start = int(given_file["financial_year"][:4])
    year = FinancialYear.objects.get(start=start)
    first = download(lead, start)
    assert read_settings(tomllib.loads(first.decode())) == read_settings(year.settings)
    preview = check(lead, as_year(first, fresh))
    assert preview.status_code == 200
    assert store(lead, preview.content.decode()).status_code == 302
    fresh.refresh_from_db()
    assert fresh.council == given_file["council"]
    assert read_settings(fresh.settings) == read_settings(year.settings)
    assert as_year(download(lead, 2031), year) == first


@pytest.mark.parametrize("pack", PACKS)
def test_the_download_says_what_the_councils_own_pack_says(somerset, cambridgeshire, lead, pack):
    given_file = tomllib.loads((FIXTURES / pack / "pack.toml").read_text(encoding="utf-8"))
    del given_file["publish"]
    start = int(given_file["financial_year"][:4])
    assert tomllib.loads(download(lead, start).decode()) == given_file


@pytest.mark.slow
@pytest.mark.parametrize("pack", PACKS)
def test_every_setting_of_a_pack_can_be_typed_and_exports_the_same_bytes(
    somerset, cambridgeshire, fresh, lead, pack
):
    """Each page begins empty; rows are added by its buttons, and texts typed as a person does."""
    source = FinancialYear.objects.get(start=int(pack[-7:-3]))
    for name, table in settings_tables().items():
        values = values_of(table, source.settings)
        if values:
            type_table(page(lead, name, source.start).fields, page(lead, name, 2031))
    FinancialYear.objects.filter(start=2031).update(council=source.council)
    assert as_year(download(lead, 2031), source) == download(lead, source.start)


def type_table(texts: dict[str, str], empty) -> None:
    """Add the rows that the other page has, list within list, type its texts and store them."""
    for name in sorted(texts, key=len):
        rows = name.removesuffix("-count")
        for _ in range(int(texts[name]) if name.endswith("-count") else 0):
            empty.press(f"add {rows}")
    typed = {name: text for name, text in texts.items() if name not in ("shown", "do")}
    assert set(typed) - {"csrfmiddlewaretoken"} <= set(empty.fields)
    assert empty.store(**typed).status == 302


def test_one_file_may_say_everything(fresh, lead):
    preview = check(lead, ALL.encode())
    assert "The council would be called Any “Council” é" in words(preview)
    assert "There are no figures in this year yet" in words(preview)
    assert store(lead, preview.content.decode()).status_code == 302
    exported = download(lead, 2031)
    fresh.refresh_from_db()
    assert tomllib.loads(exported.decode()) == tomllib.loads(ALL)
    assert read_settings(fresh.settings) == read_settings(tomllib.loads(ALL))
    again = check(lead, exported)
    assert "there is nothing to store" in words(again)
    entries = AuditEntry.objects.filter(record="settings 2031/32").order_by("pk")
    assert [entry.detail.get("settings") for entry in entries] == [
        None,
        *settings_tables(),
    ]
    assert entries[0].detail == {
        "before": {"council": "To be named"},
        "after": {"council": "Any “Council” é"},
    }


def test_keys_for_loading_a_pack_are_left_out_and_said(somerset, lead):
    content = (FIXTURES / PACKS[0] / "pack.toml").read_bytes() + b""
    preview = check(lead, content, 2019)
    assert "Its key “publish” is for loading a pack, and is left out here." in words(preview)
    assert "there is nothing to store" in words(preview)


HEAD = 'council = "A"\nfinancial_year = "2031/32"\n'


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Choose a pack.toml."),
        (b"council = ", "pack.toml cannot be read:"),
        (b"PK\x03\x04\xff\xfe", "pack.toml cannot be read:"),
        (b'financial_year = "2031/32"', "pack.toml gives no council."),
        (b'council = "A"', "pack.toml gives no financial_year."),
        (b'council = "A"\nfinancial_year = "2031"', "pack.toml: "),
        (
            b'council = "A"\nfinancial_year = "2030/31"',
            "pack.toml: financial_year is not 2031/32. Import the file into its own year, or write",
        ),
        (f"{HEAD}[displays]\nunit = 'm'".encode(), "pack.toml: there is no key “displays”."),
        (f"{HEAD}[display]\nunit = 'bn'".encode(), "pack.toml: [display]: unit must be one of"),
        (
            f"{HEAD}[display.annex-z]\nunit = 'm'".encode(),
            "pack.toml: [display.annex-z]: there is no statement called “annex-z”.",
        ),
        (
            f"{HEAD}[[status_scheme.savings]]\nstatus = 'Red'\nshortfall_above = 5".encode(),
            "no rule gives a saving of",
        ),
        (f"{HEAD}[commentary]\nvariance_above = 1{'0' * 13}".encode(), "cannot be beyond"),
        (f"council = '{'A' * 201}'\nfinancial_year = '2031/32'".encode(), "longer than 200"),
        (b"# " + b"x" * 200_000, "a pack.toml has at most 200,000."),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_stored(fresh, lead, content, sentence):
    answer = check(lead, content)
    assert answer.status_code == 422
    assert sentence in words(answer)
    fresh.refresh_from_db()
    assert (fresh.settings, fresh.council, fresh.revision) == ({}, "To be named", 1)


def test_no_file_and_a_spoilt_confirmation_are_refused(fresh, lead):
    address = reverse("settings-import", args=[2031])
    assert "Choose a pack.toml." in words(lead.post(address, {}))
    for content in ("", "%%%", "QQ"):
        answer = lead.post(address, {"do": "store", "content": content, "shown": "x"})
        assert answer.status_code == 422
        assert "The file did not arrive. Choose it again." in words(answer)


def test_a_change_after_the_file_was_checked_is_shown_before_anything_is_stored(
    fresh, lead, administrator
):
    preview = check(lead, ALL.encode()).content.decode()
    page(administrator, "reserves", 2031).store(minimum_general_fund="5")
    answer = store(lead, preview)
    assert answer.status_code == 409
    assert "The settings have been changed since the file was checked." in words(answer)
    assert "£5 £0" in words(answer), "now, and after the import"
    fresh.refresh_from_db()
    assert fresh.settings == {"reserves": {"minimum_general_fund": 5}}
    assert store(lead, answer.content.decode()).status_code == 302
    assert tomllib.loads(download(lead, 2031).decode()) == tomllib.loads(ALL)


@pytest.mark.slow
def test_who_downloads_and_who_imports(fresh, as_role):
    for role in Role.values:
        client = as_role(role)
        reads = role in (Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR)
        changes = reads and role != Role.FINANCE_OFFICER
        got = client.get(reverse("settings-download", args=[2031])).status_code
        assert got == (200 if reads else 403), role
        got = client.get(reverse("settings-import", args=[2031])).status_code
        assert got == (200 if changes else 403), role
        assert check(client, ALL.encode()).status_code == (200 if changes else 403), role
    fresh.refresh_from_db()
    assert fresh.settings == {}


NUMBERS = st.integers(-(10**11), 10**11) | st.floats(0.001, 1e9)
TEXTS = st.text(st.sampled_from("aé–£\"\\'\t\n\r\x07\x7f\x85\u2028 =#[]{}.,"), max_size=8)


@pytest.mark.slow
@given(
    council=TEXTS.map(lambda text: f"C{text}".strip()),
    nil=TEXTS,
    lines=st.lists(TEXTS, max_size=3),
    limit=NUMBERS,
)
def test_any_text_and_number_has_the_same_bytes_after_a_round_trip(council, nil, lines, limit):
    settings = {
        "commentary": {"variance_above": limit},
        "contingency": {"lines": lines},
        "display": {"percent_of_nil_budget": nil},
    }
    first = write_pack_file(council, 2031, settings)
    pack = read_pack_file(first)
    assert write_pack_file(pack.council, pack.start, pack.settings) == first
    assert pack.council == council
    assert read_settings(pack.settings) == read_settings(settings)
    assert order_settings(pack.settings) == order_settings(settings)
