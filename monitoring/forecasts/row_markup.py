"""Draw the rows of a forecast grid.

They are drawn here and not in the template, which would run through the same tags and filters
for each of up to 2,000 lines. Texts of people and ledgers are escaped; all else is numbers and own
words.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import NamedTuple

from monitoring.forecast_methods.selectors.proposals import Proposal
from monitoring.forecasts.entered_cells import SentLine
from monitoring.forecasts.selectors.grid import (
    Grid,
    figure,
    planned_source_text,
    signed,
    source_text,
)
from monitoring.forecasts.selectors.grid_choice import TIES
from monitoring.forecasts.selectors.lines import KEPT_LINES, GridLine
from monitoring.ledger.selectors.typed_amounts import FORECAST, PLANNED_USE_LABELS
from monitoring.ledger.spending_without_budget import unbudgeted

_NOTHING = SentLine()
_LABELS = {FORECAST: "Forecast", **PLANNED_USE_LABELS}


class _Page(NamedTuple):
    """What the rows of a page share: its columns, and the address of its lines' pages."""

    columns: tuple[str, ...]
    lines_at: str


class _Row(NamedTuple):
    """A line with what its row shows besides.

    `service` is the service that stands below the line, "" for none; with `takes_entries` it has
    inputs. `code` is the line's code, escaped.
    """

    page: _Page
    line: GridLine
    service: str
    proposal: Proposal | None
    takes_entries: bool
    is_ticked: bool
    sent: SentLine
    code: str

    @property
    def pk(self) -> int:
        """The line's id."""
        return self.line.line.pk


class RowMarkup:
    """The rows of a page of the grid; `lines_at` is the address of its lines' pages.

    `sent` is by line what a person sent that is not saved, `ticked` the lines they ticked. With
    `is_open` the lines of services that take the reader's forecasts have inputs. Where lines of
    several services are sorted, each names its own.
    """

    def __init__(
        self,
        grid: Grid,
        sent: Mapping[int, SentLine],
        lines_at: str,
        ticked: Collection[int],
        *,
        is_open: bool,
    ) -> None:
        self.grid, self.sent, self.ticked, self.is_open = grid, sent, ticked, is_open
        self.page = _Page(grid.columns, lines_at)
        self.names_services = any(group.section is None for group in grid.groups)

    def draw(self, lines: Iterable[GridLine]) -> bytes:
        """Return the rows of these lines as they are sent, in UTF-8."""
        return b"".join([self._draw_row(line) for line in lines])

    def _draw_row(self, line: GridLine) -> bytes:
        pk = line.line.pk
        section = self.grid.section_of[pk]
        service = section.label if self.names_services else ""
        takes_entries = self.is_open and section.takes_forecasts
        row = self.page, line, service, self.grid.proposal(line), takes_entries, pk in self.ticked
        sent = self.sent.get(pk)
        return _draw_saved(*row) if sent is None else _draw_row(*row, sent)


def _draw_row(
    page: _Page,
    line: GridLine,
    service: str,
    proposal: Proposal | None,
    takes_entries: bool,
    is_ticked: bool,
    sent: SentLine = _NOTHING,
) -> bytes:
    code = escape(line.line.code)
    row = _Row(page, line, service, proposal, takes_entries, is_ticked, sent, code)
    cells = "".join([_CELLS[name](row) for name in page.columns])
    error = ' class="grid__row--error"' if sent.errors else ""
    return f"<tr{error}{_draw_data(row)}>{_draw_head(row)}{cells}</tr>\n".encode()


# A row is drawn anew only where something of it has changed. It is kept by all that it shows, so
# nothing has to empty this; and as bytes, which take half the memory of its text.
_draw_saved = lru_cache(maxsize=KEPT_LINES)(_draw_row)


def _draw_data(row: _Row) -> str:
    """Return the figures in pence with which the page works out the row's."""
    line, proposal = row.line, row.proposal
    figures = {
        "budget": line.budget,
        "planned": line.planned_use,
        "previous": line.previous_variance,
    }
    if row.takes_entries:
        figures |= {
            "run-rate": line.run_rate,
            "profile": line.actual_and_rest_of_profile,
            "proposal": proposal.pence if proposal else None,
            "carried": 1 if line.source == "carried" else None,
        }
    return "".join(
        [f' data-{name}="{pence}"' for name, pence in figures.items() if pence is not None]
    )


def _draw_head(row: _Row) -> str:
    line, code = row.line, row.code
    known = line.line
    marks = ' <span class="quiet">exempt</span>' if known.exempt else ""
    if unbudgeted(line.budget, line.actual, line.forecast):
        marks += ' <span class="quiet">unbudgeted</span>'
    tick = ""
    if row.takes_entries:
        checked = " checked" if row.is_ticked else ""
        tick = (
            f'<input type="checkbox" class="grid__tick" name="tick" value="{known.pk}" '
            f'aria-label="Choose {code}"{checked}> '
        )
    name: str = escape(known.description)
    if row.service:
        name += f" · {escape(row.service)}"
    return (
        f'<th scope="row">{tick}<a class="govuk-link" href="{row.page.lines_at}{known.pk}/">{code}'
        f'</a>{marks}<span class="grid__name">{name}</span></th>'
    )


def _draw_forecast(row: _Row) -> str:
    line, pk = row.line, row.pk
    if not row.takes_entries:
        text = figure(line.forecast)
    else:
        text = _draw_input(row, FORECAST, f"source-{pk}")
        text += _hidden_input(f"seen-{pk}", line.forecast)
    return (
        f'<td class="numeric figure grid__cell">{text}<span class="grid__source '
        f'grid__source--{line.source}" id="source-{pk}">{escape(source_text(line))}</span>'
        f"{_draw_error(row, FORECAST)}</td>"
    )


def _planned_use_drawer(measure: str) -> Callable[[_Row], str]:
    """Return what draws the cell of planned use."""

    def draw(row: _Row) -> str:
        line = row.line
        source = planned_source_text(line, measure)
        ident = f"{measure}-source-{row.pk}"
        if not row.takes_entries:
            text = figure(line.planned[measure]) if line.planned[measure] else "–"
        else:
            text = _draw_input(row, measure, ident if source else "")
            seen = line.planned[measure] if source else None
            text += _hidden_input(f"seen-{measure}-{row.pk}", seen)
        if source:
            kind = line.planned_source(measure)
            text += (
                f'<span class="grid__source grid__source--{kind}" id="{ident}">'
                f"{escape(source)}</span>"
            )
        return (
            f'<td class="numeric figure grid__cell grid__cell--planned">{text}'
            f"{_draw_error(row, measure)}</td>"
        )

    return draw


def _tie_drawer(name: str, measure: str) -> Callable[[_Row], str]:
    """Return what draws the cell with the reserve or project that pays for planned use."""

    def draw(row: _Row) -> str:
        pk, tie = row.pk, row.line.tied_to(measure)
        code = escape(tie)
        if not row.takes_entries:
            return f"<td>{code}</td>"
        shown = _draw_value(row.sent, name, code)
        return (
            f'<td class="grid__cell"><input class="grid__input" name="{name}-{pk}" '
            f'value="{shown}" data-saved-value="{code}" maxlength="64" list="{name}-codes" '
            f'aria-label="{_LABELS[measure]} of {row.code} is paid from">'
            f'<input type="hidden" name="seen-{name}-{pk}" value="{code}"></td>'
        )

    return draw


def _draw_proposal(row: _Row) -> str:
    found = row.proposal
    if found is None:
        return '<td class="numeric figure grid__cell--proposal">–</td>'
    why = f'<span class="grid__source">{escape(found.why)}</span>'
    return f'<td class="numeric figure grid__cell--proposal">{figure(found.pence)}{why}</td>'


def _draw_reason(row: _Row) -> str:
    pk, entry = row.pk, row.line.entry
    given = entry.reason if entry else ""
    text = ""
    if row.takes_entries:
        reason = _draw_value(row.sent, "reason", "")
        described = f' aria-describedby="why-{pk}"' if given else ""
        text = (
            f'<input class="grid__input" id="reason-{pk}" name="reason-{pk}" value="{reason}" '
            f'data-saved-value="" maxlength="1000" '
            f'aria-label="Reason for {row.code}"{described}>'
        )
    for key in row.sent.questions:
        text += f'<input type="hidden" name="shown" value="{escape(key)}">'
    if given:
        text += f'<span class="grid__source" id="why-{pk}">{escape(given)}</span>'
    return f'<td class="grid__cell">{text}</td>'


def _draw_input(row: _Row, measure: str, source: str) -> str:
    """Return the input of a figure; `source` is the id of what says where it is from."""
    pk, sent = row.pk, row.sent
    current = row.line.current(measure)
    saved = "" if current is None or (measure != FORECAST and not source) else figure(current)
    described = f"{source} fault-{measure}-{pk}" if measure in sent.errors else source
    return (
        f'<input class="grid__input grid__input--figure" id="{measure}-{pk}" '
        f'name="{measure}-{pk}" value="{_draw_value(sent, measure, saved)}" '
        f'data-saved-value="{saved}" maxlength="200" '
        f'aria-label="{_LABELS[measure]} of {row.code}"'
        + (f' aria-describedby="{described.strip()}"' if described else "")
        + (' aria-invalid="true">' if measure in sent.unread else ">")
    )


def _draw_value(sent: SentLine, name: str, saved: str) -> str:
    """Return what was sent for a cell, escaped; else what is saved, which needs no escaping."""
    text = sent.texts.get(name)
    return saved if text is None else escape(text)


def _draw_error(row: _Row, measure: str) -> str:
    error = row.sent.errors.get(measure, "")
    if not error:
        return ""
    return (
        '<span class="govuk-error-message grid__fault" '
        f'id="fault-{measure}-{row.pk}"><span class="govuk-visually-hidden">Error:</span>'
        f" {escape(error)}</span>"
    )


def _figure_cell(text: str, follows: str = "") -> str:
    """Return a cell with a figure; the page works out anew what `follows` what is typed."""
    out = f' data-out="{follows}"' if follows else ""
    return f'<td class="numeric figure"{out}>{text}</td>'


def _hidden_input(name: str, pence: int | None) -> str:
    return f'<input type="hidden" name="{name}" value="{"" if pence is None else pence}">'


_CELLS: Mapping[str, Callable[[_Row], str]] = {
    "budget": lambda row: _figure_cell(figure(row.line.budget)),
    "actual": lambda row: _figure_cell(figure(row.line.actual)),
    "commitments": lambda row: _figure_cell(figure(row.line.commitments)),
    FORECAST: _draw_forecast,
    "proposal": _draw_proposal,
    "variance": lambda row: _figure_cell(signed(row.line.variance), "variance"),
    "run_rate": lambda row: _figure_cell(figure(row.line.run_rate)),
    "previous": lambda row: _figure_cell(figure(row.line.last_forecast)),
    "movement": lambda row: _figure_cell(signed(row.line.movement), "movement"),
    "reason": _draw_reason,
    **{measure: _planned_use_drawer(measure) for measure in PLANNED_USE_LABELS},
    **{tied: _tie_drawer(tied, measure) for tied, measure in TIES.items()},
}
"""What draws the cell of each column."""
