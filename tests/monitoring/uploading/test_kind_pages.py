"""Kinds of file explain themselves, and are chosen already where one came from their subject."""

import html
import re

import pytest
from django.urls import reverse

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.uploads.columns import CODE, ColumnSpec
from monitoring.models import TreeRight, Upload
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

KINDS = registry.upload_kinds()
NO_KIND = {"year.html": 1, "upload_new.html": 2, "upload_about.html": 2, "upload.html": 2}
"""Templates with links to the upload page that are about no kind of file, and how many."""


def about(kind: registry.AnyKind, period: int = 4) -> str:
    if kind.per_period:
        return reverse("upload-about-period", args=[2019, period, kind.name])
    return reverse("upload-about-year", args=[2019, kind.name])


def kind_id(kind: registry.AnyKind) -> str:
    return f"{kind.name}-{'period' if kind.per_period else 'year'}"


@pytest.fixture
def lead(client, person, somerset):
    client.force_login(person(Role.FINANCE_LEAD))
    return client


@pytest.mark.parametrize("kind", KINDS, ids=kind_id)
def test_the_page_of_a_kind_explains_each_of_its_columns(lead, kind):
    page = html.unescape(lead.get(about(kind)).content.decode())
    assert kind.purpose in page
    rows = dict(re.findall(r'<th scope="row"><code>(\w+)</code>(.*?)</tr>', page, re.DOTALL))
    assert list(rows) == sorted(
        (spec.name for spec in kind.columns if not spec.aside),
        key=lambda name: not next(s.required for s in kind.columns if s.name == name),
    )
    for spec in kind.columns:
        if not spec.aside:
            row = rows[spec.name]
            assert spec.meaning in row
            assert f"<code>{spec.example}</code>" in row
            assert ("An error: every row needs it." in row) is spec.required
            assert spec.required or spec.blank in row
            assert all(f"<code>{word}</code>" in row for word in spec.choices)


@pytest.mark.parametrize("per_period", [False, True], ids=["year", "period"])
def test_the_upload_page_explains_each_kind_and_marks_the_one_that_was_asked_for(lead, per_period):
    address = (
        reverse("upload-for-period", args=[2019, 4])
        if per_period
        else reverse("upload-for-year", args=[2019])
    )
    for asked in KINDS:
        if asked.per_period != per_period:
            continue
        page = html.unescape(lead.get(f"{address}?kind={asked.name}").content.decode())
        chosen = re.findall(r'<input type="radio" name="kind" value="(\w+)"[^>]* checked', page)
        assert chosen == [asked.name]
        assert f'href="{about(asked)}"' in page
        assert asked.purpose in page
        assert all(spec.meaning in page for spec in asked.columns)


def test_kinds_that_the_council_has_no_file_of_are_folded_away_unless_asked_for(lead):
    def listed(query=""):
        page = lead.get(reverse("upload-for-period", args=[2019, 4]) + query).content.decode()
        parts = page.split('<details class="govuk-details folded-choices">')
        return [re.findall(r'name="kind" value="(\w+)"', part) for part in parts]

    used = ["position", "budgets", "actuals", "forecasts", "savings", "capital_receipts"]
    others = ["commentary", "mitigations", "grants", "capital", "capital_reasons"]
    first, folded = listed()
    assert first == [*used, "aged_debt"]
    assert folded[:5] == others
    first, folded = listed("?kind=grants")
    assert first == [*used, "grants", "aged_debt"]
    assert "grants" not in folded
    Upload.objects.update(state="withdrawn")
    assert listed()[0] == used[:4]
    year = lead.get(reverse("upload-for-year", args=[2019])).content.decode()
    assert re.search(r'value="(\w+)"[^>]* checked', year)[1] == "services"
    assert "More kinds of file" in year


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"purpose": ""}, "it has no purpose"),
        ({"columns": (ColumnSpec("site", CODE, True, example="A"),)}, "column site has no meaning"),
        ({"columns": (ColumnSpec("site", CODE, meaning="A site.", example="A"),)}, "no blank"),
        ({"columns": (ColumnSpec("site", CODE, True, meaning="A site."),)}, "no example"),
    ],
)
def test_a_kind_that_is_not_explained_is_not_registered(changes, sentence):
    fields = {"name": "sites", "label": "Sites", "per_period": True, "purpose": "Sites."}
    given = {"columns": (), "check": print, "store": print} | fields | changes
    with pytest.raises(ValueError, match=sentence):
        registry.register_upload_kind(registry.UploadKind(**given))
    assert "sites" not in {kind.name for kind in registry.upload_kinds()}


def test_links_to_the_upload_page_name_the_kind_of_their_subject():
    known = {("period" if kind.per_period else "year", kind.name) for kind in KINDS}
    links = []
    for template in sorted((ROOT / "templates").rglob("*.html")):
        found = re.findall(
            r"""url '?"?upload-for-(year|period)'?"?[^%]*%}(\?[^">]*)?""", template.read_text()
        )
        plain = [span for span, query in found if "kind=" not in query and "scope=" not in query]
        assert len(plain) <= NO_KIND.get(template.name, 0), template.name
        links += [
            (span, kind) for span, query in found for kind in re.findall(r"kind=(\w+)", query)
        ]
    assert set(links) <= known
    assert {name for _, name in links} >= {
        *("position", "forecasts", "savings", "reserves", "reserve_movements", "aged_debt"),
        *("commentary", "virements", "services"),
    }


def test_the_path_to_the_upload_page_has_the_month(lead):
    page = lead.get(reverse("upload-for-period", args=[2019, 4])).content.decode()
    crumbs = page[page.index("govuk-breadcrumbs") :].split("</nav>")[0]
    assert reverse("year", args=[2019]) in crumbs
    assert reverse("month", args=[2019, 4]) in crumbs


def test_who_has_a_part_keeps_the_kind_that_was_asked_for(client, person, somerset):
    user = person(Role.FINANCE_OFFICER)
    TreeRight.objects.create(user=user, service_code="ADULT")
    client.force_login(user)
    page = client.get(reverse("upload-for-period", args=[2019, 4]) + "?kind=actuals").content
    assert b"?scope=ADULT&amp;kind=actuals" in page


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.BUDGET_MANAGER, Role.SCRUTINY_MEMBER])
def test_pages_about_kinds_are_for_those_who_may_upload_them(client, person, somerset, role):
    client.force_login(person(role))
    assert {client.get(about(kind)).status_code for kind in KINDS} == {403}


def test_the_administrator_reads_about_services_alone(client, person, somerset):
    client.force_login(person(Role.ADMINISTRATOR))
    found = {kind_id(kind): client.get(about(kind)).status_code for kind in KINDS}
    assert {name for name, status in found.items() if status == 200} == {"services-year"}


def test_there_is_no_page_about_an_unknown_kind(lead):
    assert lead.get("/2019-20/4/upload/about/poetry/").status_code == 404
    assert lead.get("/2019-20/upload/about/position/").status_code == 404


def test_only_files_of_budget_lines_are_offered_for_the_approved_budget(lead):
    page = lead.get(reverse("upload-for-period", args=[2019, 0])).content.decode()
    assert set(re.findall(r'name="kind" value="(\w+)"', page)) == {
        *("position", "budgets", "actuals", "forecasts")
    }
