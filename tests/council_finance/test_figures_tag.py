"""A figure on a page, with its sense as a letter and as a word."""

import pytest
from django.utils.safestring import SafeString

from council_finance.templatetags.figures import sensed


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
