"""The audit trail: searched, told in words, downloaded; and never changed, by anybody."""

import csv
import datetime
import io
import tracemalloc

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from council_finance import audit
from council_finance.accounts.models import Role
from council_finance.audit import AddedOnlyQuerySet, AuditEntry
from council_finance.csv_safe import harmless
from monitoring.audit.selectors.audit_links import record_url
from monitoring.audit.selectors.audit_trail import PAGE, Search, audit_page, audit_rows
from monitoring.audit.selectors.audit_words import detail_lines
from monitoring.models import Upload

TABLE = AuditEntry._meta.db_table
HERE = "made-up record"


@pytest.fixture
def lead(client, person, somerset):
    user = person(Role.FINANCE_LEAD, first_name="Lea", last_name="Dent")
    client.force_login(user)
    return user


def act(by=None, on=HERE, action="did", **detail) -> AuditEntry:
    return audit.record(by=by, action=action, on=on, **detail)


def act_at(at: datetime.datetime, **fields) -> AuditEntry:
    """An entry of another time: the trail is written with the clock, so the row is made as one."""
    fields = {"by_name": "x", "action": "did", "record": HERE, "detail": {}, **fields}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: at)
        return AuditEntry.objects.create(**fields)


def found(client, **query) -> list[str]:
    """The texts that a search finds, as the download lists them."""
    response = client.get(reverse("audit-download"), query)
    assert response.status_code == 200
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    return [row["Detail"] for row in rows if row["Record"].lower().startswith("made-up")]


# ------------------------------------------------------------------------ only added to


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {TABLE} SET by_name = 'nobody'",
        f"UPDATE {TABLE} SET detail = '{{}}' WHERE record = '{HERE}'",
        f"DELETE FROM {TABLE} WHERE record = '{HERE}'",
        f"DELETE FROM {TABLE}",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(db, sql):
    entry = act(text="as it was")
    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    again = AuditEntry.objects.get(pk=entry.pk)
    assert (again.by_name, again.detail) == ("command line", {"text": "as it was"})


def test_the_database_refuses_to_empty_or_replace_the_trail(db):
    entry = act(text="as it was")
    count = AuditEntry.objects.count()
    columns = "id, at, by_name, action, record, detail"
    sql = {
        "postgresql": f"SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE {TABLE}",
        "sqlite": f"REPLACE INTO {TABLE} ({columns}) VALUES ({entry.pk}, '2026-01-01', 'x', 'x', "
        "'x', '{}')",
    }[connection.vendor]
    with (
        pytest.raises(IntegrityError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AuditEntry.objects.count() == count
    assert AuditEntry.objects.get(pk=entry.pk).detail == {"text": "as it was"}


def test_the_database_refuses_what_goes_round_djangos_own_guard(db):
    entry = act(text="as it was")
    entries = AuditEntry.objects.filter(pk=entry.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        entries._raw_delete(using="default")
    with pytest.raises(IntegrityError), transaction.atomic():
        super(AddedOnlyQuerySet, entries).update(by_name="nobody")
    assert entries.get().detail == {"text": "as it was"}


def test_entries_are_still_added_after_a_refusal(db):
    first = act()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE}")
    assert act().pk > first.pk


# ------------------------------------------------------------------------ who may


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("name", ["audit", "audit-download"])
def test_only_the_lead_and_administrators_read_it(client, person, role, name):
    client.force_login(person(role))
    status = client.get(reverse(name)).status_code
    assert status == (200 if role in (Role.FINANCE_LEAD, Role.ADMINISTRATOR) else 403)


# ------------------------------------------------------------------------ search


def test_a_record_is_found_by_a_part_of_its_name_or_by_all_of_it(client, lead):
    act(on="made-up 1", text="one")
    act(on="made-up 12", text="twelve")
    act(on="Made-up 1", text="capital")
    assert found(client, record="MADE-UP 1") == ["Text: capital", "Text: twelve", "Text: one"]
    assert found(client, record="made-up 1", whole=1) == ["Text: one"]
    assert found(client, record="made-up 1%") == []
    assert found(client, record="made-up_1") == []


def test_a_person_is_found_whatever_they_were_called_then(client, lead, person):
    act(by=lead, text="lead")
    act(text="command")
    audit.record(by=None, instead=audit.RECALCULATION, action="did", on=HERE, text="itself")
    lead.last_name = "Other"
    lead.save()
    act(by=lead, text="renamed")
    assert found(client, person=lead.username) == ["Text: renamed", "Text: lead"]
    assert found(client, person=audit.COMMAND_LINE) == ["Text: command"]
    assert found(client, person=audit.RECALCULATION) == ["Text: itself"]
    assert person(Role.DIRECTOR) and found(client, person=Role.DIRECTOR.value) == []
    choices = client.get(reverse("audit")).content.decode()
    assert f'<option value="{lead.username}">Lea Other ({lead.username})</option>' in choices


def test_an_action_is_found_by_a_part_of_it(client, lead):
    act(action="published", text="yes")
    act(action="reopened", text="no")
    assert found(client, action="PUBLISH", record=HERE) == ["Text: yes"]
    page = client.get(reverse("audit")).content.decode()
    assert '<option value="reopened"></option>' in page


def test_days_are_those_of_the_council_and_whole(client, lead):
    def london(*moment: int) -> datetime.datetime:
        return timezone.make_aware(datetime.datetime(*moment))

    act_at(london(2019, 6, 29, 23, 59, 59), detail={"text": "before"})
    act_at(london(2019, 6, 30, 0, 0, 0), detail={"text": "first"})  # 23:00 in UTC, the day before
    act_at(london(2019, 6, 30, 23, 59, 59), detail={"text": "last"})
    act_at(london(2019, 7, 1, 0, 0, 0), detail={"text": "after"})
    both = ["Text: last", "Text: first"]
    assert found(client, since="2019-06-30", until="2019-06-30") == both
    assert found(client, since="30/06/2019", until="30/06/2019") == both
    assert found(client, until="2019-06-29") == ["Text: before"]
    assert found(client, since="2019-07-01", until="2019-07-01") == ["Text: after"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"since": "yesterday"}, "From: write the day as 30/06/2019."),
        ({"until": "31/02/2019"}, "To: write the day as 30/06/2019."),
        ({"until": "9999-12-31"}, "To: write the day as 30/06/2019."),
        ({"since": "2019-07-01", "until": "2019-06-30"}, "not before the first"),
        ({"person": "no such person"}, "Person: choose someone from the list."),
        ({"record": "x" * 201}, "Shorten the text to 200 characters; it has 201."),
    ],
)
def test_a_search_that_cannot_be_is_told_and_finds_nothing(client, lead, query, message):
    act(text="anything")
    response = client.get(reverse("audit"), query)
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert "govuk-error-summary" in html and "history-caption" not in html
    download = client.get(reverse("audit-download"), query)
    assert download.status_code == 302
    assert client.get(download.url).status_code == 422


@pytest.mark.parametrize("before", ["x", "-1", "1.5", "²", "9" * 30])
def test_a_page_that_cannot_be_is_not_found(client, lead, before):
    assert client.get(reverse("audit"), {"before": before}).status_code == 404


def test_where_nothing_matches_the_page_says_what_to_do(client, lead):
    html = client.get(reverse("audit"), {"record": "no such record"}).content.decode()
    assert "No entries found" in html and "Show all entries" in html


# ------------------------------------------------------------------------ pages


def test_pages_of_fifty_lead_back_in_time_and_keep_the_search(client, lead):
    made = [act(on="made-up page", number=number).pk for number in range(2 * PAGE + 1)]
    act(on="made-up other")
    address = f"{reverse('audit')}?record=made-up+page&whole=1"
    seen, pages = [], 0
    while address:
        response = client.get(address)
        assert response.status_code == 200
        seen += [row.pk for row in response.context["rows"]]
        older = response.context["older"]
        assert ("Show older entries" in response.content.decode()) == bool(older)
        address = f"{reverse('audit')}?{older}" if older else ""
        pages += 1
    assert (seen, pages) == (list(reversed(made)), 3)
    assert "Back to the newest" in response.content.decode()


def test_pages_of_a_span_of_days_hold_each_entry_once_though_times_are_the_same(client, lead):
    day = timezone.make_aware(datetime.datetime(2019, 6, 30, 12))
    later = [act_at(day + datetime.timedelta(hours=1)).pk for _ in range(3)]
    made = [act_at(day).pk for _ in range(PAGE + 5)]
    span = Search(since=day.date(), until=day.date())
    first = audit_page(span)
    rest = audit_page(span, first.before)
    seen = [row.pk for row in first.rows + rest.rows]
    assert seen == later[::-1] + made[::-1]
    assert (len(first.rows), rest.before) == (PAGE, None)
    assert audit_page(span, 10**17).rows == []


def test_the_last_page_is_not_followed_by_an_empty_one(db):
    for _ in range(PAGE):
        act(on="made-up full")
    assert audit_page(Search(record="made-up full", whole=True)).before is None


def test_a_page_costs_the_same_however_many_entries_there_are(
    client, lead, django_assert_num_queries, django_assert_max_num_queries
):
    for number in range(3):
        act(on=f"report 2019/20 period {number}")
    client.get(reverse("audit"))
    with django_assert_max_num_queries(7) as few:
        client.get(reverse("audit"))
    for number in range(PAGE + 10):
        act(by=lead, on=f"upload {number}", amount_pence=number)
    with django_assert_num_queries(len(few)) as asked:
        client.get(reverse("audit"))
    assert not [query for query in asked if "OFFSET" in query["sql"] or "COUNT(" in query["sql"]]


# ------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("detail", "lines"),
    [
        ({}, []),
        ({"version": 2, "reason": "A late <invoice>"}, ["Reason: A late <invoice>", "Version: 2"]),
        (
            {"amount_pence": 49_800_000, "change_pence": -150},
            ["Amount: £498,000", "Change: -£1.50"],
        ),
        ({"forecast_pence": {"from": None, "to": 0}}, ["Forecast: none → £0"]),
        ({"role": {"from": "director", "to": "administrator"}}, ["Role: director → administrator"]),
        ({"parts": {"from": [], "to": ["A", "B"]}}, ["Parts: none → A; B"]),
        ({"active": {"from": True, "to": False}}, ["Active: yes → no"]),
        (
            {"from": "A1/NET", "to": "B1/NET", "amount_pence": 1},
            ["A1/NET → B1/NET", "Amount: £0.01"],
        ),
        ({"from": "2018/19", "services": 3}, ["From: 2018/19", "Services: 3"]),
        ({"day": "2019-06-30", "code": "2019-06-3x"}, ["Code: 2019-06-3x", "Day: 30 June 2019"]),
        ({"sha256": "ab" * 32}, [f"SHA-256: {'ab' * 32}"]),
        (
            {"before": {"unit": "m", "x": {"y": 1}}, "after": {"unit": "k", "x": {"y": 1}}},
            ["Unit: m → k"],
        ),
        ({"from": {}, "to": {"name": "Adults"}}, ["Name: none → Adults"]),
        (
            {"before": {"display": {"unit": "m", "decimals": 3}}},
            ["Before, display, decimals: 3", "Before, display, unit: m"],
        ),
        (
            {"legs": [{"line": "A1", "amount_pence": 100}, {"line": "B1", "amount_pence": 200}]},
            ["Legs: Amount: £1, Line: A1; Amount: £2, Line: B1"],
        ),
        (
            {"totals_pence": {"budget": 100, "forecast": None}},
            ["Totals, budget: £1", "Totals, forecast: none"],
        ),
    ],
)
def test_a_detail_is_told_in_words(detail, lines):
    assert [str(line) for line in detail_lines(detail)] == lines


def test_the_same_detail_reads_the_same_on_any_database(client, lead):
    act(zebra=1, ant=2, at_length="x")
    assert found(client, record=HERE) == ["Ant: 2; At length: x; Zebra: 1"]


def test_a_page_shows_no_raw_data_and_runs_none(client, lead):
    act(
        on="<script>made-up",
        text="<script>alert(1)</script>",
        group={"inner": [1, {"key_pence": 5}]},
        long="y" * 400,
        sha256="ab" * 32,
    )
    html = client.get(reverse("audit"), {"record": "made-up"}).content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html
    assert "{&#x27;" not in html and "[1" not in html
    assert "1; Key: £0.05" in html
    assert "y" * 300 + "…" in html and "y" * 301 not in html
    assert "abababababab…" in html


def test_many_details_fold_away(client, lead):
    act(**{f"key {number}": number for number in range(9)})
    html = client.get(reverse("audit"), {"record": HERE}).content.decode()
    assert "9 details" in html and "<details" in html


# ------------------------------------------------------------------------ records


@pytest.mark.parametrize(
    ("record", "address"),
    [
        ("upload 5", "/uploads/5/"),
        ("report 2019/20 period 3", "/reports/2019-20/3/"),
        ("year 2019/20", "/2019-20/"),
        ("virement 2019/20 V-2019-001", "/2019-20/virements/V-2019-001/"),
        ("forecasts 2019/20 period 4 CHILD-OPS", "/2019-20/4/forecasts/CHILD-OPS/"),
        ("commentary 2019/20 period 3 CHILD-OPS", "/2019-20/3/commentary/CHILD-OPS/"),
        ("service 2019/20 A code/of words", "/2019-20/structure/A%20code/of%20words/"),
        ("saving 2019/20 A/R.6.174", "/2019-20/savings/A/R.6.174/"),
        ("reserve 2019/20 GF", "/2019-20/reserves/GF/"),
        ("year 2019/21", None),
        ("report 2019/20 period 333", None),
        ("upload five", None),
        ("a thing without a page", None),
        ("", None),
    ],
)
def test_a_record_leads_to_its_page(record, address):
    assert record_url(record) == address


@pytest.mark.urls("tests.monitoring.audit.test_audit_pages")
@pytest.mark.parametrize(
    "record",
    [
        *("upload 5", "report 2019/20 period 3", "layout Ledger", "year 2019/20"),
        *("virement 2019/20 V1", "forecasts 2019/20 period 3 A", "service 2019/20 A"),
        *("commentary 2019/20 period 3 A", "saving 2019/20 A", "person somebody"),
    ],
)
def test_a_page_that_is_not_built_yet_has_no_address(record):
    assert record_url(record) is None


urlpatterns: list = []
"""A site without pages, for the test above."""


def test_the_page_links_a_record_to_its_page_and_to_its_history(client, lead):
    act(on="report 2019/20 period 3", text="x")
    html = client.get(reverse("audit")).content.decode()
    assert '<a class="govuk-link" href="/reports/2019-20/3/">Report 2019/20 period 3</a>' in html
    history = "/audit/?record=report%202019%2F20%20period%203&amp;whole=1"
    assert f'href="{history}"' in html
    page = client.get(history.replace("&amp;", "&")).content.decode()
    assert 'value="report 2019/20 period 3"' in page and " checked" in page


# ------------------------------------------------------------------------ download


def test_the_download_has_all_that_matches_with_exact_times(client, lead):
    moment = timezone.make_aware(datetime.datetime(2019, 6, 30, 14, 5, 9))
    first = act_at(moment, by=lead, by_name=lead.name, record="made-up download")
    made = [act(on="made-up download", number=n).pk for n in range(PAGE + 20)]
    response = client.get(reverse("audit-download"), {"record": "made-up download"})
    assert response.streaming
    assert response["Content-Disposition"] == 'attachment; filename="audit-trail.csv"'
    rows = list(csv.reader(io.StringIO(response.getvalue().decode())))
    assert rows[0] == ["Entry", "When", "Who", "What was done", "Record", "Detail"]
    assert [int(row[0]) for row in rows[1:]] == [*reversed(made), first.pk]
    assert rows[-1][1:] == ["2019-06-30T14:05:09+01:00", "Lea Dent", "did", "made-up download", ""]


def test_the_download_is_read_piece_by_piece(db, monkeypatch, django_assert_num_queries):
    from monitoring.audit.selectors import audit_trail

    monkeypatch.setattr(audit_trail, "_AT_ONCE", 2)
    made = [act(on="made-up pieces").pk for _ in range(5)]
    with django_assert_num_queries(4):
        assert [row.pk for row in audit_rows(Search(record="made-up pieces"))] == made[::-1]


@pytest.mark.slow
def test_a_download_does_not_hold_the_trail_in_memory(db):
    for start in range(0, 20_000, 5_000):
        AuditEntry.objects.bulk_create(
            AuditEntry(by_name="x", action="did", record="made-up many", detail={"text": "z" * 500})
            for _ in range(start, start + 5_000)
        )
    tracemalloc.start()
    count = sum(1 for _ in audit_rows(Search(record="made-up many", whole=True)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 20_000 * 500


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_made_harmless(client, lead, beginning):
    act(on=f"{beginning}made-up", action=f"{beginning}cmd", text="x")
    response = client.get(reverse("audit-download"), {"record": "made-up"})
    row = list(csv.reader(io.StringIO(response.getvalue().decode(), newline="")))[1]
    assert row[3:5] == [f"'{beginning}cmd", f"'{beginning}made-up"]
    assert harmless("plain 1+1") == "plain 1+1"


# ------------------------------------------------------------------------ histories on pages


def test_an_upload_tells_its_history(client, lead, person):
    upload = Upload.objects.order_by("pk").first()
    act(by=lead, on=f"upload {upload.pk}", action="looked at", rows={"from": 1, "to": 2})
    act(on=f"upload {upload.pk}0", action="of another")
    html = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "History of this upload" in html
    assert "Looked at" in html and "Lea Dent" in html and "Of another" not in html
    assert f'href="/audit/?record=upload%20{upload.pk}&amp;whole=1"' in html
    client.force_login(person(Role.FINANCE_OFFICER))
    html = client.get(reverse("upload", args=[upload.pk])).content.decode()
    assert "Looked at" in html and "/audit/" not in html


@pytest.mark.parametrize("role", Role.values)
def test_a_report_tells_its_history_to_those_who_make_it(client, person, somerset, role):
    client.force_login(person(role))
    html = client.get(reverse("report", args=[2019, 3])).content.decode()
    told = role in (Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.ADMINISTRATOR)
    assert ("History of this report" in html) == told
