"""Forms of leads."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UnblindForm(forms.Form):
    reason = forms.CharField(
        max_length=2000,
        label=_("Why do you need to know?"),
        help_text=_("Kept for good, with your name and the time."),
        error_messages={"required": _("Say why: it is kept with your name.")},
        widget=forms.Textarea(attrs={"rows": 2, "class": "input"}),
    )


class ProjectForm(forms.Form):
    name = forms.CharField(
        max_length=200,
        label=_("Name"),
        help_text=_("People read this; it can be any text."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    slug = forms.SlugField(
        max_length=80,
        label=_("Short name"),
        help_text=_("In addresses and on the command line: letters, digits and -."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
