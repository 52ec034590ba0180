"""Charts as data: what is drawn, in which order, and text that cannot become a tag."""

import json
import re

import plotly.graph_objects as go
import pytest
from django.template.loader import render_to_string

from council_finance.charts import (
    Chart,
    Line,
    Mark,
    Series,
    WaterfallStep,
    bars,
    course,
    stacked,
    waterfall,
)
from council_finance.charts.course import ticks_over
from council_finance.charts.marks import ADVERSE, FAVOURABLE, NEUTRAL, wrapped
from council_finance.charts.svg import svgs_for_page

MARKS = [
    Mark("Adults", 55_700_000, "0.557", "Adults: £557,000.00", "adverse"),
    Mark("Children <b>", -12_300_000, "(0.123)", "", "favourable"),
    Mark("Not given", None, "–"),
]


def test_bars_stand_in_order_with_their_printed_figures():
    trace = bars(MARKS)["data"][0]
    assert trace["type"] == "bar" and trace["orientation"] == "h"
    assert list(trace["x"]) == [557000.0, -123000.0, None]
    assert list(trace["text"]) == ["0.557", "(0.123)", "–"]
    assert list(trace["marker"]["color"]) == [ADVERSE, FAVOURABLE, NEUTRAL]
    assert list(trace["customdata"]) == ["Adults: £557,000.00", "(0.123)", "–"]


def test_what_the_page_needs_for_figures_beside_the_bars():
    assert bars(MARKS)["layout"]["meta"] == {
        "low": -123000.0,
        "high": 557000.0,
        "left": len("(0.123)"),
        "right": len("0.557"),
        "label": len("Children &lt;b&gt;"),
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
        ("A & B", "A &amp; B"),
        ("", ""),
        ("Highways and Transport Commissioning", "Highways and Transport<br>Commissioning"),
    ],
)
def test_a_label_is_broken_into_lines_and_holds_no_tag_of_its_own(text, shown):
    assert wrapped(text) == shown


def test_a_long_name_does_not_stretch_a_chart():
    """Labels have three lines at most; the whole name is shown on hovering."""
    long = "Children, Young People and Families: residential placements and" * 2
    short = Mark("Roads", 100, "1", "Roads: £1.00")
    figures = [
        bars([Mark(long, 100, "1", f"{long}: £1.00"), short]),
        waterfall([WaterfallStep(Mark(long, 100, "1", f"{long}: £1.00")), WaterfallStep(short)]),
        stacked([Series(long, "#B1001C", (Mark(long, 100, "1"), short))]),
    ]
    for figure in figures:
        label = figure["layout"]["yaxis"]["ticktext"][0]
        assert label.count("<br>") == 2 and label.endswith("…")
        assert figure["layout"]["height"] - figure["layout"]["margin"]["t"] == 2 * 60 + 24
    assert "placements and: £1.00" in figures[0]["data"][0]["customdata"][0].replace("<br>", " ")
    assert figures[2]["data"][0]["name"] == "Children, Young People and…"
    named = course([Line(long, (short,))], printed=str)["data"][0]
    assert named["text"] == ["Children, Young People and…"]


def test_stacked_bars_leave_the_figure_of_an_empty_part_out():
    series = [
        Series("▲ Red", "#B1001C", (Mark("One", 500_000, "5"), Mark("Two", 0, "0"))),
        Series("● Green", "#00703C", (Mark("One", None, "–"), Mark("Two", 100, "0"))),
    ]
    figure = stacked(series)
    assert figure["layout"]["barmode"] == "stack" and figure["layout"]["showlegend"]
    assert [list(trace["x"]) for trace in figure["data"]] == [[5000.0, 0.0], [None, 1.0]]
    assert [list(trace["text"]) for trace in figure["data"]] == [["5", ""], ["", "0"]]
    assert [trace["name"] for trace in figure["data"]] == ["▲ Red", "● Green"]


@pytest.mark.parametrize(("more", "up"), [("adverse", ADVERSE), ("favourable", FAVOURABLE)])
def test_a_waterfall_goes_from_one_standing_figure_to_the_next(more, up):
    steps = [
        WaterfallStep(Mark("Before", 49_400_00, "0.049"), standing=True),
        WaterfallStep(Mark("Adults", -60_000_00, "(0.060)")),
        WaterfallStep(Mark("Not given", None, "–")),
        WaterfallStep(Mark("Now", -10_600_00, "(0.011)"), standing=True),
    ]
    figure = waterfall(steps, more_is=more)
    trace, room = figure["data"][0], figure["layout"]["meta"]
    assert list(trace["measure"]) == ["absolute", "relative", "relative", "absolute"]
    assert list(trace["x"]) == [49400.0, -60000.0, 0, -10600.0]
    assert trace["increasing"]["marker"]["color"] == up
    assert (room["low"], room["high"]) == (-10600.0, 49400.0)


def test_a_course_has_gaps_where_nothing_is_known_and_a_name_at_its_end():
    marks = (Mark("M1", 100_000_000, "1.000"), Mark("M2", None, "–"), Mark("M3", 0, "0.000"))
    later = Line("2019/20", (*marks, Mark("M4", None, "–")), FAVOURABLE)
    figure = course([later, Line("2018/19", marks[:2], thin=True)], printed=str)
    first, second = figure["data"]
    assert list(first["y"]) == [1_000_000.0, None, 0.0, None] and not first["connectgaps"]
    assert list(first["text"]) == ["", "", "2019/20", ""]
    assert list(second["text"]) == ["2018/19", ""]
    assert first["line"]["width"] > second["line"]["width"]


@pytest.mark.parametrize(
    ("this", "last", "sides"),
    [
        (6_306, 6_744, ("bottom left", "top left")),
        (6_744, 6_306, ("top left", "bottom left")),
        (6_306, 6_306, ("bottom left", "top left")),
        (6_306, None, ("top left", "top right")),
    ],
)
def test_the_names_of_two_lines_that_end_together_do_not_cover_each_other(this, last, sides):
    lines = [
        Line(name, (Mark("M12", 5_000, ""), Mark("Close", end, "")))
        for name, end in (("2023/24", this), ("2022/23", last))
    ]
    figure = course(lines, printed=str)
    assert tuple(trace["textposition"] for trace in figure["data"]) == sides


def test_a_page_has_a_drawing_for_each_width_without_styles_of_its_own():
    """The content security policy allows none, and a name cannot become a tag."""
    chart = Chart("one", "Finding", "£m", bars(MARKS))
    page = render_to_string("components/chart.html", {"chart": chart})
    assert re.findall(r'class="chart__svg chart__svg--(\w+)"', page) == ["narrow", "middle", "wide"]
    assert page.count("Children &lt;b&gt;</text>") == 3
    assert "style=" not in page and "<b>" not in page


def test_a_drawing_without_rows_is_still_a_drawing():
    for figure in (bars([]), stacked([]), waterfall([]), course([], printed=str)):
        assert json.loads(json.dumps(figure))["layout"]["height"] > 0
        assert svgs_for_page(json.dumps(figure)).count("<svg") == 3


@pytest.mark.parametrize(
    ("pence", "ticks"),
    [
        ([], [0, 100_000, 200_000, 300_000]),
        ([None, -4000], [-100_000, 0, 100_000, 200_000]),
        ([49_800_000, 12_600_000], [0, 10_000_000, 20_000_000, 30_000_000, 40_000_000, 50_000_000]),
        ([-1_000_000, 900_000], [-1_000_000, -500_000, 0, 500_000, 1_000_000]),
    ],
)
def test_the_ticks_of_a_course_are_round_and_hold_every_amount(pence, ticks):
    assert ticks_over(pence) == ticks


def test_no_text_ends_the_script_that_holds_it():
    text = "</script><script>alert(1)</script>"
    chart = Chart("x", "Title", "Unit", bars([Mark(text, 100, "1", text)]) | {"name": text})
    assert "<" not in chart.drawing and ">" not in chart.drawing
    assert json.loads(chart.drawing)["name"] == text
    page = render_to_string("components/chart.html", {"chart": chart})
    assert page.count("<script") == page.count("</script>") == 1


def test_plotly_reads_every_kind_of_drawing():
    """The drawings are written without plotly's classes, which refuse what they do not know."""
    marks = [Mark("Adults", 150, "1.50", sense="adverse"), Mark("Children", None, "–")]
    for drawing in (
        bars(marks),
        stacked([Series("Delivered", "#00703C", tuple(marks))]),
        waterfall([WaterfallStep(marks[0], standing=True), WaterfallStep(marks[1])]),
        course([Line("This year", tuple(marks))], printed=str),
    ):
        read = go.Figure(drawing).to_plotly_json()
        read["layout"].pop("template", None)  # plotly's own, which no drawing has
        assert read == drawing
