"""A file whose heading says £'m was once read as pounds (tests/cases/37)."""

import tomllib

import pytest

from monitoring.models import Layout
from monitoring.uploading.services.layouts import save_layout
from tests import cases


@pytest.fixture
def council(db):
    return cases.council()


def layout(heading: str) -> dict:
    text = cases.path("37-unit-apostrophe-m.toml").read_text(encoding="utf-8")
    return tomllib.loads(text.replace("Budget £'m", heading))


def stored(council) -> dict[str, int]:
    return {code: row.current_budget_pence for code, row in cases.lines(council).items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("heading", "figure"),
    [("Budget £'m", "1.5"), ("Budget (£ thousands)", "1500"), ("Budget £1,000s", "1500")]
    + [("Budget £mn", "1.5"), ("Budget £bn", "0.0015"), ("Budget £000's", "1500")]
    + [("Budget £‘000", "1500"), ("Budget £,000", "1500")],
)
def test_a_heading_in_a_unit_is_scaled(council, heading, figure):
    save_layout(name="Ledger", kind="position", definition=layout(heading), by=None)
    text = cases.path("37-unit-apostrophe-m.csv").read_text(encoding="utf-8")
    cases.bring(council, text.replace("Budget £'m", heading).replace("1.5", figure).encode())
    assert stored(council) == {"00123/4000": 150_000_000}


@pytest.mark.slow
def test_a_heading_that_is_not_understood_is_refused_until_the_layout_says_it(council):
    definition = layout("Budget £ zillions")
    content = (
        cases.path("37-unit-apostrophe-m.csv")
        .read_bytes()
        .replace(b"\xc2\xa3'm", "£ zillions".encode())
    )
    save_layout(name="Ledger", kind="position", definition=definition, by=None)
    told = cases.refusal(council, content)
    assert "in which unit the figures under “Budget £ zillions” are" in told
    assert 'current_budget = "k" (£000), "m", "bn" or "pounds" under [units]' in told
    Layout.objects.all().delete()
    definition["units"] = {"current_budget": "m"}
    save_layout(name="Ledger", kind="position", definition=definition, by=None)
    cases.bring(council, content)
    assert stored(council) == {"00123/4000": 150_000_000}
