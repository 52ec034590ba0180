"""From an empty database to a published month 1, with the mouse and with the keyboard alone.

After the administrator's first link nobody runs a command, and nobody types an address: each page
is reached from the one before. The figures of the published report are compared, to the penny,
with sums made here.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests import ready_databases
from tests.browser.conftest import CONFIGURED, PROCESS, ROOT, SITES, Site, Visitor, _servers

pytestmark = [pytest.mark.browser, pytest.mark.worker]
COUNCIL = "Wharfedale Council"
DIRECTORATES = {
    "Adult Social Care": ("Older people", "Learning disability", "Mental health", "Commissioning",
                          "Safeguarding adults", "Day services", "Carers’ support"),
    "Children & Families": ("Children looked after", "Fostering", "Special needs transport",
                            "Early help", "Youth justice", "School improvement", "Adoption"),
    "Place": ("Highways", "Street lighting", "Waste collection", "Waste disposal", "Parks",
              "Planning", "Building control"),
    "Housing": ("Homelessness", "Housing options", "Private sector housing", "Community safety",
                "Traveller sites", "Housing strategy"),
    "Public Health": ("Sexual health", "Drug & alcohol services", "Health visiting",
                      "School nursing", "Smoking cessation", "Leisure centres"),
    "Corporate Services": ("Finance", "Human resources", "Digital services", "Legal services",
                           "Democratic services", "Property", "Council tax collection"),
}  # fmt: skip
PASSWORD = "purple lantern cattle"
PASTED = "\n".join(
    [COUNCIL]
    + [
        line
        for directorate, services in DIRECTORATES.items()
        for line in (f"\t{directorate}", *(f"\t\t{name}" for name in services))
    ]
)


@pytest.fixture
def empty_site(request, tmp_path) -> Iterator[tuple[Site, str]]:
    """A site with an empty database and an administrator's first link; nothing else is in it."""
    environment = {key: value for key, value in os.environ.items() if key not in CONFIGURED}
    environment |= {"DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    if request.param == "as configured":
        environment |= _servers(first_number=9)
    else:
        ready_databases.copy_file(tmp_path)
    site = Site("", PASSWORD, environment)
    made = site.command("make_person", "alex", "--role", "administrator", "--name", "Alex Admin")
    link = made.stdout.decode().strip().splitlines()[-1]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--empty", "--port", str(8340 + PROCESS)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        for line in process.stdout:
            if found := re.search(r"running at (\S+)", line):
                site.address = found[1]
            if "Stop it with" in line:
                break
        yield site, f"{site.address.rstrip('/')}{link}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        process.stdout.close()


class Mouse:
    """A person who clicks: each click and each key is counted."""

    BY = "clicks"

    def __init__(self, visitor: Visitor, counts: dict[str, int]):
        self.visitor, self.page, self.counts = visitor, visitor.page, counts

    def follow(self, name: str) -> None:
        """The link of that name."""
        self._click(self.page.get_by_role("link", name=name, exact=True).first)

    def press(self, name: str) -> None:
        """The button of that name."""
        self._click(self.page.get_by_role("button", name=name, exact=True).first)

    def choose(self, name: str) -> None:
        """The radio button or checkbox of that name."""
        box = self.page.get_by_label(name, exact=True)
        if not box.is_checked():
            self._click(box)

    def write(self, label: str, text: str) -> None:
        """Text into the field of that label."""
        field = self.page.get_by_label(label, exact=True)
        self._click(field)
        field.fill(text)
        self.counts["keys"] += len(text)

    def paste(self, label: str, text: str) -> None:
        """Text from the clipboard into the field of that label."""
        field = self.page.get_by_label(label, exact=True)
        self._click(field)
        field.fill(text)
        self.counts["keys"] += 2

    def give_file(self, label: str, name: str, content: bytes) -> None:
        """A file; the system's own dialog is left out and its two steps are counted."""
        file = {"name": name, "mimeType": "text/csv", "buffer": content}
        self.page.get_by_label(label, exact=True).set_input_files(file)
        self.counts[self.BY] += 2

    def look(self) -> None:
        """The page has no fault for assistive technology and fits a desktop and a telephone."""
        for width in (360, 1280):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.visitor.check_page()

    def _click(self, target) -> None:
        target.click()
        self.counts["clicks"] += 1


class Keyboard(Mouse):
    """A person who has a keyboard alone: Tab to what is wanted, then Enter, Space or typing."""

    BY = "keys"
    MOST_TABS = 300

    def look(self) -> None:
        """Pages have been looked at in the walk with the mouse."""

    def _click(self, target) -> None:
        self._tab_to(target)
        role = target.evaluate("e => e.type || e.tagName.toLowerCase()")
        if role in ("text", "textarea", "password", "email", "select-one"):
            return
        self._key("Space" if role in ("radio", "checkbox") else "Enter")

    def write(self, label: str, text: str) -> None:
        self._tab_to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        self.counts["keys"] += len(text)

    def paste(self, label: str, text: str) -> None:
        self._tab_to(self.page.get_by_label(label, exact=True))
        self.page.keyboard.insert_text(text)
        self.counts["keys"] += 1

    def choose(self, name: str) -> None:
        """A radio button is reached by Tab to its group, then by the arrow keys."""
        box = self.page.get_by_label(name, exact=True)
        if box.is_checked():
            return
        if box.get_attribute("type") == "checkbox":
            self._click(box)
            return
        group = box.get_attribute("name")
        current = self.page.locator(f"input[name='{group}']:checked")
        self._tab_to(
            current if current.count() else self.page.locator(f"input[name='{group}']").first
        )
        for _ in range(self.MOST_TABS):
            if box.is_checked():
                return
            self._key("ArrowDown")
        raise AssertionError(f"{name} cannot be reached by the arrow keys")

    def _tab_to(self, target) -> None:
        wanted = target.element_handle()
        for _ in range(self.MOST_TABS):
            if wanted.evaluate("e => e === document.activeElement"):
                return
            self._key("Tab")
        raise AssertionError(f"{target} cannot be reached by Tab on {self.page.url}")

    def _key(self, name: str) -> None:
        self.page.keyboard.press(name)
        self.counts["keys"] += 1


def pence_of(row: dict, column: str) -> int:
    return round(row["cells"][column]["value"] * 100)


def pounds(pence: int) -> str:
    return f"{pence / 100:.2f}"


def made_figures(codes: dict[str, str]) -> tuple[bytes, bytes, dict[str, tuple[int, int]]]:
    """The files of the approved budget and of month 1, and budget and variance in pence by code."""
    draw = random.Random(2026)
    budget = ["service_code,cost_centre,account,description,original_budget,current_budget"]
    month = [f"{budget[0]},actual_to_date,forecast"]
    sums: dict[str, tuple[int, int]] = {}
    for number, names in enumerate(DIRECTORATES.values(), start=1):
        for place, name in enumerate(names, start=1):
            code = codes[name]
            for account, least, most in (("EXP", 10**7, 10**9), ("INC", -(10**8), -(10**6))):
                pence = draw.randrange(least, most)
                forecast = pence + draw.randrange(-(10**6), 10**6)
                line = f"{code},{number}{place:02d}0,{account},{name}"
                line += f",{pounds(pence)},{pounds(pence)}"
                budget.append(line)
                month.append(f"{line},{pounds(pence // 12)},{pounds(forecast)}")
                before = sums.get(code, (0, 0))
                sums[code] = before[0] + pence, before[1] + forecast - pence
    return "\n".join(budget).encode(), "\n".join(month).encode(), sums


class Walk:
    """The way from the first link to the published report."""

    def __init__(self, browser, site: Site, hand: type[Mouse]):
        self.browser, self.site, self.hand = browser, site, hand
        self.counts = {"clicks": 0, "keys": 0}
        self.codes: dict[str, str] = {}
        self.sums: dict[str, tuple[int, int]] = {}

    def enter(self, link: str, username: str) -> Mouse:
        """A person at a browser of their own, who sets a password by their link and logs in."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(60_000)
        person = self.hand(Visitor(context.new_page(), self.site), self.counts)
        person.page.goto(link)
        person.write("New password", PASSWORD)
        person.write("New password again", PASSWORD)
        person.press("Set password")
        person.write("User name", username)
        person.write("Password", PASSWORD)
        person.press("Log in")
        person.page.wait_for_selector("text=Log out")
        return person

    def set_up(self, admin: Mouse) -> None:
        """The administrator's steps: council, year, services, settings."""
        admin.look()
        admin.follow("Name the council")
        admin.look()
        admin.write("Name of the council", COUNCIL)
        admin.write("Short name (optional)", "Wharfedale")
        admin.write("Accent colour (optional)", "#7A1F3D")
        admin.press("Save")
        admin.follow("Choose the year")
        admin.look()
        admin.press("Set up the year")
        admin.follow("Enter the services")
        admin.look()
        admin.paste("Type or paste the services, one on each row", PASTED)
        admin.press("Preview the tree")
        for name in (name for names in DIRECTORATES.values() for name in names):
            code = admin.page.get_by_label(f"Code of {name}", exact=True).input_value()
            self.codes[name] = code
        admin.look()
        admin.press("Store these services")
        admin.follow("Look at the settings")
        admin.look()
        admin.press("The settings are right")

    def add_person(self, admin: Mouse, role: str, username: str, name: str) -> str:
        """A person whom the administrator adds, by whose link they come in."""
        admin.follow("Add a person")
        admin.write("User name", username)
        admin.write("Name", name)
        admin.choose(role)
        admin.press("Add person")
        return admin.page.locator(".one-time-link__address").inner_text().strip()

    def upload(self, officer: Mouse, name: str, content: bytes) -> None:
        """A file that is checked by the worker, and stored once the officer says so."""
        officer.give_file("File", name, content)
        officer.press("Check file")
        officer.page.wait_for_selector(".status:has-text('Ready to confirm')")
        officer.press("Store figures")
        officer.page.wait_for_selector(".status:has-text('Stored')")


def walk_to_the_report(walk: Walk, link: str) -> dict:
    """The published Annex A as JSON."""
    admin = walk.enter(link, "alex")
    walk.set_up(admin)
    admin.follow("Add people")
    lead_link = walk.add_person(admin, "Finance lead", "lee", "Lee Lead")
    admin.follow("People")
    officer_link = walk.add_person(admin, "Finance officer", "olu", "Olu Officer")
    budget, month, walk.sums = made_figures(walk.codes)
    officer = walk.enter(officer_link, "olu")
    officer.look()
    officer.follow("Upload the approved budget")
    walk.upload(officer, "approved-budget.csv", budget)
    officer.follow("Years")
    officer.follow("Upload figures for month 1")
    walk.upload(officer, "month-1.csv", month)
    lead = walk.enter(lead_link, "lee")
    lead.follow("Review month 1")
    lead.press("Publish month 1")
    lead.page.wait_for_selector(".status:has-text('Published')")
    lead.follow("Years")
    lead.follow("Annex A of month 1")
    with lead.page.expect_download() as download:
        lead.follow("JSON")
    return json.loads(download.value.path().read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("hand", "empty_site"),
    [(Mouse, SITES[0]), (Keyboard, SITES[-1])],
    ids=["Mouse", "Keyboard"],
    indirect=["empty_site"],
)
def test_from_an_empty_database_to_a_published_month(browser, empty_site, hand):
    site, link = empty_site
    began = time.monotonic()
    walk = Walk(browser, site, hand)
    report = walk_to_the_report(walk, link)
    print(f"{hand.__name__}: {walk.counts}, {time.monotonic() - began:.0f} s")
    rows = {row["key"]: row for row in report["rows"]}
    for code, (budget, variance) in walk.sums.items():
        assert pence_of(rows[code], "budget") == budget
        assert pence_of(rows[code], "net_variance") == variance
    for directorate, names in DIRECTORATES.items():
        (row,) = (row for row in report["rows"] if row["label"] == f"Total {directorate}")
        sums = [walk.sums[walk.codes[name]] for name in names]
        assert pence_of(row, "budget") == sum(budget for budget, _ in sums)
        assert pence_of(row, "net_variance") == sum(variance for _, variance in sums)
    (total,) = (row for row in report["rows"] if row["kind"] == "total")
    assert pence_of(total, "budget") == sum(budget for budget, _ in walk.sums.values())
    assert pence_of(total, "net_variance") == sum(variance for _, variance in walk.sums.values())
    assert (report["council"], report["period"], report["status"]) == (COUNCIL, 1, "published")
    assert len(walk.sums) == 40
