"""Everything that is held about a person, and the rows that still contain their name."""

from collections.abc import Iterator, Mapping
from typing import Any

from allauth.socialaccount.models import SocialAccount
from axes.models import AccessAttempt
from django.db import models
from django.db.models import Q

from council_finance.accounts.models import Role, User
from council_finance.accounts.services import record_of
from council_finance.audit import AuditEntry
from council_finance.installed_apps import project_apps
from monitoring.people.selectors.people import parts_of
from monitoring.published.models import ReportDocument, ReportStatement

_NO_FILES = (models.BinaryField, models.JSONField)


def account_of(person: User) -> dict[str, Any]:
    """Return a person's account, with whether it has a password and never the password."""
    return {
        "user name": person.username,
        "name": person.get_full_name(),
        "e-mail": person.email,
        "role": Role(person.role).label,
        "parts of the tree": parts_of(person),
        "may log in": person.is_active,
        "has a password": person.has_usable_password(),
        "account made": person.date_joined,
        "last log-in": person.last_login,
        "single sign-on": list(
            SocialAccount.objects.filter(user=person).values(
                "provider", "uid", "extra_data", "date_joined", "last_login"
            )
        ),
        "wrong passwords kept": list(
            AccessAttempt.objects.filter(username=person.username).values(
                "attempt_time", "ip_address", "user_agent", "failures_since_start"
            )
        ),
    }


def entries_about(person: User) -> Iterator[Mapping[str, Any]]:
    """Return the entries of the audit trail by a person, and those about their account.

    Entries that only name them are counted among the rows that contain their name.
    """
    found = AuditEntry.objects.filter(Q(by=person) | Q(record=record_of(person))).order_by("pk")
    return found.values("id", "at", "by_name", "action", "record", "detail").iterator(2_000)


def records_of(person: User) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Return by table the rows that name the person by key, without files and frozen reports."""
    for model in _project_models():
        keys = [
            field.name
            for field in model._meta.concrete_fields
            if field.remote_field and field.related_model is User
        ]
        if not keys or model is AuditEntry:
            continue
        wanted = Q()
        for key in keys:
            wanted |= Q(**{key: person})
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if not isinstance(field, _NO_FILES) and field.name not in _SECRETS
        ]
        if rows := list(model._base_manager.filter(wanted).order_by("pk").values(*columns)):
            yield str(model._meta.verbose_name_plural), rows


_SECRETS = ("password", "digest", "secret", "key", "token", "session_key", "session_data")


def mentions(*phrases: str) -> dict[str, int]:
    """Return by table how many rows contain one of the phrases in their texts.

    Published statements are among them: they are frozen, and their SHA-256 with them.
    """
    wanted_phrases = [phrase for phrase in phrases if phrase]
    found = {}
    for model in _project_models():
        texts = [field.name for field in text_columns(model)]
        if model in (AuditEntry, User) or not texts or not wanted_phrases:
            continue
        wanted = Q()
        for text in texts:
            for phrase in wanted_phrases:
                wanted |= Q(**{f"{text}__icontains": phrase})
        if count := model._base_manager.filter(wanted).count():
            found[str(model._meta.verbose_name_plural)] = count
    return found


def text_columns(model: type[models.Model]) -> "list[models.Field[Any, Any]]":
    """Return the columns in which somebody may have written a name."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    ]


def tables_with_names() -> Iterator[type[models.Model]]:
    """Return the tables whose texts may be a person's name and are not frozen."""
    for model in _project_models():
        if model not in (AuditEntry, User, ReportDocument, ReportStatement):
            yield model


def _project_models() -> list[type[models.Model]]:
    return [model for config in project_apps() for model in config.get_models()]
