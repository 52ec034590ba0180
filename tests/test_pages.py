"""Every page for each role and for a stranger; drafts and published reports kept apart."""

import pytest
from django.urls import get_resolver, reverse

from council_finance.accounts.models import Role
from monitoring.models import Period, Upload
from monitoring.services.uploads import upload_file
from tests.conftest import FIXTURES

POSITION = FIXTURES / "somerset-2019-20" / "periods" / "03" / "position.csv"
OFFICERS = {Role.FINANCE_OFFICER, Role.FINANCE_LEAD}
SEE_DRAFTS = OFFICERS | {Role.ADMINISTRATOR}


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


def addresses(draft: Upload) -> dict[str, tuple[str, set[Role]]]:
    """Every address that is read, and who may; an address of the site that is missing fails."""
    everyone = set(Role)
    return {
        "home": (reverse("home"), everyone),
        "year": (reverse("year", args=[2019]), everyone),
        "reports": (reverse("reports"), everyone),
        "report": (reverse("report", args=[2019, 3]), everyone),
        "statement": (reverse("statement", args=[2019, 3, "annex-a"]), everyone),
        "download": (reverse("download", args=[2019, 3, "annex-a", "csv"]), everyone),
        "draft report": (reverse("report", args=[2019, 4]), SEE_DRAFTS),
        "draft statement": (reverse("statement", args=[2019, 4, "annex-a"]), SEE_DRAFTS),
        "draft download": (reverse("download", args=[2019, 4, "annex-a", "json"]), SEE_DRAFTS),
        "upload-for-year": (reverse("upload-for-year", args=[2019]), OFFICERS),
        "upload-for-period": (reverse("upload-for-period", args=[2019, 4]), OFFICERS),
        "upload": (reverse("upload", args=[draft.pk]), SEE_DRAFTS),
        "upload-progress": (reverse("upload-progress", args=[draft.pk]), SEE_DRAFTS),
        "upload-problems": (reverse("upload-problems", args=[draft.pk]), SEE_DRAFTS),
    }


ACTS = ("upload-confirm", "upload-withdraw", "upload-again")
OPEN_TO_STRANGERS = {"login", "logout"}


def test_every_address_of_the_site_is_in_these_tests(draft):
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names == set(ACTS) | OPEN_TO_STRANGERS | {
        name for name in addresses(draft) if not name.startswith("draft ")
    }


@pytest.mark.parametrize("role", Role.values)
def test_each_role_reads_what_it_may_and_nothing_else(client, person, draft, role):
    client.force_login(person(role))
    for name, (address, readers) in addresses(draft).items():
        status = client.get(address).status_code
        assert status == 200 if role in readers else status in (403, 404), (name, status)


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("act", ACTS)
def test_only_officers_act_on_uploads(client, person, draft, role, act):
    client.force_login(person(role))
    status = client.post(reverse(act, args=[draft.pk])).status_code
    assert status == (409 if role in OFFICERS else 403)
    assert client.get(reverse(act, args=[draft.pk])).status_code == 405
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
    from monitoring.services.reports import reopen_report

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
        "/reports/2019-20/1/",
        "/reports/2019-20/3/nothing/",
        "/reports/2019-20/3/annex-a.exe",
        "/reports/2019-20/3/annex-a/?version=9",
        "/reports/2019-20/3/annex-a/?version=x",
        "/uploads/999999/",
    ],
)
def test_what_is_not_there_is_a_plain_page(client, person, somerset, address):
    client.force_login(person(Role.FINANCE_OFFICER))
    response = client.get(address)
    assert response.status_code == 404
    assert b"Budget monitor" in response.content


def test_the_first_page_of_an_empty_site_says_what_to_do(client, person, monkeypatch):
    from monitoring.models import FinancialYear
    from monitoring.views import years

    monkeypatch.setattr(years, "years", FinancialYear.objects.none)
    client.force_login(person(Role.FINANCE_OFFICER))
    assert "load_pack" in client.get("/").content.decode()


def test_pages_allow_nothing_from_elsewhere(client, person, somerset):
    client.force_login(person(Role.FINANCE_OFFICER))
    response = client.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert "style=" not in page
    assert "http://" not in page and "https://" not in page


@pytest.mark.parametrize(("period", "most"), [(3, 12), (4, 20)])
def test_pages_ask_few_questions(
    client, person, draft, django_assert_max_num_queries, period, most
):
    client.force_login(person(Role.FINANCE_OFFICER))
    with django_assert_max_num_queries(most):
        client.get(reverse("statement", args=[2019, period, "annex-a"]))
