"""A question to a colleague about a figure: who asks, reads, answers and closes it, until when."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.models import BudgetLine, ColleagueQuestion, FinancialYear, QuestionMessage
from monitoring.people.services.erasure import erase_person
from monitoring.publishing.services.reports import reopen_report
from monitoring.questions.selectors import people_to_ask, question_row, questions_waiting_for
from monitoring.questions.services import answer_question, ask_question, close_question
from tests.councils.month import only_open_year, service, small_council, tie
from tests.councils.packs import period_of, publish

pytestmark = pytest.mark.slow

TIES = {
    "lead": (Role.FINANCE_LEAD, ()),
    "officer": (Role.FINANCE_OFFICER, ()),
    "admin": (Role.ADMINISTRATOR, ()),
    "care": (Role.BUDGET_MANAGER, ("CARE",)),
    "roads": (Role.BUDGET_MANAGER, ("ROADS",)),
    "director": (Role.DIRECTOR, ("TOP",)),
    "nobody": (Role.BUDGET_MANAGER, ()),
    "member": (Role.SCRUTINY_MEMBER, ()),
    "new": (Role.NO_ROLE, ()),
}


@pytest.fixture
def year(db, tmp_path):
    return only_open_year(small_council(tmp_path))


@pytest.fixture
def people(year, person) -> dict[str, User]:
    return {
        name: tie(person(role, username=name, email=f"{name}@council.test"), *codes)
        for name, (role, codes) in TIES.items()
    }


def line_of(year, centre: str) -> BudgetLine:
    return BudgetLine.objects.get(year=year, cost_centre=centre)


def ask(year, people, by="lead", of="care", code="HOME", centre="", **more) -> ColleagueQuestion:
    return ask_question(
        period=period_of(year, 2),
        service=service(year, code),
        line=line_of(year, centre) if centre else None,
        asked_of=people[of],
        by=people[by],
        **{"text": "Why so much?", **more},
    )


def waiting(people, **more) -> dict[str, int]:
    found = {name: len(questions_waiting_for(user, **more)) for name, user in people.items()}
    return {name: count for name, count in found.items() if count}


def test_a_question_waits_for_the_one_asked_then_for_the_asker_until_it_is_closed(year, people):
    question = ask(year, people)
    assert (question.budget_pence, question.net_variance_pence) == (155_000, 10_000)
    states = [(waiting(people), question_row(question).state)]
    answer_question(question=question, text="Two more placements.", by=people["care"])
    states.append((waiting(people), question_row(question).state))
    answer_question(question=question, text="Since when?", by=people["lead"])
    states.append((waiting(people), question_row(question).state))
    close_question(question=question, by=people["officer"])
    states.append((waiting(people), question_row(question).state))
    assert states == [
        ({"care": 1}, "Waits for an answer"),
        ({"lead": 1}, "Answered"),
        ({"care": 1}, "Waits for an answer"),
        ({}, "Closed"),
    ]
    with pytest.raises(Refused, match="closed meanwhile"):
        answer_question(question=question, text="Since May.", by=people["care"])
    kept = QuestionMessage.objects.values_list("by__username", "text")
    assert list(kept) == [
        ("lead", "Why so much?"),
        ("care", "Two more placements."),
        ("lead", "Since when?"),
    ]
    trail = AuditEntry.objects.filter(record=f"question {question.pk}")
    assert list(trail.values_list("by_name", "action")) == [
        ("lead", "asked about a figure"),
        ("care", "answered a question"),
        ("lead", "answered a question"),
        ("officer", "closed a question"),
    ]


def test_only_people_who_see_the_draft_of_the_figures_are_asked(year, people):
    def others(code, centre=""):
        line = line_of(year, centre) if centre else None
        found = people_to_ask(service(year, code), line, people["lead"])
        return {person.username for person in found} & set(TIES)

    assert others("HOME") == {"officer", "admin", "care", "director"}
    assert others("ROADS") == {"officer", "admin", "roads", "director"}
    BudgetLine.objects.filter(cost_centre="H1").update(exempt=True)
    assert others("HOME", "H1") == {"officer", "admin"}
    User.objects.filter(username="officer").update(is_active=False)
    assert others("HOME", "H1") == {"admin"}
    for wrong in ("roads", "nobody", "member", "new", "lead", "officer"):
        people[wrong].refresh_from_db()
        with pytest.raises(Refused, match="Choose a colleague"):
            ask(year, people, of=wrong)
    for by, centre in (("roads", ""), ("member", ""), ("nobody", ""), ("care", "H1")):
        with pytest.raises(PermissionDenied):
            ask(year, people, by=by, of="admin", centre=centre)
    assert not ColleagueQuestion.objects.exists()


def test_rights_are_those_of_now(year, people):
    """One who no longer looks after the service neither reads the question nor is waited for."""
    question = ask(year, people)
    people["care"].tree_rights.all().delete()
    assert waiting(people) == {}
    with pytest.raises(PermissionDenied):
        answer_question(question=question, text="Sorry.", by=people["care"])
    with pytest.raises(PermissionDenied):
        close_question(question=question, by=people["director"])
    about_line = ask(year, people, of="director", centre="H1")
    BudgetLine.objects.filter(cost_centre="H1").update(exempt=True)
    about_line = ColleagueQuestion.objects.get(pk=about_line.pk)
    with pytest.raises(PermissionDenied):
        answer_question(question=about_line, text="Yes.", by=people["director"])
    assert waiting(people) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [("  \n ", "Write your question."), ("x" * 2_001, "to 2,000 characters; it has 2,001")],
)
def test_a_text_is_neither_empty_nor_too_long(year, people, text, says):
    with pytest.raises(Refused, match=says):
        ask(year, people, text=text)


def test_a_published_month_keeps_its_questions_to_read(client, year, people):
    question = ask(year, people, centre="H1")
    publish(year, 2)
    assert waiting(people) == {}
    assert question_row(question).state == "Open when published"
    for act in (
        lambda: answer_question(question=question, text="Late.", by=people["care"]),
        lambda: close_question(question=question, by=people["lead"]),
        lambda: ask(year, people),
    ):
        with pytest.raises(Refused, match="is published"):
            act()
    at = reverse("line", args=[2021, 2, line_of(year, "H1").pk])
    reads = {}
    for name in ("officer", "care", "roads", "member"):
        client.force_login(people[name])
        reads[name] = (
            "Why so much?" in client.get(at).content.decode(),
            client.get(reverse("question", args=[question.pk])).status_code,
            client.get(reverse("question-new", args=[2021, 2, "HOME"])).status_code,
        )
    assert reads == {
        "officer": (True, 200, 404),
        "care": (True, 200, 404),
        "roads": (False, 404, 404),
        "member": (False, 404, 404),
    }
    reopen_report(period=period_of(year, 2), reason="One more thing.", by=people["lead"])
    assert waiting(people) == {"care": 1}


def test_an_archived_year_takes_no_questions(year, people):
    question = ask(year, people)
    FinancialYear.objects.filter(pk=year.pk).update(archived_at="2021-09-01T00:00:00Z")
    assert waiting(people) == {}
    with pytest.raises(Refused, match="archived and read only"):
        answer_question(question=question, text="Late.", by=people["care"])


def test_a_question_is_asked_answered_and_closed_on_pages(client, year, people):
    line = line_of(year, "H1")
    ask_at = f"{reverse('question-new', args=[2021, 2, 'HOME'])}?line={line.pk}"
    client.force_login(people["lead"])
    assert ask_at in client.get(reverse("line", args=[2021, 2, line.pk])).content.decode()
    empty = client.post(ask_at, {"asked_of": "", "text": ""})
    assert empty.status_code == 422
    assert "Choose the colleague whom you ask." in empty.content.decode()
    hidden = client.post(ask_at, {"asked_of": people["roads"].pk, "text": "Why?"})
    assert (hidden.status_code, ColleagueQuestion.objects.count()) == (422, 0)
    client.post(ask_at, {"asked_of": people["care"].pk, "text": "Why is <b>this</b> so high?"})
    question = ColleagueQuestion.objects.get()
    address = reverse("question", args=[question.pk])

    client.force_login(people["care"])
    for page in (reverse("home"), reverse("month", args=[2021, 2])):
        text = client.get(page).content.decode()
        assert "1 question waits for you" in text and address in text
    listed = client.get(reverse("service", args=[2021, 2, "HOME"])).content.decode()
    assert "Why is &lt;b&gt;this&lt;/b&gt; so high?" in listed and "H1" in listed
    assert "Close question" not in client.get(address).content.decode()
    assert client.post(address, {"action": "close"}).status_code == 403
    assert client.post(address, {"text": " "}).status_code == 422
    assert client.post(address, {"text": "Two more."}, follow=True).status_code == 200

    client.force_login(people["lead"])
    text = client.get(reverse("home")).content.decode()
    assert "There is an answer to your question" in text
    client.post(address, {"action": "close"})
    page = client.get(address).content.decode()
    assert "Closed by lead" in page and "Send message" not in page
    late = client.post(address, {"text": "One more."})
    assert (late.status_code, "closed meanwhile" in late.content.decode()) == (409, True)


def test_erasing_a_person_keeps_the_question_without_the_name(year, people):
    User.objects.filter(pk=people["care"].pk).update(first_name="Zoe", last_name="Zander")
    people["care"].refresh_from_db()
    question = ask(year, people)
    answer_question(question=question, text="Zoe Zander says: two more.", by=people["care"])
    left = erase_person(person=people["care"], by=people["admin"])
    assert left == {"question messages": 1}
    row = question_row(question)
    assert row.question.asked_of.name == f"Erased person {people['care'].pk}"
    assert "Zander" not in str(list(AuditEntry.objects.values()))
