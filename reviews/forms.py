"""Forms of leads."""

from django import forms


class UnblindForm(forms.Form):
    reason = forms.CharField(
        max_length=2000,
        label="Why do you need to know?",
        help_text="Kept for good, with your name and the time.",
        error_messages={"required": "Say why: it is kept with your name."},
        widget=forms.Textarea(attrs={"rows": 2, "class": "input"}),
    )
