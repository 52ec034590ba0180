"""The renderer of every form: govuk-frontend's markup from the templates in templates/govuk/."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Widget

_CLASSES = {
    "checkbox": "govuk-checkboxes__input",
    "file": "govuk-file-upload",
    "hidden": "",
    "radio": "govuk-radios__input",
    "select": "govuk-select",
}
_GROUPS = {"checkbox": "checkboxes", "radio": "radios"}


class GovukBoundField(BoundField):
    """A field whose widget carries govuk-frontend's classes."""

    @property
    def group(self) -> str:
        """Return "radios" or "checkboxes" where the field is made of these, else ""."""
        return _GROUPS.get(_input_type(self.field.widget), "")

    @property
    def is_single_checkbox(self) -> bool:
        """Return True for one checkbox, whose label is beside it."""
        return self.group == "checkboxes" and not self.use_fieldset

    @property
    def aria_describedby(self) -> str:
        """Return the ids of the hint and the errors, and of what the widget itself names."""
        ids = []
        if self.help_text:
            ids.append(f"{self.auto_id}_helptext")
        ids.append(self.field.widget.attrs.get("aria-describedby", ""))
        if self.errors:
            ids.append(f"{self.auto_id}_error")
        return " ".join(filter(None, ids))

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: Widget | None = None
    ) -> dict[str, Any]:
        """Add the classes, and leave out what browsers would check without a plain message.

        `required` and `maxlength` are checked on the server: a browser cuts a text that is pasted
        into a field with `maxlength` without a word.
        """
        widget = widget or self.field.widget
        attrs = super().build_widget_attrs(attrs, widget)
        attrs |= {"required": False, "maxlength": False}
        css_class = _class_of(widget)
        if self.errors and css_class and not self.group:
            css_class = f"{css_class} {css_class}--error"
        if css_class := f"{css_class} {widget.attrs.get('class', '')}".strip():
            attrs["class"] = css_class
        if _is_typed(widget):
            attrs["autocomplete"] = widget.attrs.get("autocomplete", "off")
        if self.use_fieldset:  # the fieldset says what is wrong, not each of its buttons
            attrs.pop("aria-invalid", None)
        return attrs


class GovukRenderer(TemplatesSetting):
    """The renderer that the setting FORM_RENDERER names."""

    form_template_name = "govuk/form.html"
    field_template_name = "govuk/field.html"
    bound_field_class = GovukBoundField


def _input_type(widget: Widget) -> str:
    return getattr(widget, "input_type", None) or "text"


def _class_of(widget: Widget) -> str:
    if isinstance(widget, forms.Textarea):
        return "govuk-textarea"
    return _CLASSES.get(_input_type(widget), "govuk-input")


def _is_typed(widget: Widget) -> bool:
    """Return True for a widget into which text is typed."""
    return _input_type(widget) not in _CLASSES
