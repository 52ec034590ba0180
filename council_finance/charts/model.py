"""A chart: its finding, its drawing as a plotly figure, and the table of its figures."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

Figure: TypeAlias = dict[str, Any]
"""A plotly figure: `data` (a list of traces) and `layout`."""


@dataclass(frozen=True)
class Mark:
    """A value in a chart: a bar, a step or a point.

    `pence` is drawn (None is not: missing is not nil). `text` is printed beside it, as the council
    prints figures, and `exact` is shown on hovering. `sense` is "adverse", "favourable" or "".
    """

    label: str
    pence: int | None
    text: str
    exact: str = ""
    sense: str = ""


@dataclass(frozen=True)
class ChartTable:
    """The figures of a chart as a table: the first cell of a row is its heading.

    `text_columns` are the numbers (from 1) of columns with words instead of figures.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    text_columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart as `components/chart.html` shows it.

    `name` gives its id on the page (`chart-NAME`), `title` is the finding as a sentence, `unit`
    says what is drawn and in which unit. `figures_at` is the id of a table of the page with the
    same figures, which then stands in place of `table`; documents print `table`.
    """

    name: str
    title: str
    unit: str
    figure: Figure
    table: ChartTable | None = None
    figures_at: str = ""

    @cached_property
    def drawing(self) -> str:
        """The figure as plotly writes it: JSON with no character that could end a script."""
        import plotly.io as pio  # noqa: PLC0415 (commands draw no charts)

        return str(pio.to_json(self.figure, validate=False))

    @property
    def drawing_id(self) -> str:
        """The id of the script element that holds the figure."""
        return f"chart-{self.name}-drawing"
