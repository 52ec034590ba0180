"""The setting of what publication waits for."""

from collections.abc import Mapping

from council_finance.registry import (
    FieldKind,
    LaterChoices,
    SettingsError,
    SettingsField,
    SettingsTable,
    outstanding_work,
    register_settings_table,
)
from council_finance.registry.settings_fields import Choices

NAME = "publication"


def _list_choices() -> Choices:
    return list(outstanding_work().items())


def _read_waits_for(table: Mapping[str, object]) -> frozenset[str]:
    """Return the names of the work that publication waits for. Raise `SettingsError`."""
    given = table.get("waits_for", [])
    if not isinstance(given, list):
        raise SettingsError(f'[{NAME}]: waits_for must be a list such as ["savings"].')
    known = outstanding_work() if given else {}
    for name in given:
        if not isinstance(name, str) or name not in known:
            raise SettingsError(
                f"[{NAME}]: waits_for cannot have “{name}”. It may have: {', '.join(known)}."
            )
    return frozenset(given)


register_settings_table(
    SettingsTable(
        name=NAME,
        title="Publication",
        table=NAME,
        fields=(
            SettingsField(
                "waits_for",
                "Publication waits for",
                "A month is not published while what you tick is outstanding. The review warns of "
                "everything else.",
                FieldKind.SEVERAL,
                unset="publication waits for nothing, and the review warns",
                choices=LaterChoices(_list_choices),
            ),
        ),
        read=_read_waits_for,
        after="timetable",
    )
)
