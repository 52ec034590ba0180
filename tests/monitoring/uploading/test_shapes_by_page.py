"""Exports of every shape, matched once on the page, to exact figures and back to their cells."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from council_finance.accounts.models import Role
from monitoring.models import Layout, Period, Position, Upload
from monitoring.uploading.selectors.uploads import origins_of
from tests.council_finance.uploads.test_layouts import workbook
from tests.monitoring.uploading.matched import as_sent
from tests.quick_cases import quick_first

pytestmark = pytest.mark.django_db

CODES = {"column_cost_centre": "0", "column_account": "1"}
ADULT = {"fixed_service_code": "ADULT"}
FLEXFIELD = "3000-1-{}-0-0"

SHAPES = {
    "a ledger finer than a line": (
        "cost_centre,account,current_budget\nT1,4000,300\nT1,4000,200.50\nT1,9000,-5\n",
        CODES | ADULT | {"column_current_budget": "2", "shape-add_up": "on"},
        {"T1/4000": 50_050, "T1/9000": -500},
        {"T1/4000": ["C2", "C3"]},
    ),
    "two parts of a long code": (
        f"Key,Amount\n{FLEXFIELD.format('T1-4000')},100.5\n{FLEXFIELD.format('T2-4000')},50\n",
        ADULT
        | {
            "column_current_budget": "1",
            "shape-parts_column": "0",
            "shape-parts_separator": "-",
            "shape-parts_of_cost_centre": "3",
            "shape-parts_of_account": "4",
        },
        {"T1/4000": 10_050, "T2/4000": 5_000},
        {"T1/4000": ["B2"]},
    ),
    "a month a column": (
        "Centre,Natural,Apr,May,Jun,Jul,Aug\nT1,4000,1,2,3,4,5\n",
        CODES
        | ADULT
        | {
            "shape-months_first": "2",
            "shape-months_last": "6",
            "shape-months_into": "current_budget",
            "shape-months_to_period": "profiled_budget_to_date",
        },
        {"T1/4000": 1_500},
        {"T1/4000": ["C2", "D2", "E2", "F2", "G2"]},
    ),
    "labels printed once": (
        "Centre,Natural,Budget\nT1,4000,300\n,9000,-5\nT2,4000,1\n",
        CODES | ADULT | {"column_current_budget": "2", "shape-fill": ["0"]},
        {"T1/4000": 30_000, "T1/9000": -500, "T2/4000": 100},
        {"T1/9000": ["C3"]},
    ),
    "a crosstab": (
        [["Natural", "T1", "T2", "Total"], ["4000", 10, 20.5, 30.5], ["9000", None, -1, -1]],
        ADULT
        | {
            "column_account": "0",
            "shape-turn_after": "0",
            "shape-turn_headings": "cost_centre",
            "shape-turn_figures": "current_budget",
        },
        {"T1/4000": 1_000, "T2/4000": 2_050, "T2/9000": -100},
        {"T2/9000": ["C3"]},
    ),
    "several years and positive income": (
        "Year,Kind,Centre,Natural,Budget\n2018/19,Exp,T1,4000,9\n2019/20,Exp,T1,4000,10\n"
        "2019/20,Inc,T1,9000,4\n",
        ADULT
        | {
            "column_cost_centre": "2",
            "column_account": "3",
            "column_current_budget": "4",
            "shape-rows_column": "0",
            "shape-rows_act": "keep_rows",
            "shape-rows_values": "2019/20",
            "shape-sign_column": "1",
            "shape-sign_values": "inc\nrec",
        },
        {"T1/4000": 1_000, "T1/9000": -400},
        {"T1/9000": ["E4"]},
    ),
    "headings over two rows": (
        [
            ["", "", "Full year", None, "To date"],
            ["Centre", "Natural", "Budget", "Forecast", "Budget"],
            ["T1", "4000", 10, 11, 3],
        ],
        CODES | ADULT | {"column_current_budget": "2", "column_profiled_budget_to_date": "4"},
        {"T1/4000": 1_000},
        {},
    ),
    "a heading that stands twice": (
        "Centre,Natural,Budget,Budget\n12,4000,10,3\n",
        CODES
        | ADULT
        | {
            "column_current_budget": "2",
            "column_profiled_budget_to_date": "3",
            "shape-pad_cost_centre": "5",
        },
        {"00012/4000": 1_000},
        {"00012/4000": ["C2"]},
    ),
}


@pytest.fixture
def bring(client, person, somerset, django_capture_on_commit_callbacks):
    """Bring a file in, match it on the page and store it: (refused upload, last upload)."""
    client.force_login(person(Role.FINANCE_OFFICER))

    def post(url, data):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, data)

    def act(content, data):
        content = workbook(content) if isinstance(content, list) else content.encode()
        address = reverse("upload-for-period", args=[2019, 4])
        post(address, {"kind": "position", "file": SimpleUploadedFile("export.csv", content)})
        refused = Upload.objects.first()
        assert refused.state == "refused"
        response = post(reverse("upload-columns", args=[refused.pk]), {"name": "Shape", **data})
        errors = response.context and (
            response.context["form"].errors,
            response.context["form"].shape.errors,
        )
        assert response.status_code == 302, errors
        matched = Upload.objects.first()
        assert (matched.state, matched.problems) == ("ready", [])
        post(reverse("upload-confirm", args=[matched.pk]), {})
        return refused, Upload.objects.first()

    return act


@pytest.mark.slow
@pytest.mark.parametrize("shape", quick_first(SHAPES, 2))
def test_each_shape_is_said_on_the_page_and_read(client, somerset, bring, shape):
    content, said, budgets, cells = SHAPES[shape]
    refused, upload = bring(content, said)
    batch = Period.objects.get(year=somerset, number=4).batch
    positions = list(Position.objects.filter(batch=batch).select_related("line"))
    assert {row.line.code: row.current_budget_pence for row in positions} == budgets
    origins = origins_of(upload)
    for row in positions:
        behind = cells.get(row.line.code)
        assert behind is None or origins.cells_of(row.source_row, "current_budget") == behind
        page = client.get(reverse("line", args=[2019, 4, row.line.pk])).content.decode()
        assert all(cell in page for cell in behind or ())
    # The page begins with what was saved, so that it can be put right.
    form = client.get(reverse("upload-columns", args=[refused.pk])).context["form"]
    sent = as_sent(form)
    filled_in = {"shape-add_up_by", "shape-sign_figures"}
    begins = {name: value for name, value in sent.items() if name in said}
    assert begins == {name: "True" if value == "on" else value for name, value in said.items()}
    more = {name for name in sent.keys() - said.keys() if name.startswith("shape-")}
    assert more <= filled_in
    assert sent["name"] == "Shape" and sent["replace"]


def test_what_is_said_by_halves_is_told(
    client, person, somerset, django_capture_on_commit_callbacks
):
    client.force_login(person(Role.FINANCE_OFFICER))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            reverse("upload-for-period", args=[2019, 4]),
            {"kind": "position", "file": SimpleUploadedFile("a.csv", b"Centre,Natural,Budget\n")},
        )
    upload = Upload.objects.first()
    said = CODES | ADULT | {"name": "Shape", "column_current_budget": "2"}
    said |= {"shape-rows_column": "0", "shape-sign_values": "Inc", "shape-months_first": "2"}
    said |= {"shape-parts_separator": "-", "shape-turn_figures": "forecast"}
    response = client.post(reverse("upload-columns", args=[upload.pk]), said)
    assert response.status_code == 422
    page = response.content.decode()
    for sentence in (
        "Give the column, what to do with these rows, and the values.",
        "Give the column and the values.",
        "Say the first month, the last month and what they add up to.",
        "Say the column, what stands between its parts, and which part is which.",
        "Say all three: the column, the headings, the figures.",
    ):
        assert page.count(sentence) == 2, "in the summary and at the field"
    assert not Layout.objects.exists()
