"""All commentary that is due, in a real browser: saved while it is written, and nothing lost."""

import csv
import html
import io
import re

import pytest

from tests.browser.conftest import ROOT, SITES, Visitor
from tests.browser.test_month import both_widths, people

__all__ = ["people"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    # Once is enough: on the servers of the environment where there are any.
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
POSITION = ROOT / "fixtures" / "somerset-2019-20" / "periods" / "03" / "position.csv"
PAGE = "2019-20/8/write-commentary/"
OVERSPENT = ("ADULT", "CHILD-OPS", "ECI")
OVERSPEND = 5_000_000
MARK = "Draft from the figures. Read it, change it, and remove this line."


@pytest.fixture(scope="module")
def month_8(site, tmp_path_factory):
    """A draft of month 8 in which commentary is due on three services."""
    rows = list(csv.DictReader(io.StringIO(POSITION.read_text(encoding="utf-8-sig"))))
    for code in OVERSPENT:
        row = next(each for each in rows if each["service_code"] == code)
        row["forecast"] = int(row["forecast"]) + OVERSPEND
    file = tmp_path_factory.mktemp("commentary") / "month-8.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    site.command("upload", "position", str(file), "--year", "2019/20", "--period", "8")


class DueText:
    """A text on the page of one person, by its place."""

    def __init__(self, visitor: Visitor, place: int):
        self.visitor = visitor
        self.section = visitor.page.locator("section[data-service]").nth(place)
        self.field = self.section.locator("textarea")

    def says(self, pattern: str) -> None:
        """Wait until its line of state says something."""
        state = self.section.locator("[data-state]")
        state.filter(has_text=re.compile(pattern)).wait_for()

    def leave(self) -> None:
        """Leave the field by the keyboard."""
        self.visitor.page.keyboard.press("Tab")

    def press(self, words: str) -> None:
        """Press a button of its own."""
        self.section.get_by_role("button", name=words).click()

    @property
    def tag(self) -> str:
        return self.section.locator("h2 .status").inner_text()

    @property
    def is_focused(self) -> bool:
        return self.field.evaluate("field => field === document.activeElement")

    @property
    def stored(self) -> str:
        """The text that the server has now."""
        name = re.escape(self.field.get_attribute("name"))
        page = self.visitor.page.request.get(f"{self.visitor.site.address}{PAGE}").text()
        found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
        return html.unescape(found[1]).strip().replace("\r\n", "\n")


def count(visitor: Visitor) -> str:
    return visitor.page.locator("#commentary-count").inner_text()


def test_commentary_is_saved_while_it_is_written_and_nothing_is_lost(people, month_8):
    officer, lead = people("officer"), people("lead")
    for visitor in (officer, lead):
        visitor.go(PAGE)
    save_by_itself(officer)
    keep_both_texts(officer, lead)
    take_a_draft(officer)
    both_widths(officer)


def save_by_itself(officer: Visitor) -> None:
    """After a pause, and when the field is left; then on to the next."""
    first, second = DueText(officer, 0), DueText(officer, 1)
    total = officer.page.locator("section[data-service]").count()
    assert count(officer) == f"{total} of {total} texts still to be written."
    first.field.press_sequentially("Beds are few.")
    first.says(r"^Saved \d\d:\d\d$")
    assert first.stored == "Beds are few."
    assert first.is_focused, "the pause is enough"
    assert first.tag == "Written"
    assert count(officer) == f"{total - 1} of {total} texts still to be written."
    first.field.fill("Beds are few. Fees rose.")
    first.says("^Saved")
    first.press("Save, and go to the next")
    assert second.is_focused
    for _ in range(100):  # the text is on its way while the next field is shown
        if first.stored == "Beds are few. Fees rose.":
            break
        officer.page.wait_for_timeout(100)
    assert first.stored == "Beds are few. Fees rose."


def keep_both_texts(officer: Visitor, lead: Visitor) -> None:
    """A colleague saves the text in between: both are shown, and neither replaces the other."""
    mine, theirs = DueText(officer, 1), DueText(lead, 1)
    theirs.field.fill("Theirs <b>.")
    theirs.leave()
    theirs.says("^Saved")
    mine.field.fill("Mine.")
    mine.leave()
    mine.says("changed this text while you were writing")
    assert "Theirs <b>." in mine.section.locator("[data-theirs]").inner_text()
    assert mine.field.input_value() == "Mine."
    mine.press("Save, and go to the next")
    mine.field.fill("Mine, and more.")
    mine.leave()
    assert mine.stored == "Theirs <b>.", "nothing replaces it unasked"
    officer.said.clear()  # Chromium logs the refusal, an answer with status 409
    mine.press("Save my text instead")
    mine.says("^Saved")
    assert mine.stored == "Mine, and more."
    assert mine.section.locator("[data-theirs]").count() == 0


def take_a_draft(officer: Visitor) -> None:
    """A stored draft is still to be written until its first line is removed."""
    text = DueText(officer, 2)
    before = count(officer)
    text.press("Begin with a draft from the figures")
    text.says("^Saved")
    assert text.field.input_value().startswith(MARK)
    assert text.stored == text.field.input_value().strip()
    officer.go(PAGE)
    assert text.tag == "Draft from the figures"
    assert count(officer) == before
    written = text.field.input_value().removeprefix(MARK).strip()
    text.field.fill(written)
    text.leave()
    text.says("^Saved")
    assert text.tag == "Written"
    assert count(officer) != before
    officer.go(PAGE)
    assert text.field.input_value().strip() == text.stored == written
    assert text.tag == "Written"
