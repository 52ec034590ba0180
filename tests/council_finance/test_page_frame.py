"""The page frame: one breadcrumb and one error summary, drawn by base.html for every page."""

import re

import pytest
from django import forms
from django.conf import settings
from django.template import engines

TEMPLATES = settings.BASE_DIR / "templates"


class MoveForm(forms.Form):
    """A form with each kind of field that an error can lead to."""

    way = forms.ChoiceField(
        choices=[("in", "In"), ("out", "Out")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a way."},
    )
    amount = forms.CharField(error_messages={"required": "Give an amount."})
    seen = forms.CharField(widget=forms.HiddenInput, error_messages={"required": "Load it again."})

    def clean(self) -> None:
        """Refuse what the test asks to be refused."""
        if self.data.get("fault"):
            raise forms.ValidationError("Nothing fits.")


MoveFormSet = forms.formset_factory(MoveForm, extra=2)
MoveFormSet.form_name = "Leg"


def draw(frame: str, **context) -> str:
    """Return the page whose block "frame" holds these tags."""
    source = (
        '{% extends "base.html" %}{% block title %}Move{% endblock %}'
        f"{{% block frame %}}{frame}{{% endblock %}}"
    )
    return engines["django"].from_string(source).render(context)


def summary(page: str) -> list[tuple[str, str]]:
    """Return the sentences of the error summary with what each leads to."""
    (found,) = re.findall(
        r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', page, re.S
    )
    items = re.findall(r'<li>(?:<a href="([^"]*)">)?([^<]*)(?:</a>)?</li>', found)
    return [(text, link) for link, text in items]


def test_errors_are_listed_in_the_order_of_the_page_and_lead_to_their_fields():
    page = draw('{% page_errors "Nothing was moved" refused form %}', form=MoveForm({}), refused=[])
    assert summary(page) == [
        ("Choose a way.", "#id_way_0"),
        ("Give an amount.", "#id_amount"),
        ("Load it again.", ""),
    ]
    assert re.search(r"<title>Error: Move</title>", page)
    assert '<h2 class="govuk-error-summary__title">Nothing was moved</h2>' in page


def test_an_error_of_a_field_without_choices_leads_nowhere():
    form = MoveForm({})
    form.fields["way"].choices = []
    assert summary(draw('{% page_errors "No" form.way %}', form=form)) == [("Choose a way.", "")]


def test_an_error_of_the_whole_form_leads_to_its_first_field():
    form = MoveForm({"way": "in", "amount": "1", "seen": "1", "fault": "yes"})
    assert summary(draw('{% page_errors "No" form %}', form=form)) == [
        ("Nothing fits.", "#id_way_0")
    ]


def test_sentences_without_a_field_are_listed_as_they_are():
    page = draw('{% page_errors "No" refused %}', refused=["Too late.", "It is <closed>."])
    assert summary(page) == [("Too late.", ""), ("It is &lt;closed&gt;.", "")]


def test_forms_of_a_set_are_named_by_their_number_where_there_are_several():
    sent = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "form-0-way": "in"}
    page = draw('{% page_errors "No" legs %}', legs=MoveFormSet(sent))
    assert summary(page)[0] == ("Leg 1: Give an amount.", "#id_form-0-amount")
    assert summary(page)[2] == ("Leg 2: Choose a way.", "#id_form-1-way_0")


def test_one_sentence_leads_to_the_place_that_is_named():
    page = draw(
        '{% page_error "Not saved" "forecast-" pk %}A100: too long.{% endpage_error %}', pk=7
    )
    assert summary(page) == [("A100: too long.", "#forecast-7")]


def test_the_first_source_with_errors_gives_the_summary_its_title():
    page = draw('{% page_errors "First" none %}{% page_errors "Second" refused %}', refused=["No."])
    assert '<h2 class="govuk-error-summary__title">Second</h2>' in page


@pytest.mark.parametrize("form", [MoveForm(), None])
def test_without_errors_there_is_no_summary(form):
    page = draw('{% page_errors "Nothing was moved" form %}', form=form)
    assert "govuk-error-summary" not in page
    assert re.search(r"<title>Move</title>", page)


def test_a_breadcrumb_ends_at_the_page_itself():
    page = draw(
        '{% crumb "reports" query=query %}Reports{% endcrumb %}'
        "{% crumb %}At {{ name }}{% endcrumb %}",
        query="?version=2",
        name="<b>",
    )
    assert '<a class="govuk-breadcrumbs__link" href="/reports/?version=2">Reports</a>' in page
    assert '<li class="govuk-breadcrumbs__list-item" aria-current="page">At &lt;b&gt;</li>' in page
    assert "govuk-breadcrumbs" not in draw("")


@pytest.mark.parametrize("component", ["govuk-error-summary", "govuk-breadcrumbs"])
def test_no_other_template_draws_them(component):
    drawing = [path for path in TEMPLATES.rglob("*.html") if component in path.read_text("utf-8")]
    assert len(drawing) == 1


FIELDS_OF_THEIR_OWN = {
    "accounts/account.html",  # the user name, unseen, for password managers
    "accounts/set_password.html",
    "base.html",  # the search of the whole site
    "monitoring/search.html",
    "monitoring/set_up_services_preview.html",  # a code and a total label in each row
    "monitoring/structure_lines.html",  # a checkbox in each row
    "monitoring/upload_typed.html",
    "monitoring/virement_offer.html",  # the lines found for what was typed
    "performance/activity/what_if.html",  # other numbers in each row of a table
    # tables with a figure, a tick or a reason in each row
    "capital/entry/change.html",
    "monitoring/commentary_sign_off.html",
    "monitoring/forecasts_confirm.html",
    "monitoring/forecasts_lines.html",
    "monitoring/mail_log.html",
    "monitoring/review_checks.html",
    "monitoring/review_questions.html",
    "monitoring/virements_approve.html",
    "performance/activity/entry.html",
    "performance/indicators/entry.html",
    "planning/entry/estimates.html",
    "savings/entry.html",
}


def test_other_fields_are_drawn_by_the_form_templates():
    """Hidden fields aside, only tables and searches hold fields of their own."""
    field = re.compile(r'<(?:input|select|textarea)\b(?![^>]*type="hidden")')
    drawing = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if field.search(path.read_text("utf-8"))
    }
    assert drawing == FIELDS_OF_THEIR_OWN
