"""What people send in."""

from django import forms


class UploadForm(forms.Form):
    """A file and what it is."""

    kind = forms.ChoiceField(label="What is in the file?", widget=forms.RadioSelect)
    file = forms.FileField(
        label="File",
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
        },
    )

    layout = forms.ChoiceField(label="Saved layout", required=False)

    def __init__(self, kinds, layouts, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["layout"].choices = [("", "None: the file has the product’s own headings")] + [
            (name, name) for name in layouts
        ]
        self.fields["kind"].choices = [(kind.name, kind.label) for kind in kinds]
        self.fields["kind"].initial = kinds[0].name
