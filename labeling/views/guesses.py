"""The guess after a batch: who wrote this? It can be left out."""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from labeling.queries.guesses import (
    GuessPage,
    NotAsked,
    get_guess_page,
    get_next_guess,
)
from labeling.services.guesses import make_guess
from reviews.http import SignedInRequest, reviewer_page, see_other

# Not empty, so that no answer is another thing than this one.
DONT_KNOW = "dont-know"


class GuessForm(forms.Form):
    clue = forms.CharField(
        required=False,
        max_length=500,
        label=_("What gave it away?"),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )

    def __init__(
        self, options: Sequence[str], data: dict[str, str] | None = None
    ) -> None:
        super().__init__(data=data)
        # By number: a name that is also our word for "don't know" is no trap.
        named = [(str(place), name) for place, name in enumerate(options)]
        self.options = options
        self.fields["system"] = forms.ChoiceField(
            choices=[*named, (DONT_KNOW, _("I don't know"))],
            error_messages={"required": _('Choose one; "I don\'t know" is an answer.')},
            widget=forms.RadioSelect,
        )

    def chosen(self) -> str:
        chosen = self.cleaned_data["system"]
        return "" if chosen == DONT_KNOW else self.options[int(chosen)]


@require_http_methods(["GET", "POST"])
@reviewer_page
def guess(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    try:
        page = get_guess_page(public_id=public_id, user_id=request.user.pk)
    except NotAsked as error:
        raise Http404 from error
    if request.method == "GET":
        return _show(request, page, GuessForm(page.options))
    form = GuessForm(page.options, request.POST.dict())
    if not form.is_valid():
        return _show(request, page, form, status=422)
    make_guess(
        assignment_id=page.assignment_id,
        options=page.options,
        system=form.chosen(),
        clue=form.cleaned_data["clue"],
        now=timezone.now(),
    )
    return see_other(_next_url(request, page))


def _next_url(request: SignedInRequest, page: GuessPage) -> str:
    batch = page.presentation.batch
    following = get_next_guess(batch=batch, user_id=request.user.pk)
    if following is None:
        return reverse("reviews:batch", args=[batch])
    return reverse("labeling:guess", args=[following])


def _show(
    request: SignedInRequest, page: GuessPage, form: GuessForm, status: int = 200
) -> HttpResponse:
    context = {"page": page, "form": form}
    return render(request, "labeling/guess.html", context, status=status)
