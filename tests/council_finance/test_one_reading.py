"""What a page asks once, and what forms and jobs ask every time."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from council_finance.accounts.models import Role, User
from council_finance.one_reading import (
    TableOfYears,
    once_a_reading,
    once_for_each,
    one_reading,
    read_pages_once,
)
from monitoring.questions.selectors import questions_waiting_for
from monitoring.structure.models import FinancialYear, Period
from performance.activity.models import ActivityGroup
from performance.activity.report_section import groups_in_order

asked: list[object] = []


@once_a_reading
def _ask(what):
    asked.append(what)
    return object()


@once_for_each
def _ask_of_each(rows):
    asked.append([row.pk for row in rows])
    return {row: object() for row in rows}


@pytest.fixture(autouse=True)
def _asked_nothing():
    asked.clear()


def test_one_reading_asks_once_for_the_same_and_forgets_it_at_its_end():
    with one_reading():
        first = _ask("a")
        assert _ask("a") is first
        assert _ask("b") is not first
    with one_reading():
        assert _ask("a") is not first
    assert asked == ["a", "b", "a"]


def test_outside_of_a_reading_each_call_asks():
    assert _ask("a") is not _ask("a")


def test_what_is_read_of_many_rows_at_once_is_read_of_each_once_a_reading():
    first, second, third = (Period(pk=pk) for pk in (1, 2, 3))
    with one_reading():
        found = _ask_of_each([first, second])
        assert _ask_of_each([second, third])[second] is found[second]
        assert list(_ask_of_each([third, first])) == [third, first]
    assert asked == [[1, 2], [3]]
    _ask_of_each([first])
    _ask_of_each([first])
    assert asked[2:] == [[1], [1]], "outside of a reading"
    assert _ask_of_each([]) == {}
    assert len(asked) == 4, "nothing to ask about"


@pytest.mark.parametrize(("method", "times"), [("get", 1), ("head", 1), ("post", 2)])
def test_a_page_is_one_reading_and_a_form_is_none(method, times):
    def answer(request):
        _ask("a")
        _ask("a")
        return HttpResponse()

    read_pages_once(answer)(getattr(RequestFactory(), method)("/"))
    assert len(asked) == times


@pytest.mark.django_db
def test_a_subject_without_rows_of_the_year_is_not_asked(django_assert_num_queries):
    year = FinancialYear.objects.create(start=2031, council="Aldermere", settings={})
    other = FinancialYear.objects.create(start=2032, council="Aldermere", settings={})
    ActivityGroup.objects.create(year=other, code="A1", name="Adults", order=1)
    with one_reading():
        with django_assert_num_queries(1):
            assert groups_in_order(year) == []
        with django_assert_num_queries(0):
            assert groups_in_order(year) == []
        with django_assert_num_queries(2):  # which tables have rows, and the rows
            assert [each.code for each in groups_in_order(other)] == ["A1"]
        with django_assert_num_queries(0):
            assert questions_waiting_for(User(role=Role.DIRECTOR), Period(year=other)) == []
    ActivityGroup.objects.create(year=year, code="A2", name="Adults", order=1)
    assert [each.code for each in groups_in_order(year)] == ["A2"]


@pytest.mark.django_db
def test_the_subjects_of_several_years_are_found_by_one_query(django_assert_num_queries):
    years = [
        FinancialYear.objects.create(start=start, council="Aldermere", settings={})
        for start in (2031, 2032)
    ]
    ActivityGroup.objects.create(year=years[1], code="A1", name="Adults", order=1)
    with django_assert_num_queries(0):
        TableOfYears.ask_of(years)  # Outside of a reading nobody asks.
    with one_reading():
        with django_assert_num_queries(1):
            TableOfYears.ask_of(years)
            assert groups_in_order(years[0]) == []
        with django_assert_num_queries(1):
            assert [each.code for each in groups_in_order(years[1])] == ["A1"]
