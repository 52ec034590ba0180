"""The overview's charts in a real browser: drawings that are legible on a telephone and on paper
and need no JavaScript; explored with plotly under the strict policy, and kept as pictures."""

import subprocess

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import SITES, Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("site", SITES[-1:], indirect=True, scope="session"),
]
PAGES = (
    "2019-20/3/",
    "2019-20/3/services/KEY/",
    "2019-20/3/services/CHILD-OPS/",
    "2019-20/",
    "",
    "compare/",
    "search/?q=children",
)
OVERVIEW = "2019-20/3/"


TEXTS_OUTSIDE = """(texts) => [...document.querySelectorAll('.chart__plot')].flatMap((plot) => {
  const frame = plot.getBoundingClientRect()
  return [...plot.querySelectorAll(texts)]
    .filter((text) => {
      const box = text.getBoundingClientRect()
      return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1)
    })
    .map((text) => text.textContent)
})"""

# plotly draws the label twenty times a second at most, and that of the last key a little later.
POINTED_AT = """(said) => {
  const label = document.querySelector('#chart-where-from .hovertext')
  return label && label.textContent.replaceAll(' ', '') === said
}"""


def explored(visitor: Visitor, name: str) -> Locator:
    """Focus the button that explores a chart, and wait until plotly has drawn it."""
    button = visitor.page.locator(f"#chart-{name} [data-explore]")
    button.focus()
    visitor.page.wait_for_selector(f"#chart-{name}[data-explored]")
    return button


@pytest.mark.parametrize("role", ["director", "member"])
def test_every_page_with_charts_is_clean_at_a_desk_and_on_a_telephone(visitor, role):
    visitor.log_in(role)
    for path in PAGES:
        for width in (1280, 360):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.go(path)
            visitor.check_page()


def test_figures_stand_beside_their_bars_and_within_the_drawing(visitor):
    visitor.log_in("member")
    for width in (1280, 360):
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.go(OVERVIEW)
        assert visitor.page.evaluate(TEXTS_OUTSIDE, ".chart__drawn text") == [], width
        texts = visitor.page.locator("#chart-where-from .chart__drawn text:visible")
        assert {"0.433", "(0.410)"} <= set(texts.all_text_contents()), width
        for name in ("what-changed", "where-from", "course"):
            explored(visitor, name)
        assert visitor.page.evaluate(TEXTS_OUTSIDE, ".chart__live .main-svg text") == [], width
        visitor.check_page()


def test_a_chart_is_explored_when_asked_for_and_nothing_moves(visitor):
    """By pointer or by keyboard; until then the page loads nothing of plotly."""
    page, asked = visitor.page, []
    page.on("request", lambda request: asked.append(request.url))
    visitor.log_in("member")
    visitor.go(OVERVIEW)
    assert not [address for address in asked if "plotly" in address]
    place = "document.querySelector('#services').getBoundingClientRect().top + scrollY"
    before = page.evaluate(place)
    button = explored(visitor, "where-from")
    assert page.evaluate(place) == before
    page.keyboard.press("ArrowDown")
    said = page.locator("#chart-where-from [role=status]").inner_text()
    button.press("ArrowUp")
    button.press("ArrowDown")
    assert said and page.locator("#chart-where-from [role=status]").inner_text() == said
    page.wait_for_function(POINTED_AT, arg=said.replace(" ", ""))
    page.locator("#chart-course .chart__plot").hover()
    page.wait_for_selector("#chart-course[data-explored]")
    assert len([address for address in asked if "plotly" in address]) == 2, "script and styles"


def test_a_chart_that_cannot_be_explored_stays_as_it_is(visitor):
    page = visitor.page
    visitor.log_in("member")
    page.route("**/plotly-finance*", lambda route: route.abort())
    visitor.go(OVERVIEW)
    page.locator("#chart-course [data-explore]").click()
    page.wait_for_selector("#chart-course >> text=could not be loaded")
    assert page.locator("#chart-course .chart__drawn").is_visible()
    page.unroute("**/plotly-finance*")
    page.locator("#chart-course [data-explore]").click()
    page.wait_for_selector("#chart-course >> text=arrow keys")


def test_the_table_of_a_chart_opens_by_keyboard_and_holds_its_figures(visitor):
    visitor.log_in("member")
    visitor.go(OVERVIEW)
    figures = visitor.page.locator("#chart-where-from details")
    assert not figures.locator("table").is_visible()
    figures.locator("summary").focus()
    visitor.page.keyboard.press("Enter")
    row = figures.locator("tr", has_text="Trading Units")
    assert row.locator("td").all_text_contents() == ["0.290", "£290,000"]
    explored(visitor, "where-from")
    hide = "document.querySelector('#chart-where-from .chart__plot').hidden = true"
    visitor.page.evaluate(f"{hide}; dispatchEvent(new Event('resize'))")
    assert visitor.said == []


def test_a_chart_is_kept_as_a_picture(visitor):
    visitor.log_in("member")
    visitor.go(OVERVIEW)
    with visitor.page.expect_download() as kept:
        visitor.page.locator("#chart-what-changed [data-picture]").click()
    assert kept.value.suggested_filename.endswith(".png")
    with open(kept.value.path(), "rb") as file:
        head = file.read(24)
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(head[16:20], "big") > 1900, "pixels wide"
    assert visitor.said == []


def test_on_paper_the_tables_are_open_and_the_way_about_is_gone(visitor, tmp_path):
    visitor.log_in("member")
    visitor.go(OVERVIEW)
    paper = visitor.page.pdf(prefer_css_page_size=True)
    (tmp_path / "overview.pdf").write_bytes(paper)
    text = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "overview.pdf"), "-"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert "-£371,480" in text, "the exact figures of the tables"
    assert "M12" in text, "the whole axis of the course"
    assert "Page 1 of" in text
    assert "Log out" not in text and "Download as a picture" not in text


def test_without_javascript_charts_tables_and_downloads_remain(browser, site):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site.address}login/")
        page.fill("#id_username", "member")
        page.fill("#id_password", site.password)
        page.get_by_role("button", name="Log in").click()
        page.goto(f"{site.address}{OVERVIEW}")
        assert page.locator("#chart-what-changed svg:visible").count() == 1
        page.locator("#chart-where-from summary").click()
        assert page.locator("#chart-where-from table").is_visible()
        assert not page.locator("[data-picture]").first.is_visible()
        page.goto(f"{site.address}reports/2019-20/3/annex-a/")
        with page.expect_download() as kept:
            page.get_by_role("link", name="CSV").first.click()
        with open(kept.value.path(), "rb") as file:
            assert b"Trading Units" in file.read()


def test_a_search_from_any_page_finds_a_service(visitor):
    visitor.log_in("member")
    visitor.go("2019-20/")
    visitor.page.fill("#site-search", "trading")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_role("link", name="Trading Units").click()
    assert visitor.page.get_by_role("heading", level=1).inner_text() == "Trading Units"
