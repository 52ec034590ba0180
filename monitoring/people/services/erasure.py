"""The export of everything held about a person, and the erasure of a person.

An erased person keeps their row under another name, so that figures, approvals and reports stay
linked to it, and rules that forbid one person to do two things still hold.
"""

import io
import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

from axes.models import AccessAttempt
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import ForeignObjectRel, Q

from council_finance import audit, trail
from council_finance.accounts.models import Role, User
from council_finance.accounts.services import end_sessions, record_of
from council_finance.audit import AuditEntry
from council_finance.errors import Refused
from monitoring.people.selectors.people import is_erased
from monitoring.people.selectors.personal_data import (
    account_of,
    entries_about,
    mentions,
    records_of,
    tables_with_names,
    text_columns,
)
from monitoring.people.services.people import locked_administrators, refuse_to_leave_none

_NAMES_OF_FACTS = ("name", "email")


@transaction.atomic
def export_person(*, person: User, by: User | None) -> bytes:
    """Return everything that is held about a person, as JSON in a ZIP; the audit trail says so."""
    audit.record(by=by, action="exported what is held about a person", on=record_of(person))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in (
            ("account.json", account_of(person)),
            ("audit-trail.json", list(entries_about(person))),
            ("records.json", dict(records_of(person))),
            ("named-in.json", mentions(person.get_full_name(), person.email)),
        ):
            text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            zipped.writestr(name, text + "\n")
    return packed.getvalue()


@transaction.atomic
def erase_person(*, person: User, by: User | None) -> dict[str, int]:
    """Take a person's name, user name and e-mail address out of everything but frozen reports.

    Return by table how many rows still contain the name: texts that people wrote, and published
    statements, which do not change. Raise `Refused` for the last administrator and for oneself.
    """
    administrators = locked_administrators()
    person = User.objects.select_for_update().get(pk=person.pk)
    if is_erased(person):
        raise Refused("This person is erased already.")
    if person.pk in administrators:
        refuse_to_leave_none(person, administrators, by)
    names = _names_of(person)
    _close_account(person)
    new_name = _erased_name(person)
    _replace_in_columns(names, new_name)
    _replace_in_trail(person, names, new_name)
    left = mentions(*names.phrases)
    person.save()
    audit.record(by=by, action=trail.ERASED, on=record_of(person), still_named_in=left)
    return left


class _Names:
    """The names of a person: today's and, by the audit trail, earlier ones."""

    def __init__(self, person: User, former: set[str]) -> None:
        self.username = person.username
        self.record = record_of(person)
        whole = {person.get_full_name(), person.email, *former} - {""} - _names_of_others(person)
        # One word alone may be a word like any other, so it counts only where it is all there is.
        self.phrases = sorted((each for each in whole if " " in each or "@" in each), key=len)[::-1]
        self.exact = {*whole, person.username}


def _names_of(person: User) -> _Names:
    former = set()
    for entry in AuditEntry.objects.filter(record=record_of(person)):
        for fact in _NAMES_OF_FACTS:
            noted = entry.detail.get(fact) if isinstance(entry.detail, dict) else None
            values = noted.values() if isinstance(noted, dict) else [noted]
            former |= {value for value in values if isinstance(value, str)}
    by_name = AuditEntry.objects.filter(by=person).order_by().values_list("by_name", flat=True)
    return _Names(person, former | (set(by_name.distinct()) - {person.username}))


def _names_of_others(person: User) -> set[str]:
    """Return the names of all other people: a text with a shared name may be about another."""
    return {other.get_full_name() for other in User.objects.exclude(pk=person.pk)} - {""}


def _erased_name(person: User) -> str:
    return f"Erased person {person.pk}"


def _close_account(person: User) -> None:
    """Close and rename the account, and delete the rows that belong to it alone."""
    end_sessions(person)
    AccessAttempt.objects.filter(username=person.username).delete()
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is models.CASCADE:
            rows = relation.related_model._base_manager
            rows.filter(**{relation.field.name: person}).delete()
    person.username, person.email = f"erased-{person.pk}", ""
    person.first_name, person.last_name = "Erased person", str(person.pk)
    person.role, person.is_active, person.last_login = Role.SCRUTINY_MEMBER, False, None
    person.set_unusable_password()


def _replace_in_columns(names: _Names, new_name: str) -> None:
    """Replace texts that are the name and nothing else, such as who approved a virement."""
    for model in tables_with_names():
        for field in text_columns(model):
            if field.unique or field.primary_key:
                continue
            rows: models.QuerySet[models.Model] = models.QuerySet(model).filter(
                **{f"{field.name}__in": names.phrases}
            )
            rows.update(**{field.name: new_name[: field.max_length]})


def _replace_in_trail(person: User, names: _Names, new_name: str) -> None:
    replace = _make_replacer(names, new_name)

    def change(entry: AuditEntry) -> None:
        if entry.by_id == person.pk or (entry.by_id is None and entry.by_name in names.exact):
            entry.by_name = new_name
        if entry.record == names.record:
            entry.record = f"person erased-{person.pk}"
            instead = dict.fromkeys(_NAMES_OF_FACTS, new_name) | {"address": "erased"}
            entry.detail |= {key: instead[key] for key in entry.detail if key in instead}
        entry.detail = _in_all_texts(entry.detail, replace)

    wanted = Q(by=person) | Q(record=names.record) | Q(by=None, by_name__in=names.exact)
    trail.rewrite(wanted, names.exact, change)


def _make_replacer(names: _Names, new_name: str) -> Callable[[str], str]:
    whole_words = [re.compile(rf"(?<!\w){re.escape(each)}(?!\w)", re.I) for each in names.phrases]

    def replace(text: str) -> str:
        if text in names.exact:
            return new_name
        for pattern in whole_words:
            text = pattern.sub(new_name, text)
        return text

    return replace


def _in_all_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return JSON data with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_in_all_texts(each, change) for each in value]
    if isinstance(value, dict):
        return {key: _in_all_texts(each, change) for key, each in value.items()}
    return value
