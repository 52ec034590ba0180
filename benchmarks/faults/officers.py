"""People at work: each has places of their own, and does one thing after another there by HTTP.

Where no answer came, they look at what became of it before they go on, as people do.
"""

import contextlib
import random
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2

from benchmarks.faults.books import LOST, REFUSED, STORED, WRONG, Books, Place, Sent
from benchmarks.live.client import Answer, NoAnswer
from benchmarks.live.council import FAULTS, Ledger, Tree, ledger, spoilt
from benchmarks.live.site import Site

GIVE_UP = 150
"""Seconds after which an operation counts as lost."""

LOOK_AGAIN = 0.3
LINES = (200, 1_000)
_UPLOADS = "SELECT id, state, job_id FROM monitoring_upload WHERE sha256 = %s ORDER BY id"
_STATE = "SELECT state, job_id FROM monitoring_upload WHERE id = %s"
_PERIOD = """
SELECT p.state, coalesce(max(r.version), 0) FROM monitoring_period p
JOIN monitoring_financialyear y ON y.id = p.year_id
LEFT JOIN monitoring_report r ON r.period_id = p.id
WHERE y.start = %s AND p.number = %s GROUP BY p.state
"""
_HASHES = """
SELECT s.name, s.sha256 FROM monitoring_reportstatement s
JOIN monitoring_report r ON r.id = s.report_id JOIN monitoring_period p ON p.id = r.period_id
JOIN monitoring_financialyear y ON y.id = p.year_id
WHERE y.start = %s AND p.number = %s AND r.version = %s
"""


class Stuck(Exception):
    """It did not end in time."""


class Officer:
    """One person who uploads, publishes and reopens at their own places."""

    def __init__(self, site: Site, books: Books, tree: Tree, places: list[Place], seed: int):
        self.site, self.books, self.tree, self.places = site, books, tree, places
        self.random = random.Random(seed)
        self.browser = site.browser("lead")
        self.until = 0.0
        self.sends_twice, self.lines = False, LINES

    def work(self) -> bool:
        """One operation; whether it was an upload."""
        self.until = time.monotonic() + GIVE_UP
        place = self.random.choice(self.places)
        try:
            return self._operation(place)
        except Stuck as stuck:
            self.books.find(LOST, f"{place}: {stuck}")
            return True

    def _operation(self, place: Place) -> bool:
        published, dice = self._is_published(place), self.random.random()
        if published and dice < 0.25:
            self._upload_to_published(place, self._ledger())
        elif published:
            self._reopen(place)
            return False
        elif dice < 0.2:
            self._publish(place)
            return False
        else:
            good = self._ledger()
            bad = dice > 0.85
            self._upload(place, spoilt(good, self.random.choice(FAULTS)) if bad else good)
        return True

    def _is_published(self, place: Place) -> bool:
        return self._ask(_PERIOD, *place)[0][0] == "published"

    def _ledger(self) -> Ledger:
        return ledger(self.tree, self.random.randint(*self.lines), self.random.getrandbits(48))

    # -- an upload

    def _upload(self, place: Place, file: Ledger) -> None:
        sent = self.books.sending(place, file)
        for pk in self._send(sent):
            self._see_through(pk, sent)
        self.books.count("refused" if file.fault else "stored")

    def _send(self, sent: Sent) -> list[int]:
        """Send the file until the site has it; the uploads it has become."""
        while True:
            answer = self._try_post(_upload_page(sent.place), {"kind": "position"}, sent)
            if answer and answer.status == 302:
                sent.accepted += 1
                return [int(answer.location.rstrip("/").split("/")[-1])]
            if found := self._ask(_UPLOADS, sent.ledger.sha256):
                return [pk for pk, _, _ in found]
            self._wait("a file was not taken")
            sent.times += 1

    def _see_through(self, pk: int, sent: Sent) -> None:
        """Look, confirm, run again, until it has ended."""
        while True:
            state, job = self._ask(_STATE, pk)[0]
            if state in (STORED, REFUSED):
                return
            if state == "ready":
                self.books.about_to_store(sent.place, sent.ledger)
                self._press(f"/uploads/{pk}/confirm/", {"job": str(job)})
            elif state == "failed":
                self.books.count("run again")
                self._press(f"/uploads/{pk}/again/", {})
            self._wait(f"upload {pk} is {state}")

    def _upload_to_published(self, place: Place, file: Ledger) -> None:
        sent = self.books.sending(place, file)
        while not (answer := self._try_post(_upload_page(place), {"kind": "position"}, sent)):
            self._wait("no answer to a file for a published period")
        if answer.status == 302:
            self.books.find(WRONG, f"{place}: a published period took a file")
        self.books.count("refused")

    # -- a report

    def _publish(self, place: Place) -> None:
        start, period = place
        version = self._ask(_PERIOD, *place)[0][1] + 1
        while self._ask(_PERIOD, *place)[0][1] < version:
            with contextlib.suppress(NoAnswer):
                page = self.browser.get(_review_page(place))
                fields = page.hidden
                if page.status == 200 and fields.get("version") == str(version):
                    form = {key: fields[key] for key in ("version", "revision")}
                    self._press(_review_page(place), form | {"action": "publish"})
            self._wait(f"version {version} is not published")
        hashes = dict(self._ask(_HASHES, start, period, version))
        with self.books.lock:
            self.books.published[place, version] = hashes
        self.books.count("published")

    def _reopen(self, place: Place) -> None:
        form = {"action": "reopen", "reason": "Figures came in late."}
        while self._is_published(place):
            self._press(_review_page(place), form)
            if not self._is_published(place):
                break
            self._wait("a report is not reopened")
        with self.books.lock:
            self.books.reopened[place] += 1
        self.books.count("reopened")

    # -- by hand

    def _press(self, path: str, form: dict[str, str]) -> None:
        """Send a form, twice at the same time where clicks are doubled; what came of it is seen
        from what is there afterwards."""
        if not self.sends_twice:
            self._try_post(path, form)
            return
        self.books.count("sent twice")
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda _: self._try_post(path, form), range(2)))

    def send_nothing(self) -> None:
        """A file with a form that lacks what it is: read, and refused."""
        with contextlib.suppress(NoAnswer):
            self.browser.post(_upload_page(self.places[0]), {"kind": ""}, b"nothing")

    def _try_post(self, path: str, form: dict, sent: Sent | None = None) -> Answer | None:
        """The answer; None where there was none, or the site could not give one."""
        try:
            answer = self.browser.post(path, form, sent.ledger.content if sent else None)
        except NoAnswer:
            self.books.count("no answer")
            return None
        if answer.status >= 500:
            self.books.count("server error")
            return None
        if answer.location.startswith("/login/"):
            self.browser = self.site.browser("lead")
            return None
        if sent and answer.status != 302:
            sent.times -= 1
        return answer

    def _ask(self, sql: str, *values) -> list[tuple]:
        """From the database itself, as soon as it answers."""
        while True:
            try:
                connection = self.site.database.connect()
                with contextlib.closing(connection), connection.cursor() as cursor:
                    cursor.execute(sql, values)
                    return cursor.fetchall()
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._wait("the database is away")

    def _wait(self, what: str) -> None:
        if time.monotonic() > self.until:
            raise Stuck(f"after {GIVE_UP} seconds: {what}")
        time.sleep(LOOK_AGAIN)


def _upload_page(place: Place) -> str:
    return f"/{place[0]}-{(place[0] + 1) % 100:02d}/{place[1]}/upload/"


def _review_page(place: Place) -> str:
    return f"/{place[0]}-{(place[0] + 1) % 100:02d}/{place[1]}/review/"
