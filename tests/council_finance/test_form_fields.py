"""The form system: one template for every field, and the fields that apps share."""

import re

import pytest
from django import forms

from council_finance.accounts.forms import CodeForm, LogInForm
from council_finance.forms.fields import MoneyField, ReferenceField, text_field
from council_finance.forms.widgets import ChoiceDetail, DetailedRadios


class EntryForm(forms.Form):
    """A form with each kind of widget."""

    title = text_field("Title", "In a few words.", max_length=10, attrs={"class": "short"})
    words = text_field("Words", max_length=10, rows=4, required=False)
    way = forms.ChoiceField(
        label="Which way",
        help_text="As the budget sees it.",
        choices=[("in", "In"), ("out", "Out")],
        widget=DetailedRadios,
    )
    place = forms.ChoiceField(label="Place", choices=[("a", "A"), ("b", "B")])
    sure = forms.BooleanField(label="Sure", help_text="Tick it.", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["way"].widget.details = {"out": ChoiceDetail("Spent.", "aside", 2)}


def drawn(name: str, data: dict | None = None) -> str:
    """Return the markup of one field, with the blanks between tags taken out."""
    return re.sub(r">\s+<", "><", EntryForm(data)[name].as_field_group())


def test_a_text_field_has_label_hint_and_classes():
    html = drawn("title")
    label = '<label class="govuk-label" for="id_title">Title</label>'
    hint = '<div class="govuk-hint" id="id_title_helptext">In a few words.</div>'
    assert html.startswith(f'<div class="govuk-form-group">{label}{hint}<input type="text" ')
    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', html.split("<input ")[1]))
    assert attributes == {
        "type": "text",
        "name": "title",
        "id": "id_title",
        "class": "govuk-input short",
        "aria-describedby": "id_title_helptext",
        "autocomplete": "off",
    }


@pytest.mark.parametrize("name", ["title", "words"])
def test_browsers_neither_require_nor_cut_a_text(name):
    assert "maxlength" not in drawn(name) and " required" not in drawn(name)


def test_a_text_that_is_too_long_is_refused_with_its_length():
    form = EntryForm({"title": "x" * 11})
    assert form.errors["title"] == ["Shorten the text to 10 characters; it has 11."]


def test_an_error_is_said_in_words_and_tied_to_its_field():
    html = drawn("title", {})
    assert '<div class="govuk-form-group govuk-form-group--error">' in html
    assert (
        '<div id="id_title_error"><p class="govuk-error-message">'
        '<span class="govuk-visually-hidden">Error:</span> This field is required.</p></div>'
    ) in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'class="govuk-input govuk-input--error short"' in html


def test_radio_buttons_are_a_fieldset_that_says_what_is_wrong():
    html = drawn("way", {})
    fieldset = '<fieldset class="govuk-fieldset" aria-describedby="id_way_helptext id_way_error">'
    legend = '<legend class="govuk-fieldset__legend govuk-fieldset__legend--s">Which way</legend>'
    assert fieldset + legend in html
    assert html.count('type="radio"') == 2 and "aria-invalid" not in html
    assert '<div class="govuk-radios__item" data-level="2">' in html
    assert 'for="id_way_1">Out <span class="quiet">aside</span></label>' in html
    assert '<div class="govuk-hint govuk-radios__hint" id="id_way_1_hint">Spent.</div>' in html
    assert 'aria-describedby="id_way_1_hint"' in html and "id_way_0_hint" not in html


def test_a_checkbox_stands_before_its_label():
    html = drawn("sure", {"sure": "on"})
    assert html.index('type="checkbox"') < html.index(">Sure</label>")
    assert "checked" in html and 'aria-describedby="id_sure_helptext"' in html


def test_lists_texts_and_hidden_fields_have_their_own_classes():
    assert 'class="govuk-select"' in drawn("place")
    assert re.search(r'<textarea [^>]*rows="4"[^>]*class="govuk-textarea"', drawn("words"))
    assert re.fullmatch(r'<input type="hidden" name="seen"[^>]*>', drawn("seen"))


def test_a_form_draws_all_its_fields_the_hidden_ones_first():
    names = re.findall(r'name="(\w+)"', str(EntryForm()))
    assert names == ["seen", "title", "words", "way", "way", "place", "sure"]


def test_passwords_and_codes_are_never_sent_back_to_the_page():
    password = str(LogInForm(data={"username": "", "password": "secret words"}))
    assert "Enter your user name." in password and "secret words" not in password
    assert 'autocomplete="current-password"' in password
    code = str(CodeForm({"code": "123456"}))
    assert "123456" not in code and 'autocomplete="one-time-code"' in code


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("12,500", 1_250_000),
        ("£0.5m", 50_000_000),
        (" £132k ", 13_200_000),
        ("1.01", 101),
        ("(1,234)", -123_400),
        ("0", 0),
        ("-", 0),
        ("", None),
    ],
)
def test_a_money_field_reads_what_people_type(typed, pence):
    assert MoneyField(required=False).clean(typed) == pence


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            "lots",
            "“lots” cannot be read: a figure such as 1,234.50 was expected. "
            "Enter pounds, such as 12,500 or £0.5m.",
        ),
        (
            "1.005",
            "“1.005” cannot be read: there are more than two decimals. "
            "Enter pounds, such as 12,500 or £0.5m.",
        ),
        ("-5", "Less than nothing."),
    ],
)
def test_a_money_field_says_what_is_wrong_with_an_example(typed, sentence):
    field = MoneyField(fault_of=lambda pence: "less than nothing" if pence < 0 else "")
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(typed)
    assert refused.value.messages == [sentence]


def test_a_reference_follows_the_rules_for_codes_in_files():
    assert ReferenceField().clean(" V-1 ") == "V-1"
    with pytest.raises(forms.ValidationError, match="line breaks"):
        ReferenceField().clean("V\n1")
