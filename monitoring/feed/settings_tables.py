"""The settings of the ledger feed: who answers for it, what is stored by itself, who is mailed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from council_finance.registry import (
    FieldKind,
    SettingsError,
    SettingsField,
    SettingsTable,
    register_settings_table,
)

NAME = "ledger-feed"
TABLE = "ledger_feed"
NEVER, WHEN_CLEAN = "never", "when clean"

_ADDRESS = re.compile(r"[^@\s<>\",;]+@[^@\s<>\",;]+")


@dataclass(frozen=True)
class LedgerFeed:
    """The feed of a year.

    `person` is the e-mail address of the account in whose name files of the folder are received,
    "" for none. `stores_clean` says that a file without any error, warning or question is stored
    without a person. `mail_to` are the addresses of the accounts that are mailed about the others;
    where there are none, finance officers are.
    """

    person: str = ""
    stores_clean: bool = False
    mail_to: tuple[str, ...] = ()


def _read_feed(table: Mapping[str, object]) -> LedgerFeed:
    """Return the feed's settings. Raise `SettingsError` where a value is wrong."""
    store, mail_to = table.get("store", NEVER), table.get("mail_to", [])
    if store not in (NEVER, WHEN_CLEAN):
        raise SettingsError(f"[{TABLE}]: store must be “{WHEN_CLEAN}” or “{NEVER}”, not “{store}”.")
    if not isinstance(mail_to, list):
        raise SettingsError(f'[{TABLE}]: mail_to must be a list such as ["ledger@council.gov.uk"].')
    return LedgerFeed(
        person=_read_address("person", table.get("person", "")) if table.get("person") else "",
        stores_clean=store == WHEN_CLEAN,
        mail_to=tuple(_read_address("mail_to", each) for each in mail_to),
    )


def _read_address(key: str, value: object) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value.strip()):
        raise SettingsError(
            f"[{TABLE}]: {key} cannot have “{value}”: it is the e-mail address of an account, such "
            "as ledger@council.gov.uk."
        )
    return value.strip()


register_settings_table(
    SettingsTable(
        name=NAME,
        title="Ledger feed",
        table=TABLE,
        fields=(
            SettingsField(
                "person",
                "Person responsible",
                "The e-mail address of the account in whose name, and with whose rights, files of "
                "the watched folder are received.",
                unset="nothing is taken from the watched folder",
            ),
            SettingsField(
                "store",
                "Files that are clean",
                "A file is clean when its check finds no error and no warning, and there is "
                "nothing that a person must choose.",
                FieldKind.CHOICE,
                unset="wait for a person",
                choices=(
                    (WHEN_CLEAN, "Are stored without a person"),
                    (NEVER, "Wait for a person"),
                ),
            ),
            SettingsField(
                "mail_to",
                "Mails",
                "Who is mailed about files that were refused or wait for a person: e-mail addresses"
                " of accounts that may upload files, one to a line.",
                FieldKind.TEXTS,
                unset="every finance officer and finance lead",
            ),
        ),
        read=_read_feed,
        after="publication",
    )
)
