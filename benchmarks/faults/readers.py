"""People who read all the while: every answer is one whole report, and never an older one again."""

import hashlib
import json
import re

from benchmarks.faults.books import TORN, Books, Place
from benchmarks.live.client import Browser, NoAnswer
from benchmarks.live.council import PENCE, TOP, Ledger
from benchmarks.live.site import Site
from benchmarks.live.working import Working

PAUSE = 0.05
STATEMENT = "annex-a"
_ADDED = ("budget", "net_variance", "previous_net_variance", "movement")
_TABLE = re.compile(r'<table class="statement">.*?parts-caption.*?</table>', re.DOTALL)
_ROW = re.compile(r'<tr[^>]*>\s*<th scope="row">(.*?)</th>(.*?)</tr>', re.DOTALL)
_CELL = re.compile(r'<td class="numeric figure[^"]*">(.*?)</td>', re.DOTALL)
_AMOUNT = re.compile(r"(-?)(\d[\d,]*)")
_TAG = re.compile(r"<[^>]+>")


class Reader(Working):
    """Somebody who reads every place in turn, as drafts or as published."""

    def __init__(self, site: Site, books: Books, name: str, places: list[Place]) -> None:
        self.books, self.places = books, places
        self.browser: Browser = site.browser(name, timeout=10)
        self.drafts = name == "officer"
        self.newest: dict[Place, int] = {}
        self.published: dict[tuple[Place, int], set[str]] = {}
        super().__init__()
        self.thread.start()

    def work(self) -> None:
        """Page after page."""
        while not self.ended.is_set():
            for place in self.places:
                self._try(self._statement, place)
                self._try(self._overview, place)
                if self.ended.wait(PAUSE):
                    return

    def _try(self, page, place: Place) -> None:
        try:
            page(place)
        except NoAnswer:
            self.books.count("not read")

    def _statement(self, place: Place) -> None:
        answer = self.browser.get(f"/reports/{_slug(place)}/{place[1]}/{STATEMENT}.json")
        if answer.status != 200:
            self.books.count("not read")
            return
        self.books.count("read")
        statement = json.loads(answer.text)
        if statement["status"] == "published":
            self.published.setdefault((place, statement["version"]), set()).add(
                hashlib.sha256(answer.text.encode()).hexdigest()
            )
        if self.drafts:
            self._judge(place, statement_figures(statement), "statement")
        for name, added, total in sums_of(statement):
            if added != total:
                self._torn(place, f"{name} adds up to {added}, and says {total}")

    def _overview(self, place: Place) -> None:
        if not self.drafts:
            return
        answer = self.browser.get(f"/{_slug(place)}/{place[1]}/")
        if answer.status != 200:
            self.books.count("not read")
            return
        self.books.count("read")
        self._judge(place, overview_figures(answer.text), "overview")

    def _judge(self, place: Place, figures: dict[str, tuple[int, int]], page: str) -> None:
        """The figures are those of one ledger, and not of one before the last that was seen."""
        known = self.books.ledger_of(place, figures[TOP][0])
        if known is None:
            self._torn(place, f"no ledger has the {page}'s budget {figures[TOP][0]}")
            return
        number, ledger = known
        if not matches(figures, ledger):
            self._torn(place, f"the {page} has rows of more than one ledger")
        if number < self.newest.get(place, 0):
            self._torn(place, f"the {page} went back to ledger {number}")
        self.newest[place] = max(number, self.newest.get(place, 0))

    def _torn(self, place: Place, what: str) -> None:
        self.books.find(TORN, f"{place}: {what}")


def matches(figures: dict[str, tuple[int, int]], ledger: Ledger) -> bool:
    """Whether budget and net variance (pence) of every row are the ledger's."""
    expected = {key: (budget, forecast - budget) for key, (budget, forecast) in ledger.sums.items()}
    return all(expected.get(key) == pair for key, pair in figures.items())


def statement_figures(statement: dict) -> dict[str, tuple[int, int]]:
    """Budget and net variance in pence by row of Annex A's JSON."""
    found = {}
    for row in statement["rows"]:
        cells = row["cells"]
        if row["kind"] != "percent" and cells and cells["budget"]["value"]:
            pair = (cells[name]["value"] for name in ("budget", "net_variance"))
            found[row["key"]] = tuple(round(value * PENCE) for value in pair)
    return found


def sums_of(statement: dict) -> list[tuple[str, int, int]]:
    """Of each amount column what its services add up to, and the total it says; pence."""
    services = [row["cells"] for row in statement["rows"] if row["kind"] == "service"]
    top = next(row["cells"] for row in statement["rows"] if row["key"] == TOP)
    found = []
    for name in _ADDED:
        total = top[name]["value"]
        if total is not None:
            values = [cells[name]["value"] or 0 for cells in services]
            found.append((name, sum(round(v * PENCE) for v in values), round(total * PENCE)))
    return found


def overview_figures(html: str) -> dict[str, tuple[int, int]]:
    """Budget and net variance in pence by row of the overview's table; its last row is the top."""
    rows = [
        (_words(label), [_pence(_words(cell)) for cell in _CELL.findall(cells)[:2]])
        for label, cells in _ROW.findall(_TABLE.search(html)[0])
    ]
    found = {label.removeprefix("Name of "): tuple(pair) for label, pair in rows[:-1]}
    return found | {TOP: tuple(rows[-1][1])}


def _words(html: str) -> str:
    return " ".join(_TAG.sub(" ", html).split())


def _pence(words: str) -> int:
    """`1,234`, or `F -1,234 favourable`: what the page prints of whole pounds."""
    sign, digits = _AMOUNT.search(words).groups()
    amount = int(digits.replace(",", "")) * PENCE
    return -amount if sign else amount


def _slug(place: Place) -> str:
    return f"{place[0]}-{(place[0] + 1) % 100:02d}"
