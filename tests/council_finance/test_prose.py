"""Plain texts as paragraphs and lists."""

import pytest
from django.template import Context, Template

from council_finance.prose import BulletedList, NumberedList, Paragraph, shorten_text, text_blocks
from council_finance.templatetags.prose import prose

TEXT = """Placements cost more.
Beds are few.

The causes:
- demand < supply
- wages

• agency

2. Hire
3. Train
7. Review
On 1. May it ends -5% up."""


def test_blank_lines_and_items_make_paragraphs_and_lists():
    assert text_blocks(TEXT) == [
        Paragraph(("Placements cost more.", "Beds are few.")),
        Paragraph(("The causes:",)),
        BulletedList(("demand < supply", "wages", "agency")),
        NumberedList(2, ("Hire", "Train")),
        NumberedList(7, ("Review",)),
        Paragraph(("On 1. May it ends -5% up.",)),
    ]


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        (" \n\n ", []),
        ("One\r\ntwo", [Paragraph(("One", "two"))]),
        ("-5% on last year\n-", [Paragraph(("-5% on last year", "-"))]),
        ("1.5 posts", [Paragraph(("1.5 posts",))]),
        (
            "  - indented\n  1) and numbered",
            [BulletedList(("indented",)), NumberedList(1, ("and numbered",))],
        ),
        (
            "1. a\n\nBetween\n\n2. b",
            [NumberedList(1, ("a",)), Paragraph(("Between",)), NumberedList(2, ("b",))],
        ),
    ],
)
def test_what_is_no_item_stays_a_line(text, blocks):
    assert text_blocks(text) == blocks


def test_the_page_has_every_block_and_escapes_it():
    assert Template("{% load prose %}{{ text|prose }}").render(Context({"text": TEXT})) == (
        '<p class="govuk-body">Placements cost more.<br>Beds are few.</p>'
        '<p class="govuk-body">The causes:</p>'
        '<ul class="govuk-list govuk-list--bullet"><li>demand &lt; supply</li><li>wages</li>'
        "<li>agency</li></ul>"
        '<ol class="govuk-list govuk-list--number" start="2"><li>Hire</li><li>Train</li></ol>'
        '<ol class="govuk-list govuk-list--number" start="7"><li>Review</li></ol>'
        '<p class="govuk-body">On 1. May it ends -5% up.</p>'
    )
    assert prose("1. <b>x</b>") == (
        '<ol class="govuk-list govuk-list--number"><li>&lt;b&gt;x&lt;/b&gt;</li></ol>'
    )


@pytest.mark.parametrize(
    ("length", "shown"),
    [(100, "One two\n- three"), (8, "One two …"), (7, "One two …"), (2, "On …")],
)
def test_a_shortened_text_keeps_its_lines_and_whole_words(length, shown):
    assert shorten_text("One two\n- three", length) == shown
