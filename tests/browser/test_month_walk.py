"""A month of each pack's council, walked by its people, with every click and key counted.

Log-ins are not counted, nor is typed text: a click into a field is one, and the texts are counted
apart. Choosing a file is one click, pasting one key (Ctrl+V). Texts of commentary save themselves.
Each director signs off their own texts. The published statements are those of tests/golden, byte
for byte but for the numbers of notes, as the packs have no commentary.
"""

import csv
import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import ready_databases
from tests.browser.conftest import PROCESS, ROOT, Site, Visitor, running_site
from tests.browser.test_grid import paste

pytestmark = [pytest.mark.browser, pytest.mark.worker]
FIXTURES = ROOT / "fixtures"
GOLDEN = ROOT / "tests" / "golden" / "statements.json"
WALKED_STATEMENTS = (
    "aged-debt",
    "annex-a",
    "budget-reconciliation",
    "budgetary-control",
    "capital-receipts",
    "contingency",
    "reserves-earmarked",
    "reserves-general-fund",
    "reserves-schedule",
    "savings-by-decision",
    "savings-summary",
    "savings-tracker",
    "section-headlines",
    "virements",
)
"""Those of the files that the walk brings; the packs have more, such as capital's."""
CLOSE = 13
"""The number of a year's close, whose forecasts are its actuals: none are entered."""

TEXT = "As forecast by the service, and agreed with its accountant."
REASON = "Reviewed with the service\u2019s accountant."


@dataclass(frozen=True)
class Walk:
    """A council's month: its pack, the month, files after the ledger's, and the most clicks."""

    pack: str
    slug: str
    label: str
    number: int
    before: int
    files: tuple[str, ...]
    directors: tuple[str, ...]
    most: int

    @property
    def name(self) -> str:
        return "Close" if self.number == CLOSE else f"Month {self.number}"

    @property
    def folder(self) -> Path:
        return FIXTURES / self.pack / "periods" / f"{self.number:02d}"


SOMERSET = Walk(
    "somerset-2019-20",
    "2019-20",
    "2019/20",
    3,
    2,
    ("savings", "capital_receipts", "aged_debt"),
    ("director", "director-economic", "director-support"),
    35,
)
CAMBRIDGESHIRE = Walk(
    "cambridgeshire-2018-19",
    "2018-19",
    "2018/19",
    13,
    11,
    ("savings",),
    (
        "director",
        "director-commissioning",
        "director-communities",
        "director-children",
        "director-education",
        "director-executive",
        "director-grant",
    ),
    100,
)


class Counter:
    """Clicks, keys and texts of everybody in a walk."""

    def __init__(self) -> None:
        self.clicks = self.keys = self.texts = 0
        self.steps: list[str] = []

    def click(self, target, what: str) -> None:
        target.click()
        self.clicks += 1
        self.steps.append(what)

    def press(self, what: str) -> None:
        self.keys += 1
        self.steps.append(what)

    def choose(self, page, file: dict) -> None:
        """One click on the field; the file is chosen in the system's own window."""
        page.set_input_files("#id_file", file)
        self.clicks += 1
        self.steps.append(f"choose {file['name']}")

    @property
    def total(self) -> int:
        return self.clicks + self.keys


@pytest.fixture(params=[SOMERSET, CAMBRIDGESHIRE], ids=["somerset", "cambridgeshire"])
def walk(request) -> Walk:
    return request.param


@pytest.fixture
def site(walk, tmp_path) -> Iterator[Site]:
    """The demo with the pack up to the month before.

    The folder's name keeps the demo from adding its own commentary of the month.
    """
    pack = tmp_path / "pack"
    shutil.copytree(FIXTURES / walk.pack, pack)
    shutil.rmtree(pack / "periods" / f"{walk.number:02d}")
    settings = pack / "pack.toml"
    text = settings.read_text(encoding="utf-8")
    published = f"publish = [{walk.before}, {walk.number}]"
    assert published in text
    settings.write_text(text.replace(published, f"publish = [{walk.before}]"), encoding="utf-8")
    servers = ("DATABASE_URL", "CELERY_BROKER_URL")
    environment = {key: value for key, value in os.environ.items() if key not in servers}
    environment |= {"DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    ready_databases.copy_file(tmp_path / "data")
    with running_site(environment, 8340 + PROCESS, "--pack", str(pack)) as found:
        yield found


@pytest.fixture
def people(browser, site):
    """Return a function that opens a browser window for somebody, logged in."""
    contexts = []

    def enter(name: str) -> Visitor:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        visitor = Visitor(context.new_page(), site)
        visitor.log_in(name)
        return visitor

    yield enter
    for context in contexts:
        context.close()


def without_forecasts(walk: Walk) -> tuple[bytes, dict[str, str]]:
    """The month's ledger file without its forecasts, and those by cost centre and account."""
    text = (walk.folder / "position.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    forecasts = {f"{row['cost_centre']}/{row['account']}": row["forecast"] for row in rows}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(row | {"forecast": ""} for row in rows)
    return out.getvalue().encode(), forecasts


def test_a_month_is_walked_in_few_clicks_to_the_same_statements(walk, people, site, capsys):
    count = Counter()
    content, forecasts = without_forecasts(walk)
    officer = people("officer")
    bring_files(walk, officer, count, content)
    count.click(officer.page.get_by_role("link", name="Go on with"), "next step")
    if walk.number < CLOSE:
        enter_forecasts(officer, count, forecasts)
        to_write = officer.page.get_by_role("link", name="Write the commentary that is due")
        count.click(to_write, "commentary")
    write_commentary(officer, count)
    sign_off(people, count, walk.directors)
    publish(walk, people("lead"), count)
    with capsys.disabled():
        print(f"\n{walk.pack}: {count.clicks} clicks, {count.keys} keys, {count.texts} texts")
        print("; ".join(count.steps))
    assert count.total <= walk.most, count.steps
    check_statements(walk, officer, site)


def check_statements(walk: Walk, reader: Visitor, site: Site) -> None:
    """Compare each published statement with the golden one, byte for byte.

    The pack has no commentary, so the numbers of notes are taken out: those of the walk's texts.
    """
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    start = f"{walk.label} period {walk.number} "
    for name in WALKED_STATEMENTS:
        address = f"{site.address}reports/{walk.slug}/{walk.number}/{name}.json"
        statement = json.loads(reader.page.request.get(address).text())
        for row in statement["rows"]:
            if "note" in row["cells"]:
                row["cells"]["note"]["text"] = ""
        body = json.dumps(statement, ensure_ascii=False, indent=1) + "\n"
        assert hashlib.sha256(body.encode()).hexdigest() == golden[f"{start}{name}"], name


def bring_files(walk: Walk, officer: Visitor, count: Counter, ledger: bytes) -> None:
    """Upload the ledger's file, then the other files of the month."""
    page = officer.page
    if walk.number == walk.before + 1:
        count.click(page.locator(".page-head .govuk-button").first, "upload figures")
    else:
        count.click(page.get_by_role("link", name=walk.name, exact=True), walk.name)
        count.click(page.get_by_role("link", name="Upload figures for"), "upload figures")
    contents = {"position": ledger} | {
        name: (walk.folder / f"{name}.csv").read_bytes() for name in walk.files
    }
    for kind, content in contents.items():
        if kind != "position":
            count.click(page.locator(f"main a[href$='?kind={kind}']"), f"upload {kind}")
        file = {"name": f"{kind}.csv", "mimeType": "text/csv", "buffer": content}
        count.choose(page, file)
        count.click(page.get_by_role("button", name="Check file"), "check")
        page.wait_for_selector(".status:has-text('Ready')")
        count.click(page.get_by_role("button", name="Store figures"), "store")
        page.wait_for_selector(".status:has-text('Stored')")


def enter_forecasts(officer: Visitor, count: Counter, forecasts: dict[str, str]) -> None:
    """Enter the whole council's forecasts in one paste from Excel."""
    page = officer.page
    page.wait_for_selector("#grid")
    cells = page.get_by_label("Forecast of ")
    lines = [text.removeprefix("Forecast of ") for text in cells.evaluate_all(_LABELS)]
    count.click(cells.first, "first forecast")
    paste(page, "".join(f"{forecasts[line]}\t{REASON}\n" for line in lines))
    count.press("Ctrl+V")
    count.click(page.get_by_role("button", name="Save forecasts").last, "save forecasts")
    page.wait_for_selector("text=figures may be wrong")
    count.click(page.get_by_role("button", name="Save forecasts").last, "keep with the reasons")
    page.wait_for_selector("text=forecasts are saved")


_LABELS = "cells => cells.map(each => each.getAttribute('aria-label'))"


def write_commentary(officer: Visitor, count: Counter) -> None:
    """Write every text that is due on one page."""
    page = officer.page
    page.wait_for_selector("#commentary-form")
    texts = page.locator("#commentary-form textarea")
    for number in range(texts.count()):
        count.click(texts.nth(number), f"text {number + 1}")
        texts.nth(number).fill(TEXT)
        count.texts += 1
    states = page.locator("#commentary-form [data-state]")
    for number in range(texts.count()):
        expect(states.nth(number)).to_have_text(re.compile("Saved"), timeout=20_000)


def sign_off(people, count: Counter, names: list[str]) -> None:
    """Let each director who has texts sign off all of theirs at once."""
    for name in names:
        page = people(name).page
        step = page.locator(".page-head .govuk-button", has_text="Sign off")
        if step.count():
            count.click(step, "sign off")
            count.click(page.get_by_role("button", name="Sign off the ticked texts"), name)
            page.wait_for_selector("text=signed off.")


def publish(walk: Walk, lead: Visitor, count: Counter) -> None:
    """Review the draft and publish it."""
    page = lead.page
    count.click(page.locator(".page-head .govuk-button").first, "review")
    box = page.locator(".review__act input[type=checkbox]")
    if box.count():
        count.click(box, "publish without this work")
    count.click(page.get_by_role("button", name="Publish ", exact=False), "publish")
    page.wait_for_selector("text=is published as version 1")
