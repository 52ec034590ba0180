"""People at work: readers who look at page after page, managers who type forecasts, an officer."""

import random
import re
import time
from collections.abc import Callable, Iterator

from benchmarks.live.client import Answer, Browser, NoAnswer
from benchmarks.live.council import Ledger, Tree
from benchmarks.live.working import Working
from benchmarks.load.measure import Times

YEAR = 2031
SLUG = "2031-32"
PUBLISHED, DRAFT, COMING = 3, 4, 5
FLOOR, SAVE, SENT, CONFIRMED = "floor", "save forecasts", "send the file", "confirm the file"
STATEMENTS = ("annex-a", "budgetary-control", "section-headlines")
THINK = (1.0, 3.0)
TYPE = (5.0, 10.0)
CELLS = 5
_LINE = re.compile(
    r'name="forecast-(\d+)" value="[^"]*".*?name="seen-\1" value="(-?\d*)"', re.DOTALL
)


class Person(Working):
    """Somebody with a browser who does one thing after another until told to stop."""

    def __init__(self, browser: Browser, seed: int) -> None:
        self.browser, self.random = browser, random.Random(seed)
        self.times: Times | None = None
        self.kept: dict[str, Answer] = {}
        super().__init__()

    def steps(self) -> Iterator[tuple[float, float]]:
        """Do one thing after another; give between which seconds they think after each."""
        raise NotImplementedError

    def page(self, kind: str, path: str, form: dict | None = None, **more) -> Answer | None:
        """Ask for a page, or send a form; the time is noted."""
        start, error, answer = time.perf_counter(), "", None
        try:
            if form is None:
                answer = self.browser.get(path, kept=self.kept.get(path))
            else:
                answer = self.browser.post(path, form, **more)
        except NoAnswer as none:
            error = str(none)
        else:
            wanted = 200 if form is None else 302
            if answer.status != wanted:
                error = f"{path}: {answer.status}"
            elif answer.etag and form is None:
                self.kept[path] = answer
        if self.times is not None:
            self.times.note(kind, time.perf_counter() - start, error)
        return None if error else answer

    def work(self) -> None:
        """Step after step, with the time to think between them."""
        self.ended.wait(self.random.uniform(0, 3))
        for think in self.steps():
            if self.ended.wait(self.random.uniform(*think)):
                return


class Floor(Person):
    """Looks at a page that reads the session and the person alone."""

    def steps(self) -> Iterator[tuple[float, float]]:
        while True:
            self.page(FLOOR, "/password/")
            yield THINK


class Member(Person):
    """Reads what is published."""

    def __init__(self, browser: Browser, seed: int, tree: Tree) -> None:
        super().__init__(browser, seed)
        self.codes = [*tree.parents]

    def steps(self) -> Iterator[tuple[float, float]]:
        report = f"/reports/{SLUG}/{PUBLISHED}/"
        while True:
            code = self.random.choice(self.codes)
            name = self.random.choice(STATEMENTS)
            for kind, path in (
                ("home", "/"),
                ("overview", f"/{SLUG}/{PUBLISHED}/"),
                ("service", f"/{SLUG}/{PUBLISHED}/services/{code}/"),
                ("statement", f"{report}{name}/"),
                ("report", report),
                ("library", "/reports/"),
            ):
                self.page(kind, path)
                yield THINK


class Director(Person):
    """Reads how far the month is in their own part, and the services under it."""

    def __init__(self, browser: Browser, seed: int, codes: list[str]) -> None:
        super().__init__(browser, seed)
        self.codes = codes

    def steps(self) -> Iterator[tuple[float, float]]:
        while True:
            code = self.random.choice(self.codes)
            for kind, path in (
                ("home", "/"),
                ("month", f"/{SLUG}/{DRAFT}/month/"),
                ("service, draft", f"/{SLUG}/{DRAFT}/services/{code}/"),
                ("overview", f"/{SLUG}/{PUBLISHED}/"),
                ("statement", f"/reports/{SLUG}/{PUBLISHED}/annex-a/"),
            ):
                self.page(kind, path)
                yield THINK


class Manager(Person):
    """Types a few forecasts into the grid of their own service, and saves."""

    def __init__(self, browser: Browser, seed: int, code: str) -> None:
        super().__init__(browser, seed)
        self.path = f"/{SLUG}/{DRAFT}/forecasts/{code}/"

    def steps(self) -> Iterator[tuple[float, float]]:
        while True:
            grid = self.page("grid", self.path)
            yield TYPE
            if grid is not None:
                self.page(SAVE, self.path, self._typed(grid.text))
                yield THINK

    def _typed(self, html: str) -> dict[str, str]:
        """A few changed cells, with what was seen there."""
        form = {"action": "save", "reason": "Looked at again"}
        for line, seen in self.random.sample(_LINE.findall(html), CELLS):
            form[f"seen-{line}"] = seen
            form[f"forecast-{line}"] = str(int(seen) // 100 + self.random.randint(1, 5_000))
        return form


class Bringer(Person):
    """Brings one ledger after another to a period, and confirms each."""

    def __init__(
        self,
        browser: Browser,
        seed: int,
        place: tuple[str, int],
        ledger: Callable[[int], Ledger],
        state: Callable[[int], tuple[str, int]],
    ) -> None:
        super().__init__(browser, seed)
        self.path = f"/{place[0]}/{place[1]}/upload/"
        self.ledger, self.state = ledger, state
        self.stored = 0

    def steps(self) -> Iterator[tuple[float, float]]:
        while True:
            file = self.ledger(self.random.getrandbits(40))
            start = time.perf_counter()
            sent = self.page(SENT, self.path, {"kind": "position"}, file=file.content)
            if sent is None:
                raise RuntimeError(f"the file for {self.path} was not taken")
            pk = int(sent.location.rstrip("/").split("/")[-1])
            job = self._until(pk, "ready")
            ready = time.perf_counter()
            self.page(CONFIRMED, f"/uploads/{pk}/confirm/", {"job": str(job)})
            self._until(pk, "stored")
            self.stored += 1
            if self.times is not None:
                self.times.uploads.append((ready - start, time.perf_counter() - ready))
            yield (0, 0.01)

    def _until(self, pk: int, wanted: str) -> int:
        """What was begun is brought to its end, so that nothing is left for the next stretch."""
        while True:
            state, job = self.state(pk)
            if state == wanted:
                return job
            if state in ("failed", "refused"):
                raise RuntimeError(f"upload {pk} is {state}")
            time.sleep(0.1)
