"""Previews of settings agree with what statements and pages give once the settings are changed."""

import copy

import pytest

from council_finance import registry
from council_finance.accounts.models import Role
from council_finance.registry import preview_of_year, preview_settings
from council_finance.statements.wording import heading
from monitoring.commentary.selectors import commentary_rows
from monitoring.figures.pipeline import recompute_period
from monitoring.models import Report, Virement
from monitoring.publishing.selectors.outstanding import reasons_to_wait
from monitoring.publishing.services.reports import reopen_report
from monitoring.reports.selectors.report_data import draft_data, published_data
from monitoring.reports.selectors.variance_statuses import variance_status_of
from monitoring.restructuring.services.years import set_up_year
from monitoring.structure.council_settings import read_settings
from monitoring.virements.rights import why_not_approve
from tests.councils.packs import period_of

pytestmark = pytest.mark.slow

VARIANCE_RULES = [
    {"status": "Red", "level": "total", "variance_above": 0},
    {"status": "Red", "level": "service", "variance_percent_above": 2},
    {"status": "Amber", "variance_above": 0},
    {"status": "Green"},
]
SAVINGS_RULES = [
    {"status": "Black", "delivered_percent_at_most": 0},
    {"status": "Red", "shortfall_percent_above": 10},
    {"status": "Green"},
]
LAST = {2018: 13, 2019: 3}


@pytest.fixture(params=["somerset", "cambridgeshire"])
def year(request):
    """A year of either pack, its last report reopened as a draft."""
    year = request.getfixturevalue(request.param)
    reopen_report(period=period_of(year, LAST[year.start]), reason="To try settings.", by=None)
    return year


def draft(year):
    return draft_data(period_of(year, LAST[year.start]))


def changed_data(year, **tables):
    """The year's settings with these tables in the place of theirs; underscores stand for dots."""
    return {**copy.deepcopy(year.settings), **tables}


def preview_and_change(year, name, settings):
    """The draft now, the preview, and the draft after the settings were really changed."""
    now = draft(year)
    value = read_settings(settings).values[name]
    preview = preview_settings(name, now, value)
    set_up_year(start=year.start, council=year.council, settings=settings, by=None)
    year.refresh_from_db()
    recompute_period(period_of(year, LAST[year.start]).pk)
    return now, preview, draft(year)


def table_of(preview, words):
    [found] = [table for table in preview.tables if words in table.caption]
    assert all(len(row) == len(found.headings) for row in found.rows)
    return list(found.rows)


def printed(report, name):
    """The rows of a statement as (row label, column heading, text), headings left out."""
    made = registry.statement_entry(name).make(report)
    return [
        (row.label, heading(column), row.cells[column.key].text)
        for row in made.rows
        for column in made.reader_columns
        if row.cells
    ]


def whole(report, name):
    made = registry.statement_entry(name).make(report)
    columns = made.reader_columns
    return [
        (row.label, *(row.cells[each.key].text if row.cells else "" for each in columns))
        for row in made.rows
    ]


SHOWN_WHOLE = {"questions", "publication", "timetable", "report-outline"}
"""Settings whose preview lists what they give, whether or not it is what is in force."""


def test_every_setting_has_a_preview(year):
    settings = draft(year).settings
    for name in registry.settings_tables():
        value = settings.values[name]
        preview = preview_of_year(name, year.start, value) or preview_settings(
            name, draft(year), value
        )
        assert preview.sentences or preview.tables, name
        if name not in SHOWN_WHOLE:
            assert preview.tables == (), name


def test_another_unit_shows_the_whole_of_annex_a(year):
    display = {"unit": "pounds", "favourable": "minus", "percent_decimals": 3}
    _, preview, after = preview_and_change(year, "display", changed_data(year, display=display))
    assert table_of(preview, "Annex A: revenue budget monitoring, headline summary: as it") == (
        whole(after, "annex-a")
    )
    assert not any("aged" in table.caption.lower() for table in preview.tables)


def test_another_sign_lists_the_cells_that_change(year):
    display = {**year.settings["display"], "percent_of_nil_budget": "n/a"}
    display |= {"favourable": "brackets" if year.start == 2018 else "minus"}
    now, preview, after = preview_and_change(year, "display", changed_data(year, display=display))
    before, then = printed(now, "annex-a"), printed(after, "annex-a")
    wanted = [(*a, b[2]) for a, b in zip(before, then, strict=True) if a != b]
    rows = table_of(
        preview, "headline summary: cells" if len(wanted) <= 40 else "headline summary: as it"
    )
    assert wanted and rows == (wanted if len(wanted) <= 40 else whole(after, "annex-a"))


def test_a_statement_with_a_display_of_its_own_is_shown(year):
    display = {**year.settings["display"], "aged-debt": {"unit": "pounds"}}
    display["budgetary-control"] = {"percent_decimals": 4}
    now, preview, after = preview_and_change(year, "display", changed_data(year, display=display))
    wanted = [
        (*a, b[2])
        for a, b in zip(*(printed(each, "budgetary-control") for each in (now, after)), strict=True)
        if a != b
    ]
    title = registry.statements()["budgetary-control"].title
    rows = table_of(preview, title)
    assert wanted and rows == (wanted if len(wanted) <= 40 else whole(after, "budgetary-control"))
    assert whole(now, "annex-a") == whole(after, "annex-a")
    assert not any("Annex A" in table.caption for table in preview.tables)


@pytest.mark.parametrize("rule", [{"variance_above": 1}, {"variance_above": 10**8}])
def test_services_that_would_need_commentary(year, rule):
    now, preview, after = preview_and_change(
        year, "commentary", changed_data(year, commentary=rule)
    )
    was, is_now = ({row.node.label for row in commentary_rows(r) if row.due} for r in (now, after))
    by_caption = {t.caption: {row[0] for row in t.rows} for t in preview.tables}
    assert was != is_now
    assert by_caption == {
        caption: labels
        for caption, labels in (
            ("Services that would need commentary and do not now", is_now - was),
            ("Services that would no longer need commentary", was - is_now),
        )
        if labels
    }
    assert (
        f"on {len(was)} services now, and would be on {len(is_now)} service"
        in preview.sentences[-1]
    )


def test_the_contingency_with_other_lines_and_offset(somerset):
    reopen_report(period=period_of(somerset, 3), reason="To try settings.", by=None)
    settings = changed_data(
        somerset, contingency={"lines": ["N110/NET", "C210/NET", "X/Y"], "notional_offset": 5000}
    )
    now, preview, after = preview_and_change(somerset, "contingency", settings)
    before, then = ({k: v for k, _, v in printed(r, "contingency")} for r in (now, after))
    assert then["Unallocated"] != before["Unallocated"]
    rows = table_of(preview, "contingency")
    assert {label: text for label, text, _ in rows if text} == before
    assert {label: text for label, _, text in rows if text} == then
    assert "There are no figures in this report for X/Y." in preview.sentences


def test_a_published_report_is_previewed_from_its_own_lines(somerset):
    report = Report.objects.select_related("period__year").get(period=period_of(somerset, 3))
    published = published_data(report)
    same = published.with_settings(published.settings)
    assert same.contingency == published.contingency != ()


def test_statuses_of_variances(year):
    scheme = {**year.settings.get("status_scheme", {}), "variance": VARIANCE_RULES}
    now, preview, after = preview_and_change(
        year, "variance-statuses", changed_data(year, status_scheme=scheme)
    )
    wanted = [
        (variance_status_of(a, now) or "No status", variance_status_of(b, after))
        for a, b in zip(now.nodes, after.nodes, strict=True)
        if variance_status_of(a, now) != variance_status_of(b, after)
    ]
    rows = table_of(preview, "Statuses that change")
    assert wanted and [row[2:] for row in rows] == wanted
    counts = table_of(preview, "by status")
    assert sum(int(row[2]) for row in counts) == sum(int(row[1]) for row in counts)
    assert ("Green", "0", str(sum(then == "Green" for _, then in wanted))) in counts


def test_statuses_of_savings(year):
    scheme = {"savings": SAVINGS_RULES}
    now, preview, after = preview_and_change(
        year, "savings-statuses", changed_data(year, status_scheme=scheme)
    )
    pairs = list(zip(*(r.report_section("savings")["savings"] for r in (now, after)), strict=True))
    wanted = [
        (a["reference"], a["status"], b["status"]) for a, b in pairs if a["status"] != b["status"]
    ]
    rows = table_of(preview, "Savings that change their status")
    assert wanted and [(row[0], *row[-2:]) for row in rows] == wanted
    summary = registry.statement_entry("savings-summary").make(after)
    total = next(row for row in summary.rows if row.kind == "total")
    agreed = {word: then for word, _, then in table_of(preview, "Agreed savings") if then}
    wanted = {each.label: total.cells[each.key].text for each in summary.columns[1:]}
    assert agreed == wanted


def test_declared_statuses_that_the_scheme_no_longer_has(somerset):
    reopen_report(period=period_of(somerset, 3), reason="To try settings.", by=None)
    settings = changed_data(somerset, status_scheme={"savings_declared": ["Red", "Green"]})
    _, preview, after = preview_and_change(somerset, "savings-statuses", settings)
    blue = [row for row in after.report_section("savings")["savings"] if row["status"] == "Blue"]
    said = f"{len(blue)} savings have been given the status Blue, which the new scheme does not"
    assert blue and preview.sentences[0].startswith(said)


def test_who_could_approve_a_pending_virement(somerset, person):
    first = Virement.objects.select_related("from_line", "to_line").get(year=somerset)
    for reference, pounds in (("P1", 40_000), ("P2", 90_000)):
        Virement.objects.create(
            year=somerset,
            reference=reference,
            leg=1,
            period=4,
            from_line=first.from_line,
            to_line=first.to_line,
            amount_pence=pounds * 100,
            forecast_amount_pence=0,
            kind="funding",
        )
    limits = {"finance_officer": 50_000, "finance_lead": 60_000}
    reopen_report(period=period_of(somerset, 3), reason="To try settings.", by=None)
    before = read_settings(somerset.settings)
    settings = changed_data(somerset, virements={"approve_up_to": limits})
    _, preview, after = preview_and_change(somerset, "virements", settings)
    wanted = set()
    for role in (Role.FINANCE_OFFICER, Role.FINANCE_LEAD, Role.DIRECTOR):
        user = person(role)
        for reference in ("P1", "P2"):
            legs = list(Virement.objects.filter(year=somerset, reference=reference))
            now, then = (
                "No" if why_not_approve(user, legs, each) else "Yes"
                for each in (before, after.settings)
            )
            if now != then:
                wanted.add((reference, role.label, now, then))
    rows = table_of(preview, "Pending virements")
    assert (
        {(row[0], *row[2:]) for row in rows}
        == wanted
        == {
            ("P1", "Finance officer", "No", "Yes"),
            ("P2", "Finance lead", "Yes", "No"),
        }
    )


@pytest.mark.parametrize("pounds", [1, 10**8])
def test_the_minimum_of_the_general_fund(year, pounds):
    settings = changed_data(year, reserves={"minimum_general_fund": pounds})
    now, preview, after = preview_and_change(year, "reserves", settings)
    fund = registry.statement_entry("reserves-general-fund").make(after)
    note = next(each.text for each in fund.footnotes if "minimum level" in each.text)
    rows = {row[0]: row[1:] for row in table_of(preview, "General Fund")}
    assert rows["Minimum level"][0] == "Not set"
    beside = rows["General Fund beside it"][1]
    assert f"is {rows['Minimum level'][1]};" in note
    assert beside.split()[0] in note
    assert ("above" in beside) == ("above it" in note)


def test_the_timetable_is_previewed_as_the_dates_of_the_year(db):
    """Without any figures: the days are those of the year alone."""
    settings = read_settings(
        {
            "timetable": {
                "months": {"figures": 5, "report": 15},
                "close": {"report": 20},
                "closed_days": ["2026-07-03 Open day"],
            }
        }
    )
    preview = registry.preview_of_year("timetable", 2026, settings.of_apps["timetable"])
    dates = {row[0]: row[1:] for row in table_of(preview, "Dates of the year")}
    assert len(dates) == 13
    assert dates["Month 3, June 2026"] == ("Wed 8 Jul 2026", "Wed 22 Jul 2026")
    assert dates["Close"] == ("–", "Wed 28 Apr 2027")
    closed = table_of(preview, "do not count")
    assert ("Fri 3 Jul 2026", "Open day") in closed
    assert ("Mon 28 Dec 2026", "Boxing Day (observed)") in closed


def test_publication_is_previewed_on_the_draft(year):
    name, waits_for = "publication", {"waits_for": ["forecasts-missing", "savings"]}
    settings = changed_data(year, publication=waits_for)
    _, preview, after = preview_and_change(year, name, settings)
    reasons = reasons_to_wait(after)
    rows = table_of(preview, "Outstanding work")
    assert [work for work, _, then in rows if then == "Publication waits"] == [
        reason.partition(" The council’s")[0] for reason in reasons
    ]
    assert {now for _, now, _ in rows} <= {"Warning"}
    assert f"wait for {len(reasons)} of {len(rows)}" in preview.sentences[0]
