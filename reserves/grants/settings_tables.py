"""The size below which grants print together, and the budget lines that carry grants."""

from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    read_pounds,
    register_settings_table,
)
from monitoring.structure.council_settings import CouncilSettings

NAME = "grants"


@dataclass(frozen=True)
class GrantsSettings:
    """The de minimis in pence, and the line (cost centre/account) that carries each group."""

    de_minimis: int
    lines: Mapping[str, str]


def grants_settings(settings: CouncilSettings) -> GrantsSettings:
    """Return a council's settings of grants."""
    found: GrantsSettings = settings.of_apps[NAME]
    return found


def _read_settings(table: Mapping[str, object]) -> GrantsSettings:
    return GrantsSettings(_read_de_minimis(table), _read_lines(table.get("lines", {})))


def _read_de_minimis(table: Mapping[str, object]) -> int:
    if "de_minimis" not in table:
        return 0
    pence = read_pounds(table["de_minimis"], "[grants]: de_minimis")
    if pence < 0:
        raise SettingsError("[grants]: de_minimis cannot be below nil.")
    return pence


def _read_lines(lines: object) -> dict[str, str]:
    """Return the line of each group. Raise `SettingsError` for one that names no line."""
    example = '{ "Non Baselined Grants" = "GRANT-02/NET" }'
    if not isinstance(lines, Mapping):
        raise SettingsError(f"[grants]: lines must name the line of each group, such as {example}.")
    for group, code in lines.items():
        parts = code.strip().partition("/") if isinstance(code, str) else ("", "", "")
        if not all(parts):
            raise SettingsError(
                f"[grants]: lines: “{group}” must name a line as cost centre/account, such as "
                f"{example}."
            )
    return {str(group): str(code).strip() for group, code in lines.items()}


register_settings_table(
    SettingsTable(
        name=NAME,
        title="Grants",
        table="grants",
        fields=(
            SettingsField(
                "de_minimis",
                "De minimis",
                "Grants expected to bring less than this print together in one row of their "
                "group. Each stays in the register.",
                FieldKind.POUNDS,
                unset="£0, every grant has a row of its own",
            ),
            SettingsField(
                "lines",
                "Budget lines of groups",
                "The budget line that carries the grants of a group, one to a line: group = cost "
                "centre/account, such as Non Baselined Grants = GRANT-02/NET. What is expected of "
                "the group is compared with the line’s budget.",
                FieldKind.TEXT_BY_NAME,
                unset="no comparison",
            ),
        ),
        read=_read_settings,
        after="reserves",
    )
)
