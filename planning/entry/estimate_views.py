"""The sheet on which the estimates of a financial year are entered: services by subjective."""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from council_finance.accounts.current_user import current_user
from monitoring.people.rights import may_see_drafts, require
from planning.entry.changes import SheetChange
from planning.entry.estimate_sheet import WHOLE, EstimateSheet
from planning.entry.registers import REGISTERS
from planning.entry.rows import Key, StoredRows, digest_of, stored_rows
from planning.entry.selectors import EffectTable, describe_effect
from planning.entry.services import RowClashed, RowRefused, preview_change, save_change
from planning.entry.storing import may_enter
from planning.entry.views import find_register, page_context, tell_saved

_NAME = "estimates"
_SEEN = 64


def first_sheet(request: HttpRequest, start: int) -> HttpResponse:
    """Lead to the sheet of the year itself."""
    require(may_see_drafts(request.user))
    return redirect("plan-estimates", start, start)


@require_http_methods(["GET", "HEAD", "POST"])
def estimates(request: HttpRequest, start: int, of: int, step: str = WHOLE) -> HttpResponse:
    """Show the sheet of a financial year and step, then its totals, and store it once seen."""
    year, register = find_register(start, _NAME)
    require(may_see_drafts(request.user))
    may_write = may_enter(current_user(request), _NAME, year)
    require(request.method != "POST" or may_write)
    page = SheetPage(request, stored_rows(register, year), of, step, may_write)
    return page.enter() if request.method == "POST" else page.render(page.make_sheet())


@dataclass
class SheetPage:
    """The page of the sheet of a financial year and step."""

    request: HttpRequest
    stored: StoredRows
    of: int
    step: str
    may_enter: bool
    typed: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Read what was typed: the fields of cells, whose names are of numbers and a dash."""
        self.typed = {
            name: text.strip()
            for name, text in self.request.POST.items()
            if name.replace("-", "").isdigit() and isinstance(text, str)
        }

    def make_sheet(self, faults: dict[Key, str] | None = None) -> EstimateSheet:
        """Return the sheet with what was typed."""
        return EstimateSheet(self.stored, self.of, self.step, self.typed, faults or {})

    def enter(self) -> HttpResponse:
        """Show the totals of what was typed, or store it once they were seen."""
        sheet = self.make_sheet()
        cells, faults = sheet.read_typed()
        if faults:
            return self.render(self.make_sheet(faults), status=422)
        change = sheet.change(cells, self.request.POST.get("seen", "")[:_SEEN])
        # What was typed after the totals were shown has totals that nobody has seen.
        is_seen = self.request.POST.get("previewed") == _digest_of_change(change)
        store = self.request.POST.get("action") == "store" and is_seen
        return self._carry_out(sheet, change, store=store)

    def _carry_out(self, sheet: EstimateSheet, change: SheetChange, *, store: bool) -> HttpResponse:
        user, year, cells = current_user(self.request), self.stored.year, change.cells
        try:
            if not store:
                effect = describe_effect(preview_change(year=year, change=change, by=user))
                return self.render(sheet, effect=effect, previewed=_digest_of_change(change))
            saved = save_change(year=year, change=change, by=user)
        except RowRefused as refused:
            faults = {key: fault for (key, _), fault in refused.cells.items()}
            return self.render(self.make_sheet(faults), refused=refused.messages, status=422)
        except RowClashed as clashed:
            return self.render(sheet, refused=clashed.messages, status=409)
        noun = "estimate is" if len(cells) == 1 else "estimates are"
        tell_saved(self.request, saved, f"{len(cells)} {noun} saved.")
        return redirect(self.request.path)

    def render(
        self,
        sheet: EstimateSheet,
        *,
        effect: EffectTable | None = None,
        previewed: str = "",
        refused: tuple[str, ...] | list[str] = (),
        status: int = 200,
    ) -> HttpResponse:
        """Render the page with what was typed and its totals."""
        year = self.stored.year
        cells = [cell for row in sheet.rows for cell in row.cells]
        context = page_context(year, self.stored.register) | {
            "sheet": sheet,
            "effect": effect,
            "previewed": previewed,
            "seen": sheet.digest,
            "refused": refused,
            "faulty": [cell for cell in cells if getattr(cell, "fault", "")],
            "registers": REGISTERS.values(),
            "may_enter": self.may_enter and not year.is_archived,
        }
        return render(self.request, "planning/entry/estimates.html", context, status=status)


def _digest_of_change(change: SheetChange) -> str:
    """Return a text that changes with every cell that is to be stored."""
    rows = [{"key": " ".join(key), **(row or {})} for key, row in sorted(change.cells.items())]
    return digest_of(rows)
