"""What a chart is: its finding, its drawing as a figure of plotly's, the table of its figures."""

from dataclasses import dataclass

import plotly.io as pio


@dataclass(frozen=True)
class Mark:
    """One figure of a chart: a bar, a step, a point.

    `pence` is drawn (None is not: missing is not nil), `text` is what stands beside it, as the
    council prints it, `exact` what pointing at it shows, `sense` "adverse", "favourable" or "".
    """

    label: str
    pence: int | None
    text: str
    exact: str = ""
    sense: str = ""


@dataclass(frozen=True)
class ChartTable:
    """The figures of a chart as a table: the first cell of a row is its heading.

    `text_columns` are the places (from 1) of columns that hold words, not figures.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    text_columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart as `components/chart.html` shows it.

    `name` is its place on the page (`chart-NAME`), `title` the finding as a sentence, `unit` what
    is drawn and in what. `table` is None where the page shows the same figures in a table of its
    own: `figures_at` is then the id of that table.
    """

    name: str
    title: str
    unit: str
    figure: dict
    table: ChartTable | None = None
    figures_at: str = ""

    @property
    def drawing(self) -> str:
        """The drawing as plotly writes it: JSON with no character that could end a script."""
        return pio.to_json(self.figure, validate=False)

    @property
    def drawing_id(self) -> str:
        """Id of the script element that holds the drawing."""
        return f"chart-{self.name}-drawing"
