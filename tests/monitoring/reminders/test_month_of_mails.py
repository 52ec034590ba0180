"""A month of mails to the people of a made-up council, by a clock of the test's own."""

import datetime
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox

from council_finance.accounts.models import Role, User
from monitoring.commentary.selectors import find_commentary, text_version
from monitoring.commentary.services import sign_off_commentary, write_commentary
from monitoring.figures.models import NodeFigure
from monitoring.forecasts.changes import ForecastChange
from monitoring.forecasts.services import save_forecasts
from monitoring.models import BudgetLine, ReminderMail
from monitoring.questions.services import answer_question, ask_question
from monitoring.reminders.pipeline.queueing import queue_digests, queue_new_work
from monitoring.reminders.pipeline.sending import send_mails
from monitoring.reminders.services import choose_reminders
from tests.councils.loaded import load_pack
from tests.councils.month import MONTH_1, MONTH_2, SERVICES, SETTINGS, only_open_year, service, tie
from tests.councils.packs import bring, period_of, position, publish, write_pack

LONDON = ZoneInfo("Europe/London")
DATES = {"figures": 3, "forecasts": 7, "commentary": 9, "report": 15}


def at(day: int, hour: int, minute: int = 0) -> datetime.datetime:
    """A time of June 2021; day 31 is 1 July."""
    first = datetime.datetime(2021, 6, 1, hour, minute, tzinfo=LONDON)
    return first + datetime.timedelta(days=day - 1)


@pytest.fixture
def year(db, tmp_path):
    """Month 1 is published; nothing is there of month 2, which ended on 31 May 2021."""
    files = {"services.csv": SERVICES, "periods/01/position.csv": position(MONTH_1)}
    pack = write_pack(tmp_path, files, publish=(1,), settings=SETTINGS)
    year = only_open_year(load_pack(folder=pack, by=None).year)
    year.settings = {**year.settings, "timetable": {"months": DATES}}
    year.save()
    return year


@pytest.fixture
def people(year, person) -> dict[str, User]:
    """People with what they chose: digest, and mails at once. The lead chose nothing."""
    made = {}
    for name, role, codes, chosen in (
        ("manager", Role.BUDGET_MANAGER, ("CARE",), ("daily", True)),
        ("director", Role.DIRECTOR, ("TOP",), ("off", True)),
        ("officer", Role.FINANCE_OFFICER, (), ("daily", False)),
        ("lead", Role.FINANCE_LEAD, (), None),
        ("quiet", Role.FINANCE_LEAD, (), ("off", False)),
        ("member", Role.SCRUTINY_MEMBER, (), ("off", True)),
        ("reader", Role.SCRUTINY_MEMBER, (), None),
        ("new", Role.NO_ROLE, (), None),
    ):
        made[name] = tie(person(role, username=name, email=f"{name}@council.test"), *codes)
        if chosen:
            digest, at_once = chosen
            choose_reminders(user=made[name], digest=digest, at_once=at_once, now=at(1, 5))
    tie(person(Role.BUDGET_MANAGER, username="without-address"), "CARE")
    return made


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings):
    settings.EMAIL_HOST, settings.SITE_ADDRESS = "mail.council.test", "https://budget.council.test"


def enter_forecast(year, people) -> None:
    lines = BudgetLine.objects.filter(year=year, cost_centre__in=("H1", "H3")).order_by("pk")
    seen = {"H1": 110_000, "H3": None}
    changes = [
        ForecastChange(line.pk, seen=seen[line.cost_centre], forecast=110_100) for line in lines
    ]
    home = service(year, "HOME")
    save_forecasts(node=home, number=2, changes=changes, by=people["manager"])


def write(year, people, *codes: str) -> None:
    for code in codes:
        period, chosen = period_of(year, 2), service(year, code)
        seen = text_version(find_commentary(period, chosen))
        write_commentary(
            period=period, service=chosen, text="Why.", seen=seen, by=people["officer"]
        )


def sign(year, people, *codes: str) -> None:
    for code in codes:
        period, chosen = period_of(year, 2), service(year, code)
        row = NodeFigure.objects.get(period=period, service=chosen)
        sign_off_commentary(
            period=period,
            service=chosen,
            seen=text_version(find_commentary(period, chosen)),
            budget_pence=row.budget_pence,
            net_variance_pence=row.net_variance_pence,
            by=people["director"],
        )


def ask(year, people):
    return ask_question(
        period=period_of(year, 2),
        service=service(year, "HOME"),
        line=None,
        asked_of=people["manager"],
        text="Zebra?",
        by=people["director"],
    )


EVENTS: dict[int, Callable] = {
    3: lambda year, people: bring(year, "position", position(MONTH_2), 2),
    7: enter_forecast,
    8: lambda year, people: write(year, people, "HOME", "ROADS"),
    9: ask,
    10: lambda year, people: answer_question(
        question=period_of(year, 2).questions.get(), text="Zebra.", by=people["manager"]
    ),
    11: lambda year, people: (write(year, people, "BUSES"), sign(year, people, "HOME")),
    14: lambda year, people: sign(year, people, "ROADS", "BUSES"),
    15: lambda year, people: publish(year, 2),
}
"""What somebody does at ten o'clock on that day of June."""


def live(year, people, days: range) -> list[tuple[int, str, str, list[str]]]:
    """Live through the days; answer each mail: its day, to whom, its subject, and its lines."""
    found = []
    for day in days:
        for hour in (7, 10, 12, 17):
            if hour == 10 and day in EVENTS:
                EVENTS[day](year, people)
            now = at(day, hour, 5)
            if hour == 7:
                queue_digests(now)
                queue_digests(now)
            queue_new_work(now)
            send_mails(now)
            send_mails(now)
            for sent in outbox.outbox:
                lines = [line[2:] for line in sent.body.splitlines() if line[:2] in ("- ", "  ")]
                found.append(
                    (
                        day,
                        sent.to[0].partition("@")[0],
                        sent.subject.removeprefix("Budget monitor: "),
                        [line for line in lines if not line.startswith("https:")],
                    )
                )
            outbox.outbox.clear()
    return found


TO_DO, NEW = "1 thing to do", "1 thing now waits for you"
PUBLISHED = "the report of month 2 of 2021/22 is published"
FORECASTS = ["Forecasts: Home care, month 2 of 2021/22", "due 9 June 2021"]
REPORT = ["Report, publication: month 2 of 2021/22", "due 21 June 2021"]


def due(what: str, *services: str, when: str = "due 11 June 2021") -> list[str]:
    return [line for name in services for line in (f"{what}: {name}, month 2 of 2021/22", when)]


EXPECTED = [
    # From the month's end its figures are due; a digest a week is enough for the lead.
    (1, "officer", TO_DO, ["Figures: month 2 of 2021/22", "due 3 June 2021"]),
    (1, "lead", TO_DO, ["Figures: month 2 of 2021/22", "due 3 June 2021"]),
    (2, "officer", TO_DO, ["Figures: month 2 of 2021/22", "due 3 June 2021"]),
    (3, "officer", TO_DO, ["Figures: month 2 of 2021/22", "due today"]),
    # Figures uploaded.
    (3, "manager", NEW, FORECASTS),
    (
        3,
        "director",
        "3 things now wait for you",
        due("Commentary", "Home care", "School buses", "Roads"),
    ),
    (4, "manager", TO_DO, FORECASTS),
    # A weekend, and Monday's digests; then the forecasts are entered.
    (7, "manager", TO_DO, FORECASTS),
    (7, "lead", TO_DO, REPORT),
    # Commentary of two services written.
    (8, "director", "2 things now wait for you", due("Commentary, sign-off", "Home care", "Roads")),
    # A question asked, and answered.
    (9, "manager", NEW, ["A question to you: Home care, month 2 of 2021/22"]),
    (10, "manager", TO_DO, ["A question to you: Home care, month 2 of 2021/22"]),
    (10, "director", NEW, ["An answer to your question: Home care, month 2 of 2021/22"]),
    # The last commentary written; signed off on the 11th and 14th, published on the 15th.
    (11, "director", NEW, due("Commentary, sign-off", "School buses", when="due today")),
    (14, "lead", TO_DO, REPORT),
    (15, "manager", PUBLISHED, []),
    (15, "director", PUBLISHED, []),
    (15, "member", PUBLISHED, []),
    # The next month has ended.
    (31, "officer", TO_DO, ["Figures: month 3 of 2021/22", "due 5 July 2021"]),
    (31, "lead", TO_DO, ["Figures: month 3 of 2021/22", "due 5 July 2021"]),
]


@pytest.mark.slow
def test_exactly_the_mails_expected(year, people):
    assert live(year, people, range(1, 32)) == EXPECTED
    assert set(ReminderMail.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert ReminderMail.objects.count() == len(EXPECTED)


def test_a_mail_holds_no_figure_no_text_and_no_name(year, people):
    for day in (3, 7, 8, 9):
        EVENTS[day](year, people)
    choose_reminders(user=people["director"], digest="daily", at_once=False, now=at(9, 11))
    queue_digests(at(10, 7))
    send_mails(at(10, 7))
    (sent,) = [each for each in outbox.outbox if each.to == ["manager@council.test"]]
    stop = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert sent.body.split("\n\n") == [
        "This is due from you:",
        "- A question to you: Home care, month 2 of 2021/22\n"
        f"  https://budget.council.test/questions/{period_of(year, 2).questions.get().pk}/",
        "Choose which mails you get: https://budget.council.test/reminders/\n"
        f"Stop all of them, without logging in: {stop}",
        "Budget monitor sent this by itself. Answers are not read.\n",
    ]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    everything = " ".join(each.body + each.subject for each in outbox.outbox)
    # The link that stops mails ends with a random text, which may hold any letters.
    everything = re.sub(r"/reminders/stop/\S+", "", everything)
    for word in ("Zebra", "Why.", "1,1", "£", "manager", "officer", "H1"):
        assert word not in everything
