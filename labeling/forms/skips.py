"""Giving an item back without a judgment."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SkipForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        label=_("Why can you not judge this item?"),
        error_messages={"required": _("Say why you skip this item.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
