"""Questions that are put into SQL once."""

import datetime
import gc
import threading
import weakref

import pytest
from django.db import connection, connections
from django.db.models import Q

from council_finance.accounts.models import Role, User
from council_finance.audit import AuditEntry, last_changes, record
from council_finance.prepared import prepared

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    made = [User.objects.create(username=name, role=Role.DIRECTOR) for name in ("ash", "elm")]
    for person in made:
        record(by=person, action="planted", on="tree", height=3)
    return made


def test_sql_is_put_together_once_and_asked_with_each_value(people, django_assert_num_queries):
    asked = []

    @prepared
    def planted_by(username, action):
        asked.append(username)
        entries = AuditEntry.objects.select_related("by").filter(by__username=username)
        return entries.filter(Q(action=action) | Q(action="felled", by__username=username))

    with django_assert_num_queries(4):
        found = [planted_by(name, "planted") for name in ("ash", "elm", "oak", "ash")]
    assert len(asked) == 2
    assert [[each.by for each in rows] for rows in found] == [
        [people[0]],
        [people[1]],
        [],
        [people[0]],
    ]
    entry = found[0][0]
    assert entry.detail == {"height": 3}
    assert isinstance(entry.at, datetime.datetime)
    assert planted_by("ash", "felled") == []


def test_rows_of_values_and_of_several_texts(people):
    @prepared
    def roles_of(*names):
        return (
            User.objects.filter(username__in=names).order_by("pk").values_list("username", "role")
        )

    assert roles_of("ash") == [("ash", Role.DIRECTOR)]
    assert roles_of() == []
    assert roles_of("elm", "ash") == [("ash", Role.DIRECTOR), ("elm", Role.DIRECTOR)]


def test_other_values_are_asked_in_the_ordinary_way(people):
    @prepared
    def entries_by(person):
        return AuditEntry.objects.filter(by=person).order_by("pk").values_list("by_name", flat=True)

    record(by=None, action="grew", on="tree", instead="the rain")
    assert entries_by(people[1].pk) == [people[1].name]
    assert entries_by(None)[-1] == "the rain"
    assert prepared(lambda pk: AuditEntry.objects.filter(pk=pk))(10**30) == []


def test_each_choice_has_sql_of_its_own(people):
    @prepared
    def names(action, *, newest_first):
        entries = AuditEntry.objects.filter(action=action)
        return entries.order_by("-pk" if newest_first else "pk").values_list("by_name", flat=True)

    assert names("planted", newest_first=True) == [people[1].name, people[0].name]
    assert names("planted", newest_first=False) == [people[0].name, people[1].name]


def test_a_changed_argument_is_refused(people):
    with pytest.raises(TypeError, match="changes its arguments"):
        prepared(lambda pk: AuditEntry.objects.filter(pk=pk + 1))(1)
    with pytest.raises(TypeError, match="changes its arguments"):
        prepared(lambda text: AuditEntry.objects.filter(action__contains=text))("plant")


def test_last_changes_leave_out_what_they_are_told(people):
    first, second = AuditEntry.objects.filter(action="planted")
    ((pk, at, count),) = last_changes(Q())
    assert (pk, at) == (second.pk, second.at)
    assert last_changes(Q(by=people[1])) == [(first.pk, first.at, count - 1)]
    assert last_changes(Q(action="planted"))[0][0] < first.pk
    assert last_changes(Q(pk__gt=0)) == []


def test_a_change_that_is_stored_after_a_later_one_is_noticed(people):
    """Its transaction took its number first, and ended last: after many, where it took long."""
    first, second, *later = (
        AuditEntry(pk=people[0].pk + 1_000 + each, by_name="oak", action="felled", record="tree")
        for each in range(50)
    )
    AuditEntry.objects.bulk_create([first, *later])
    before = last_changes(Q())
    AuditEntry.objects.bulk_create([second])
    assert last_changes(Q()) != before


def test_the_connection_of_a_thread_goes_with_it():
    names = prepared(lambda name: User.objects.filter(username=name))
    kept = []

    def ask():
        assert names("ash") == []
        kept.append(weakref.ref(connections[connection.alias]))
        connections.close_all()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    gc.collect()
    assert [each() for each in kept] == [None]
    assert names("ash") == []
