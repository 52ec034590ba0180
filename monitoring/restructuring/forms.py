"""What people send in to change the structure of services. Keys of cleaned data are arguments."""

from django import forms

from council_finance.typed_text import whole_number
from monitoring.restructuring.changes import LONGEST_CODE, LONGEST_TEXT, Register
from monitoring.structure.trees import ServiceRow

_FIRST, _LAST, _AFTER = "first", "last", "after:"
_INDENT = "\N{EM SPACE}"


def _text(label: str, help_text: str = "", width: str = "", **options) -> forms.CharField:
    attributes = {"class": f"govuk-input {width}".strip(), "autocomplete": "off"}
    widget = forms.TextInput(attrs=attributes)
    options.setdefault("max_length", LONGEST_TEXT)
    return forms.CharField(label=label, help_text=help_text, widget=widget, **options)


def _select(label: str, help_text: str = "", **options) -> forms.ChoiceField:
    widget = forms.Select(attrs={"class": "govuk-select"})
    return forms.ChoiceField(label=label, help_text=help_text, widget=widget, **options)


def _options(register: Register, rows: list[ServiceRow]) -> list[tuple[str, str]]:
    """Services to choose from, indented as they stand in the tree."""
    levels = {node.key: node.level for node in register.tree.nodes}
    return [(row.code, f"{_INDENT * levels[row.code]}{row.name} ({row.code})") for row in rows]


class PlaceForm(forms.Form):
    """Under which service, and after which of those that stand there."""

    parent = _select("Stands under", error_messages={"required": "Choose what it stands under."})
    after = _select("Place", "Of the services under it, where this one is printed.")

    def __init__(self, register: Register, *args, without: frozenset[str] = frozenset(), **kwargs):
        super().__init__(*args, **kwargs)
        rows = [row for row in register.fit_as_parents() if row.code not in without]
        none_yet = [] if self.initial.get("parent") else [("", "Choose a service")]
        self.fields["parent"].choices = [*none_yet, *_options(register, rows)]
        groups: list = [(_LAST, "Last"), (_FIRST, "First")]
        for row in rows:
            siblings = [
                (f"{_AFTER}{each.code}", f"After {each.name} ({each.code})")
                for each in register.siblings(row.id)
                if register.state(each) != "closed" and each.code not in without
            ]
            if siblings:
                groups.append((f"Under {row.name}", siblings))
        self.fields["after"].choices = groups

    def clean_after(self) -> str | None:
        """As the services take it: None last, "" first, else the code it stands after."""
        place = self.cleaned_data["after"]
        return {_LAST: None, _FIRST: ""}.get(place, place.removeprefix(_AFTER))


class WordsForm(forms.Form):
    """What a service is called."""

    name = _text("Name", error_messages={"required": "Give the service a name."})
    total_label = _text(
        "Total label",
        "Printed with the total after the services under it. Without it, no total is printed.",
        required=False,
    )
    section = _text(
        "Section", "Services of one section share a headline in the report.", required=False
    )


class AddForm(WordsForm, PlaceForm):
    """A new service."""

    code = _text(
        "Code",
        "As the ledger’s files name it, for example CHILD-OPS. It cannot be changed later.",
        max_length=LONGEST_CODE,
        width="govuk-input--width-20",
        error_messages={"required": "Give the service a code."},
    )

    field_order = ("code", "name", "parent", "after", "total_label", "section")


class MergeForm(forms.Form):
    """Which service takes another's lines."""

    successor = _select(
        "Merge into",
        error_messages={"required": "Choose the service that its lines will stand under."},
    )

    def __init__(self, register: Register, code: str, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = [row for row in register.fit_for_lines() if row.code != code]
        choices = _options(register, rows)
        self.fields["successor"].choices = [("", "Choose a service"), *choices]


class LinesForm(forms.Form):
    """Lines of one service, and where they go."""

    line = forms.TypedMultipleChoiceField(coerce=int, required=False)
    all = forms.BooleanField(required=False)
    destination = _select("Move to", error_messages={"required": "Choose where the lines go."})
    reason = _text(
        "Reason, for the audit trail",
        max_length=1000,
        error_messages={"required": "Say why the lines move."},
    )

    def __init__(self, register: Register, code: str, *args, **kwargs):
        super().__init__(*args, **kwargs)
        rows = [row for row in register.fit_for_lines() if row.code != code]
        choices = _options(register, rows)
        self.fields["destination"].choices = [("", "Choose a service"), *choices]
        sent = self.data.getlist("line") if self.is_bound else []
        self.fields["line"].choices = [
            (value, value) for value in sent if whole_number(value, digits=40)
        ]

    def clean(self) -> dict:
        """All lines, or those that were ticked."""
        data = super().clean()
        if not data.get("all") and not data.get("line"):
            self.add_error("line", "Choose at least one line.")
        return data
