"""A figure on a page, with its sense as a letter and as a word."""

import re
from pathlib import Path

import pytest
from django.utils.safestring import SafeString

from council_finance.templatetags.figures import counted, sensed
from monitoring.month.selectors.step_parts import count_of


@pytest.mark.parametrize(
    ("sense", "html"),
    [
        (
            "adverse",
            '<span class="sense" aria-hidden="true">A</span>1.2&lt;'
            '<span class="govuk-visually-hidden"> adverse</span>',
        ),
        (
            "favourable",
            '<span class="sense" aria-hidden="true">F</span>1.2&lt;'
            '<span class="govuk-visually-hidden"> favourable</span>',
        ),
        ("", "1.2&lt;"),
    ],
)
def test_a_figure_bears_its_sense_as_a_letter_to_see_and_a_word_to_hear(sense, html):
    assert sensed("1.2<", sense) == html
    assert isinstance(sensed("1.2<", sense), SafeString)


@pytest.mark.parametrize(("number", "text"), [(None, ""), (0, "0"), (999, "999"), (2000, "2,000")])
def test_a_count_has_separators_of_thousands(number, text):
    assert counted(number) == text
    if number is not None:
        assert count_of(number, "line") == f"{text} lines"


def test_templates_print_counts_of_lines_with_separators():
    """Those of which a council has thousands."""
    bare = re.compile(
        r"\{\{ ?[\w.]*("
        r"\.(lines|carried|without|entered|unwritten|unsigned)(\|add:[\w.]+)?"
        r"|row_count|warning_count|paginator\.count"
        r") ?\}\}"
    )
    found = {
        path.name for path in Path("templates").rglob("*.html") if bare.search(path.read_text())
    }
    assert not found
