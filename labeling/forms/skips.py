"""Giving an item back without a judgment."""

from django import forms


class SkipForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        label="Why can you not judge this item?",
        error_messages={"required": "Say why you skip this item."},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
