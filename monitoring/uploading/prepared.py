"""What a check hands on to storing."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from council_finance.uploads.lookalikes import alike_codes
from council_finance.uploads.problems import Problem
from council_finance.uploads.table import TypedTable
from monitoring.structure.models import FinancialYear, Period
from monitoring.structure.trees import Tree
from monitoring.uploading.models import Upload


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

    @property
    def its_period(self) -> Period:
        """The period of a file that is for one. Raise `ValueError` for a file of the year."""
        if self.period is None:
            raise ValueError("this kind of file is uploaded for a period")
        return self.period

    @property
    def by(self):
        """Who brought the file; None for a command."""
        return self.upload.uploaded_by


@dataclass
class Prepared:
    """A checked file: nothing is stored where there are problems. `payload` is the kind's own.

    `changes` is what the file would change, as a page shows it; `asks` the numbers of the typed
    forecasts that differ from the file's, on which a person decides before it is stored; `alike`
    the new codes that look like known ones (alike.AlikeCode), on which one decides too.
    """

    table: TypedTable
    payload: Any = None
    totals: dict[str, int | None] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    asks: frozenset[int] = frozenset()
    alike: tuple[Any, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """The faults, in the order of the file's rows."""
        return sorted(self.table.problems, key=lambda problem: (problem.sheet, problem.row or 0))

    @property
    def warnings(self) -> list[Problem]:
        """What a person should look at; it does not stop the upload."""
        return self.table.warnings


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
    """The known codes that a code looks like, to be added to what is wrong with it."""
    alike = [other for _, other in alike_codes([code], known)]
    return f". Is {' or '.join(alike)} meant?" if alike else ""


def _service_fault(service, tree: Tree, leaf: bool) -> str:
    if service is None:
        return "there is no service with this code; the codes are those of services.csv"
    if service.id not in tree.open_ids:
        home = tree.register[tree.home(service.id)]
        return f"this service is closed; its lines stand under {home.code} ({home.name})"
    if leaf and service.id in tree.parents:
        return "this service has others under it; lines hang on services without"
    return ""
