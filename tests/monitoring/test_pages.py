"""Every page for each role and for a stranger; drafts and published reports kept apart."""

import pytest
from django.urls import get_resolver, reverse

from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import FinancialYear, Layout, LayoutVersion, Period, TreeDraft, Upload
from monitoring.set_up.pasted import PastedService
from monitoring.uploading.services.uploads import upload_file
from tests.conftest import FIXTURES
from tests.councils.packs import bring

POSITION = FIXTURES / "somerset-2019-20" / "periods" / "03" / "position.csv"
OFFICERS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}
WRITE = OFFICERS | {Role.DIRECTOR}
SEE_DRAFTS = OFFICERS | {Role.ADMINISTRATOR}
STRUCTURE = {Role.FINANCE_LEAD, Role.ADMINISTRATOR}


@pytest.fixture
def draft(somerset) -> Upload:
    """A draft of month 4, and the upload that brought it."""
    return upload_file(
        kind="position",
        year=somerset,
        period=4,
        content=POSITION.read_bytes().replace(b"73869000", b"74869000"),
        file_name="month-4.csv",
        by=None,
    )


def unmatched(draft: Upload) -> Upload:
    """An upload whose headings are not known yet."""
    with pytest.raises(Refused):
        upload_file(
            kind="position",
            year=draft.year,
            period=5,
            content=b"Centre,Sum\nA100,5\n",
            file_name="export.csv",
            by=None,
        )
    return Upload.objects.filter(year=draft.year, period=5).first()


def addresses(draft: Upload) -> dict[str, tuple[str, set[Role]]]:
    """Every address that is read, and who may; an address of the site that is missing fails."""
    everyone = set(Role) - {Role.NO_ROLE}
    line = draft.year.lines.get(cost_centre="C110")
    somebody, _ = User.objects.get_or_create(username="somebody")
    tree = [PastedService(1, "Somerset", "TOP").to_data()]
    TreeDraft.objects.get_or_create(year=draft.year, defaults={"services": tree, "by": somebody})
    layout, _ = Layout.objects.get_or_create(name="Ledger", kind="position")
    LayoutVersion.objects.get_or_create(layout=layout, number=1, definition=POSITION_LAYOUT)
    return {
        "password": (reverse("password"), set(Role)),
        "second-factor": (reverse("second-factor"), set(Role)),
        "people": (reverse("people"), {Role.ADMINISTRATOR}),
        "person-new": (reverse("person-new"), {Role.ADMINISTRATOR}),
        "people-list": (reverse("people-list"), {Role.ADMINISTRATOR}),
        "people-links": (reverse("people-links"), {Role.ADMINISTRATOR}),
        "people-services": (reverse("people-services"), {Role.ADMINISTRATOR}),
        "person": (reverse("person", args=[somebody.pk]), {Role.ADMINISTRATOR}),
        "reminders": (reverse("reminders"), everyone),
        "tokens": (reverse("tokens"), everyone),
        "data-for-programs": (reverse("data-for-programs"), everyone),
        "odata-connect": (reverse("odata-connect"), everyone),
        "mail-log": (reverse("mail-log"), {Role.ADMINISTRATOR}),
        "settings": (reverse("settings"), SEE_DRAFTS),
        "ledger-feed": (reverse("ledger-feed"), SEE_DRAFTS),
        "council": (reverse("council"), SEE_DRAFTS),
        "set-up": (reverse("set-up"), SEE_DRAFTS),
        "set-up-council": (reverse("set-up-council"), STRUCTURE),
        "set-up-year": (reverse("set-up-year"), STRUCTURE),
        "set-up-services": (f"{reverse('set-up-services')}?new=1", STRUCTURE),
        "set-up-services-preview": (reverse("set-up-services-preview"), STRUCTURE),
        "set-up-settings": (reverse("set-up-settings"), STRUCTURE),
        "set-up-first-month": (reverse("set-up-first-month"), OFFICERS),
        "settings-year": (reverse("settings-year", args=[2019]), SEE_DRAFTS),
        "settings-download": (reverse("settings-download", args=[2019]), SEE_DRAFTS),
        "settings-import": (reverse("settings-import", args=[2019]), STRUCTURE),
        "settings-table": (reverse("settings-table", args=[2019, "display"]), SEE_DRAFTS),
        "layouts": (reverse("layouts"), SEE_DRAFTS),
        "layout-import": (reverse("layout-import"), SEE_DRAFTS),
        "layout": (reverse("layout", args=[layout.pk]), SEE_DRAFTS),
        "layout-export": (reverse("layout-export", args=[layout.pk]), SEE_DRAFTS),
        "layout-try": (reverse("layout-try", args=[layout.pk]), SEE_DRAFTS),
        "layout-delete": (reverse("layout-delete", args=[layout.pk]), STRUCTURE),
        "home": (reverse("home"), everyone),
        "years": (reverse("years"), SEE_DRAFTS),
        "year-take-back": (reverse("year-take-back", args=[2019]), STRUCTURE),
        "year-archive": (reverse("year-archive", args=[2019]), STRUCTURE),
        "year-bring-back": (reverse("year-bring-back", args=[2019]), STRUCTURE),
        "year": (reverse("year", args=[2019]), everyone),
        "overview": (reverse("overview", args=[2019, 3]), everyone),
        "draft overview": (reverse("overview", args=[2019, 4]), SEE_DRAFTS),
        "compare": (reverse("compare"), everyone),
        "compare-download": (reverse("compare-download", args=["csv"]), everyone),
        "search": (reverse("search"), everyone),
        "reports": (reverse("reports"), everyone),
        "report": (reverse("report", args=[2019, 3]), everyone),
        "statement": (reverse("statement", args=[2019, 3, "annex-a"]), everyone),
        "download": (reverse("download", args=[2019, 3, "annex-a", "csv"]), everyone),
        "pack": (reverse("pack", args=[2019, 3, "zip"]), everyone),
        "figures-report": (reverse("figures-report", args=[2019, 3, "csv"]), everyone),
        "draft figures-report": (reverse("figures-report", args=[2019, 4, "csv"]), SEE_DRAFTS),
        "open-data": (reverse("open-data", args=[2019, 3]), everyone),
        "figures-year": (reverse("figures-year", args=[2019, "parquet"]), everyone),
        "figures-all": (reverse("figures-all", args=["jsonl"]), everyone),
        "document": (reverse("document", args=[2019, 3]), everyone),
        "draft document": (reverse("document", args=[2019, 4]), SEE_DRAFTS),
        "figures-for-texts": (reverse("figures-for-texts", args=[2019, 3]), SEE_DRAFTS),
        "document-file": (reverse("document-file", args=[2019, 3, "docx"]), everyone),
        "draft document-file": (reverse("document-file", args=[2019, 4, "docx"]), SEE_DRAFTS),
        "draft pack": (reverse("pack", args=[2019, 4, "zip"]), SEE_DRAFTS),
        "draft report": (reverse("report", args=[2019, 4]), SEE_DRAFTS),
        "draft statement": (reverse("statement", args=[2019, 4, "annex-a"]), SEE_DRAFTS),
        "draft download": (reverse("download", args=[2019, 4, "annex-a", "json"]), SEE_DRAFTS),
        "month": (reverse("month", args=[2019, 4]), everyone - {Role.SCRUTINY_MEMBER}),
        "commentary": (reverse("commentary", args=[2019, 3]), everyone),
        "commentary-edit": (reverse("commentary-edit", args=[2019, 3, "ADULT"]), everyone),
        "draft commentary": (reverse("commentary", args=[2019, 4]), SEE_DRAFTS),
        "draft commentary-edit": (reverse("commentary-edit", args=[2019, 4, "ADULT"]), SEE_DRAFTS),
        "mitigations": (reverse("mitigations", args=[2019, 3]), everyone),
        "draft mitigations": (reverse("mitigations", args=[2019, 4]), SEE_DRAFTS),
        "mitigations-edit": (reverse("mitigations-edit", args=[2019, 4, "ADULT"]), SEE_DRAFTS),
        "forecast-accuracy": (reverse("forecast-accuracy", args=[2019, 3]), everyone),
        "draft forecast-accuracy": (reverse("forecast-accuracy", args=[2019, 4]), SEE_DRAFTS),
        "warning-signs": (reverse("warning-signs", args=[2019, 3]), everyone),
        "draft warning-signs": (reverse("warning-signs", args=[2019, 4]), SEE_DRAFTS),
        "review": (reverse("review", args=[2019, 4]), SEE_DRAFTS),
        "commentary-write": (reverse("commentary-write", args=[2019, 4]), WRITE),
        "commentary-sign-off": (reverse("commentary-sign-off", args=[2019, 4]), {Role.DIRECTOR}),
        "virements-approve": (reverse("virements-approve", args=[2019, 4]), {Role.FINANCE_LEAD}),
        "forecasts-confirm": (reverse("forecasts-confirm", args=[2019, 4]), OFFICERS),
        "service": (reverse("service", args=[2019, 3, "CHILD-OPS"]), everyone),
        "draft service": (reverse("service", args=[2019, 4, "CHILD-OPS"]), SEE_DRAFTS),
        "question-new": (reverse("question-new", args=[2019, 4, "CHILD-OPS"]), SEE_DRAFTS),
        "line": (reverse("line", args=[2019, 3, line.pk]), everyone),
        "draft line": (reverse("line", args=[2019, 4, line.pk]), SEE_DRAFTS),
        "forecasts": (reverse("forecasts", args=[2019, 4, "CHILD-OPS"]), SEE_DRAFTS),
        "forecast-methods": (reverse("forecast-methods", args=[2019, 4, "CHILD-OPS"]), SEE_DRAFTS),
        "forecasts-file": (reverse("forecasts-file", args=[2019, 4, "CHILD-OPS"]), SEE_DRAFTS),
        "upload-file": (reverse("upload-file", args=[draft.pk]), SEE_DRAFTS),
        "upload-for-year": (reverse("upload-for-year", args=[2019]), SEE_DRAFTS),
        "upload-for-period": (reverse("upload-for-period", args=[2019, 4]), OFFICERS),
        "upload-about-year": (reverse("upload-about-year", args=[2019, "virements"]), OFFICERS),
        "upload-about-period": (
            reverse("upload-about-period", args=[2019, 4, "position"]),
            OFFICERS,
        ),
        "upload-template-year": (
            reverse("upload-template-year", args=[2019, "virements", "csv"]),
            OFFICERS,
        ),
        "upload-template-period": (
            reverse("upload-template-period", args=[2019, 4, "position", "csv"]),
            OFFICERS,
        ),
        "upload-undo": (reverse("upload-undo", args=[draft.pk]), OFFICERS),
        "upload": (reverse("upload", args=[draft.pk]), SEE_DRAFTS),
        "upload-progress": (reverse("upload-progress", args=[draft.pk]), SEE_DRAFTS),
        "upload-problems": (reverse("upload-problems", args=[draft.pk]), SEE_DRAFTS),
        "upload-columns": (reverse("upload-columns", args=[unmatched(draft).pk]), OFFICERS),
        "audit": (reverse("audit"), {Role.FINANCE_LEAD, Role.ADMINISTRATOR}),
        "audit-download": (reverse("audit-download"), {Role.FINANCE_LEAD, Role.ADMINISTRATOR}),
        "structure": (reverse("structure", args=[2019]), SEE_DRAFTS),
        "service-new": (reverse("service-new", args=[2019]), STRUCTURE),
        "service-change": (reverse("service-change", args=[2019, "ADULT"]), STRUCTURE),
        "lines-move": (reverse("lines-move", args=[2019, "ADULT"]), STRUCTURE),
        "redact": (reverse("redact", args=[2019]), STRUCTURE),
        "year-roll-forward": (reverse("year-roll-forward", args=[2019]), STRUCTURE),
        "virements": (reverse("virements", args=[2019, 4]), SEE_DRAFTS | {Role.DIRECTOR}),
        "virements-download": (
            reverse("virements-download", args=[2019, 4]),
            SEE_DRAFTS | {Role.DIRECTOR},
        ),
        "virement": (reverse("virement", args=[2019, "V-2019-001"]), SEE_DRAFTS),
        "virement-new": (reverse("virement-new", args=[2019, 4]), OFFICERS),
        "virement-lines": (reverse("virement-lines", args=[2019, 4]), OFFICERS),
        "savings": (reverse("savings", args=[2019, 3]), everyone),
        "draft savings": (reverse("savings", args=[2019, 4]), SEE_DRAFTS),
        "savings-lines": (reverse("savings-lines", args=[2019, 3]), everyone),
        "draft savings-lines": (reverse("savings-lines", args=[2019, 4]), SEE_DRAFTS),
        "saving": (reverse("saving", args=[2019, "SCC-001"]), everyone),
        "savings-entry": (reverse("savings-entry", args=[2019, 4]), OFFICERS),
        "saving-new": (reverse("saving-new", args=[2019]), OFFICERS),
        "saving-change": (reverse("saving-change", args=[2019, "SCC-001"]), OFFICERS),
        "saving-replace": (reverse("saving-replace", args=[2019, 4, "SCC-001"]), OFFICERS),
        "reserves": (reverse("reserves", args=[2019, 3]), everyone),
        "draft reserves": (reverse("reserves", args=[2019, 4]), SEE_DRAFTS),
        "reserve": (reverse("reserve", args=[2019, "ITS"]), everyone),
        "reserves-forward": (reverse("reserves-forward", args=[2019]), {Role.FINANCE_LEAD}),
        "reserve-new": (reverse("reserve-new", args=[2019]), OFFICERS),
        "receipts-new": (reverse("receipts-new", args=[2019]), OFFICERS),
        "capital-entry": (reverse("capital-entry", args=[2019, 4]), OFFICERS),
        "capital-changes": (reverse("capital-changes", args=[2019, 4]), SEE_DRAFTS),
        "capital-change-new": (reverse("capital-change-new", args=[2019, 4]), OFFICERS),
        "grants": (reverse("grants", args=[2019, 3]), everyone),
        "draft grants": (reverse("grants", args=[2019, 4]), SEE_DRAFTS),
        "grants-entry": (reverse("grants-entry", args=[2019, 4]), OFFICERS),
        "grants-forward": (reverse("grants-forward", args=[2019]), {Role.FINANCE_LEAD}),
        "capital-receipts": (reverse("capital-receipts", args=[2019, 3]), everyone),
        "draft capital-receipts": (reverse("capital-receipts", args=[2019, 4]), SEE_DRAFTS),
        "contingency": (reverse("contingency", args=[2019, 3]), everyone),
        "draft contingency": (reverse("contingency", args=[2019, 4]), SEE_DRAFTS),
        "debt": (reverse("debt", args=[2019, 3]), everyone),
        "draft debt": (reverse("debt", args=[2019, 4]), SEE_DRAFTS),
    } | _addresses_of_performance_and_plans(draft.year)


def _addresses_of_performance_and_plans(year: FinancialYear) -> dict[str, tuple[str, set[Role]]]:
    """Return the pages of performance, capital and planning, and of what only a draft has."""
    for kind, text in NEW_RECORDS.items():
        bring(year, kind, text)
    bring(year, "capital", "reference,budget,forecast\nCP1,5,5\n", 4)
    everyone = set(Role) - {Role.NO_ROLE}
    found = {}
    for name in (
        *("activity", "indicators", "capital", "decisions", "contracts", "decision-dates"),
        *("subjectives", "plan-of-report"),
    ):
        found[name] = (reverse(name, args=[2019, 3]), everyone)
        found[f"draft {name}"] = (reverse(name, args=[2019, 4]), SEE_DRAFTS)
    return found | {
        "activity-entry": (reverse("activity-entry", args=[2019, 4]), OFFICERS),
        "indicators-entry": (reverse("indicators-entry", args=[2019, 4]), OFFICERS),
        "subject": (reverse("subject", args=[2019, 3, "ADULT"]), everyone),
        "draft subject": (reverse("subject", args=[2019, 4, "ADULT"]), SEE_DRAFTS),
        "capital-roll": (reverse("capital-roll", args=[2019]), OFFICERS),
        "decision": (reverse("decision", args=[2019, "FP/19/07/02"]), everyone),
        "decision-new": (reverse("decision-new", args=[2019]), OFFICERS),
        "contract-new": (reverse("contract-new", args=[2019]), OFFICERS),
        "contract": (reverse("contract", args=[2019, "SCC-SLSW"]), everyone),
        "plan": (reverse("plan", args=[2019]), SEE_DRAFTS),
        "year-statement": (reverse("year-statement", args=[2019, "capital-plan"]), SEE_DRAFTS),
        "year-download": (reverse("year-download", args=[2019, "capital-plan", "csv"]), SEE_DRAFTS),
        "capital-scheme": (reverse("capital-scheme", args=[2019, "CP1"]), SEE_DRAFTS),
        "activity-group": (reverse("activity-group", args=[2019, 4, "AG1"]), SEE_DRAFTS),
        "activity-what-if": (reverse("activity-what-if", args=[2019, 4, "AG1"]), SEE_DRAFTS),
    }


NEW_RECORDS = {
    "capital_plan": "reference,scheme,service_code\nCAP-1,Library,ADULT\n",
    "capital": "reference,scheme,service_code,original_budget\nCP1,Bridge,ADULT,5\n",
    "activity_groups": "code,name,service_code\nAG1,Homes,ADULT\n",
}
"""Records that no published report has: only who sees drafts may read them."""
POSITION_LAYOUT = {"columns": {"Centre": "cost_centre", "Code": "account", "Bud": "current_budget"}}
EXPLAINED = {
    *("draft overview", "draft report", "draft commentary", "draft savings", "draft savings-lines"),
    *("draft mitigations", "draft warning-signs", "draft forecast-accuracy"),
    *("draft activity", "draft indicators", "draft capital", "draft decisions"),
    *("draft contracts", "draft decision-dates", "draft subjectives", "draft plan-of-report"),
    *("activity-group", "activity-what-if"),
    *(
        "draft document",
        "draft reserves",
        "draft capital-receipts",
        "draft grants",
        "draft contingency",
        "draft debt",
    ),
}
"""Pages of menus: who may not read the draft reads that there is no report yet."""
ACTS = ("upload-confirm", "upload-withdraw", "upload-again")
OPEN_TO_STRANGERS = {
    "login",
    "login-code",
    "sign-on",
    "sign-on-callback",
    "logout",
    "password-reset",
    "password-reset-sent",
    "password-reset-confirm",
    "accessibility",
    "glossary",
    "privacy",
    "reminders-stop",
    *("council-style", "council-logo"),
    *("api-openapi", "api-nowhere"),
}
TOKEN_ONLY = {
    *("api-start", "api-years", "api-periods", "api-reports", "api-report", "api-statements"),
    *("api-statement", "api-services", "api-figures"),
}
"""Addresses for programs; tests/monitoring/api asks them as each role, and without a token."""
ACTS_ELSEWHERE = {
    *("person-link", "person-second-factor", "person-export", "person-erase"),
    *("person-sign-on", "person-tokens", "token-revoke"),
    "upload-sheets",
    *("layout-rename", "layout-restore", "layout-by-name"),
    *("first-year", "set-up-dismiss"),
    *("question", "plan-item", "indicator", "decision-change", "contract-change"),
    "contracts-published",
    *("plan-entry", "plan-entry-row", "plan-adopt", "savings-not-delivered"),
    *("plan-estimates-first", "plan-estimates"),
    *("grant", "grant-position", "capital-forecast", "capital-change", "capital-balance"),
    "capital-spend-by",
    *("reserves-review", "receipts-forecasts", "check-text"),
    "month-next-step",  # leads elsewhere
    *("odata", "odata-resource", "api-uploads", "api-upload"),  # for programs, with a token
}
"""Written to only, or leading on to another page; their own files test who may."""


def test_every_address_of_the_site_is_in_these_tests(draft):
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names == set(ACTS) | ACTS_ELSEWHERE | OPEN_TO_STRANGERS | TOKEN_ONLY | {
        name for name in addresses(draft) if not name.startswith("draft ")
    }


@pytest.mark.slow
@pytest.mark.parametrize("role", Role.values)
def test_each_role_reads_what_it_may_and_nothing_else(client, person, draft, role):
    """Nothing of it is kept by a browser, and every file is told on the audit trail."""
    client.force_login(person(role))
    files = 0
    for name, (address, readers) in addresses(draft).items():
        response = client.get(address)
        response.getvalue()  # a file is sent, and its folder removed, only as it is read
        status = response.status_code
        if name in EXPLAINED and role not in readers and role != Role.NO_ROLE:
            assert b"No report for month 4 yet" in response.content, name
        else:
            assert status == 200 if role in readers else status in (403, 404), (name, status)
        kept = "no-cache" if response.has_header("ETag") else "no-store"
        assert kept in response["Cache-Control"], name
        files += response.get("Content-Disposition", "").startswith("attachment")
    assert bool(files) == (role != Role.NO_ROLE)
    assert AuditEntry.objects.filter(action="downloaded").count() == files


def writers() -> dict[str, set[Role]]:
    """The addresses that are also written to, and who may; every other one is read only."""
    admin = {Role.ADMINISTRATOR}
    return {
        "password": set(Role),
        "reserve-new": OFFICERS,
        **dict.fromkeys(("reminders", "tokens"), set(Role) - {Role.NO_ROLE}),
        "commentary-write": WRITE,
        "commentary-sign-off": {Role.DIRECTOR},
        "virements-approve": {Role.FINANCE_LEAD},
        "forecasts-confirm": OFFICERS,
        "question-new": SEE_DRAFTS,
        "receipts-new": OFFICERS,
        "second-factor": set(Role),
        "person-new": admin,
        "people-list": admin,
        "people-services": admin,
        "person": admin,
        "council": STRUCTURE,
        "set-up-council": STRUCTURE,
        "set-up-year": STRUCTURE,
        "set-up-services": STRUCTURE,
        "set-up-services-preview": STRUCTURE,
        "set-up-settings": STRUCTURE,
        "settings-import": STRUCTURE,
        "settings-table": STRUCTURE,
        "layout-import": SEE_DRAFTS,
        "layout-try": SEE_DRAFTS,
        "layout-delete": STRUCTURE,
        "upload-undo": OFFICERS,
        "forecast-methods": OFFICERS,
        "draft commentary-edit": OFFICERS,
        "commentary-edit": OFFICERS,
        "mitigations-edit": OFFICERS,
        "review": {Role.FINANCE_LEAD},
        "forecasts": OFFICERS,
        "upload-for-year": SEE_DRAFTS,
        "upload-for-period": OFFICERS,
        "upload-columns": OFFICERS,
        "service-new": STRUCTURE,
        "service-change": STRUCTURE,
        "lines-move": STRUCTURE,
        "redact": STRUCTURE,
        "year-roll-forward": STRUCTURE,
        "year-take-back": STRUCTURE,
        "year-archive": STRUCTURE,
        "year-bring-back": STRUCTURE,
        "contingency": OFFICERS,
        "draft contingency": OFFICERS,
        "virement": SEE_DRAFTS,
        "virement-new": OFFICERS,
        "savings-entry": OFFICERS,
        "saving-new": OFFICERS,
        "saving-change": OFFICERS,
        "saving-replace": OFFICERS,
        "reserve": OFFICERS,
        "reserves-forward": {Role.FINANCE_LEAD},
        "grants-forward": {Role.FINANCE_LEAD},
        **dict.fromkeys(("capital-change-new", "decision-new", "contract-new"), OFFICERS),
        "activity-entry": OFFICERS,
        "activity-what-if": OFFICERS,
        "indicators-entry": OFFICERS,
        "capital-roll": OFFICERS,
    }


@pytest.mark.slow
@pytest.mark.parametrize("role", Role.values)
def test_each_role_writes_where_it_may_and_nowhere_else(client, person, draft, role):
    """What is sent says nothing: who may write is told so, or sent on; others are turned away."""
    client.force_login(person(role))
    for name, (address, _) in addresses(draft).items():
        response = client.post(address, {"act": "rename"})
        status = response.status_code
        kept = "no-cache" if response.has_header("ETag") else "no-store"
        assert kept in response["Cache-Control"], name
        if name not in writers():
            assert status == (403 if role == Role.NO_ROLE else 405), (name, status)
        elif role not in writers()[name]:
            assert status in (403, 404), (name, status)
        else:
            assert status in (302, 400, 409, 422), (name, status)


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("act", ACTS)
def test_only_officers_act_on_uploads(client, person, draft, role, act):
    client.force_login(person(role))
    status = client.post(reverse(act, args=[draft.pk])).status_code
    assert status == (409 if role in OFFICERS else 403)
    read = client.get(reverse(act, args=[draft.pk])).status_code
    assert read == (403 if role == Role.NO_ROLE else 405)
    draft.refresh_from_db()
    assert draft.state == "stored"


def test_a_stranger_is_sent_to_the_log_in(client, draft):
    acts = {act: (reverse(act, args=[draft.pk]), set()) for act in ACTS}
    for name, (address, _) in (addresses(draft) | acts).items():
        response = client.post(address) if name in acts else client.get(address)
        assert (response.status_code, response.url.split("?")[0]) == (302, "/login/"), name


@pytest.mark.parametrize("role", sorted(set(Role.values) - {role.value for role in SEE_DRAFTS}))
def test_no_figure_of_a_draft_reaches_other_readers(client, person, draft, role):
    client.force_login(person(role))
    for name in ("home", "year", "reports"):
        page = client.get(addresses(draft)[name][0]).content.decode()
        assert "Draft" not in page
        assert "Month 4" not in page
    page = client.get(reverse("statement", args=[2019, 3, "annex-a"])).content.decode()
    assert "Month 4" not in page


def test_a_reopened_report_still_shows_its_published_version_to_members(client, person, somerset):
    from monitoring.publishing.services.reports import reopen_report

    period = Period.objects.get(year=somerset, number=3)
    reopen_report(period=period, reason="A late invoice", by=None)
    content = POSITION.read_bytes().replace(b"73869000", b"75869000")
    upload_file(
        kind="position", year=somerset, period=3, content=content, file_name="x.csv", by=None
    )
    address = reverse("download", args=[2019, 3, "annex-a", "json"])
    client.force_login(person(Role.SCRUTINY_MEMBER))
    member = client.get(address).json()
    client.force_login(person(Role.FINANCE_OFFICER))
    officer = client.get(address).json()
    assert (member["status"], member["version"]) == ("published", 1)
    assert (officer["status"], officer["version"]) == ("draft", 2)
    assert member["rows"][0]["cells"]["net_variance"]["text"] == "0.000"
    assert officer["rows"][0]["cells"]["net_variance"]["text"] == "2.000"
    earlier = client.get(f"{address}?version=1").json()
    assert earlier == member


@pytest.mark.parametrize(
    "address",
    [
        "/2031-32/",
        "/2019-21/",
        "/reports/2019-20/14/",
        "/reports/2019-20/1/annex-a/",
        "/reports/2019-20/3/nothing/",
        "/reports/2019-20/3/annex-a.exe",
        "/reports/2019-20/3/annex-a/?version=9",
        "/reports/2019-20/3/annex-a/?version=x",
        "/uploads/999999/",
        "/reports/2019-20/3/annex-a/?version=²",
        "/2019-20/3/services/ADULT/?version=²",
        "/2019-20/3/commentary/ADULT/?version=²",
    ],
)
def test_what_is_not_there_is_a_plain_page(client, person, somerset, address):
    client.force_login(person(Role.FINANCE_OFFICER))
    response = client.get(address)
    assert response.status_code == 404
    assert b"Budget monitor" in response.content


@pytest.mark.parametrize(
    "address",
    [
        "/2019-20/3/services/%00/",
        "/2019-20/virements/%00/",
        "/2019-20/4/virements/lines/?q=%00",
        "/2019-20/4/forecasts/ADULT/?q=a%00b",
        "/2019-20/service-lines/ADULT/?q=%00",
        "/audit/?record=%00",
    ],
)
def test_a_nul_in_an_address_is_a_bad_request(client, person, draft, address):
    client.force_login(person(Role.FINANCE_LEAD))
    assert client.get(address).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/2019-20/4/virements/lines/?q=" + "a+" * 1500,
        "/2019-20/4/virements/lines/?q=" + "a/" * 1500,
        "/2019-20/service-lines/ADULT/?q=" + "a%25" * 9000,
        "/2019-20/4/virements/?q=" + "a" * 30000,
        "/audit/?record=" + "a" * 30000,
    ],
)
def test_a_long_search_is_no_fault_of_the_page(client, person, draft, address):
    client.force_login(person(Role.FINANCE_LEAD))
    assert client.get(address).status_code in (200, 422)


def test_the_first_page_of_an_empty_site_says_what_to_do(client, person, monkeypatch):
    from monitoring.month.views import years

    monkeypatch.setattr(years, "years_under_way", lambda user: None)
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "The council is being set up" in client.get("/").content.decode()


def test_pages_allow_nothing_from_elsewhere(client, person, somerset):
    client.force_login(person(Role.FINANCE_OFFICER))
    response = client.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert "style=" not in page
    assert "http://" not in page and "https://" not in page


# A draft is read from the tables: each app looks for what it has.
@pytest.mark.parametrize(("period", "most"), [(3, 12), (4, 51)])
def test_pages_ask_few_questions(
    client, person, draft, django_assert_max_num_queries, period, most
):
    client.force_login(person(Role.FINANCE_OFFICER))
    with django_assert_max_num_queries(most):
        client.get(reverse("statement", args=[2019, period, "annex-a"]))
