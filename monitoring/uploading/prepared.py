"""Where a file goes, and the checked file that storing takes."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Generic, TypeVar

import pandas as pd

from council_finance import registry
from council_finance.accounts.models import User
from council_finance.uploads.lookalikes import alike_codes
from council_finance.uploads.table import TypedTable
from monitoring.structure.models import FinancialYear, Period
from monitoring.structure.selectors.calendar import earlier_period
from monitoring.structure.trees import ServiceRow, Tree
from monitoring.uploading.changes import AlikeCode, UploadChanges
from monitoring.uploading.models import Upload

Payload = TypeVar("Payload")


@dataclass
class Target:
    """Where a file goes: its year, its period (None: the whole year) and its upload."""

    upload: Upload
    year: FinancialYear
    period: Period | None
    scope: str = ""
    _frames: dict[Hashable, pd.DataFrame] = field(default_factory=dict)

    def read_once(self, key: Hashable, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """Return the frame kept under `key`, reading it the first time.

        Checks, warnings and comparatives of one file want the same frames.
        """
        if key not in self._frames:
            self._frames[key] = read()
        return self._frames[key]

    @cached_property
    def period_before(self) -> Period | None:
        """The nearest earlier period of the year that has figures; None where there is none."""
        return earlier_period(self.its_period)

    @property
    def its_period(self) -> Period:
        """The period of a file that is for one. Raise `ValueError` for a file of the year."""
        if self.period is None:
            raise ValueError("this kind of file is uploaded for a period")
        return self.period

    @property
    def by(self) -> User | None:
        """The person who uploaded the file; None for a command."""
        return self.upload.uploaded_by


@dataclass(frozen=True)
class Prepared(Generic[Payload]):
    """A file that was checked and found without fault.

    `payload` is what its kind stores. `totals` are the sums in pence by column, `changes` what the
    file would change and what a person decides before it is stored.
    """

    table: TypedTable
    payload: Payload
    totals: dict[str, int | None] = field(default_factory=dict)
    changes: UploadChanges = field(default_factory=UploadChanges)

    def with_alike_codes(self, alike: tuple[AlikeCode, ...]) -> "Prepared[Payload]":
        """Return the checked file with the new codes that look like known ones."""
        codes = sorted({each.code for each in alike})
        changes = replace(self.changes, alike=alike, alike_codes=tuple(codes))
        return replace(self, changes=changes)


def kind_of(upload: Upload) -> registry.UploadKind[Target, Prepared[object]]:
    """Return the registered kind of an upload."""
    return registry.upload_kind(upload.kind, per_period=upload.period is not None)


def target_of(upload: Upload) -> Target:
    """Return where the upload goes, with year and period as they are stored now."""
    year = FinancialYear.objects.get(pk=upload.year_id)
    period = None
    if upload.period is not None:
        period = Period.objects.select_related("year", "batch").get(year=year, number=upload.period)
    return Target(upload, year, period, upload.scope)


def check_service_codes(table: TypedTable, column: str, tree: Tree, *, leaf: bool) -> None:
    """Note each code that is no open service, or, where `leaf`, one that has others under it."""
    by_code = {service.code: service for service in tree.register.values()}
    codes = table.frame[column]
    faults = {
        code: fault + did_you_mean(code, by_code)
        for code in codes.unique()
        if code and (fault := _service_fault(by_code.get(code), tree, leaf))
    }
    for row, code in codes[codes.isin(list(faults))].items():
        table.problem(row, column, code, faults[code])


def did_you_mean(code: str, known: Iterable[str]) -> str:
    """Return a question with the known codes that a code looks like; nothing where none does."""
    alike = [other for _, other in alike_codes([code], known)]
    return f". Is {' or '.join(alike)} meant?" if alike else ""


def _service_fault(service: ServiceRow | None, tree: Tree, leaf: bool) -> str:
    if service is None:
        return "there is no service with this code; the codes are those of services.csv"
    if service.id not in tree.open_ids:
        home = tree.register[tree.home(service.id)]
        return f"this service is closed; its lines stand under {home.code} ({home.name})"
    if leaf and service.id in tree.parents:
        return "this service has others under it; lines hang on services without"
    return ""
