"""The bench: one item at a time, and the next one in the same answer."""

import json
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect, push_url

from labeling.forms import JudgmentForm, SkipForm
from labeling.queries.bench import (
    BenchPage,
    Typed,
    count_steps,
    get_bench,
    get_next_bench,
    is_judged,
    is_lapsed,
    is_over,
)
from labeling.queries.rubrics import get_rubric_version
from labeling.services.judgments import save_draft, submit_locked, take_again
from labeling.services.withdrawals import NothingToTakeBack, take_back
from labeling.tasks import announce_recheck
from labeling.views.frames import (
    FRAGMENT,
    WHOLE,
    is_untouched,
    render_untouched,
    render_whole,
)
from reviews.http import SignedInRequest, posted_from, reviewer_page
from reviews.queries.batches import get_batch_progress
from reviews.queries.presentations import Hand, UnknownAssignment, get_hand
from reviews.services.leases import SlotGone
from reviews.services.turns import (
    escalate_assignment,
    keep_in_hand,
    skip_assignment,
)

ALREADY_JUDGED = gettext_lazy("Already judged: your first answer stands.")
ALREADY_OVER = gettext_lazy("This item was done with already.")
ESCALATED = gettext_lazy("Escalated: the lead looks at it.")
NO_REASON = gettext_lazy("Not escalated yet: say what the lead should look at.")


@require_safe
@reviewer_page
def bench(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    hand = _get_hand(request, public_id)
    if is_over(hand):
        messages.info(request, _words(hand))
        return _see_other(_next_url(request, hand))
    return _show(request, hand)


@posted_from("labeling:bench", "public_id")
@reviewer_page
def judgment(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    hand = _get_hand(request, public_id, for_submit=True)
    if is_over(hand):
        return _go_on(request, hand, _words(hand), is_notice=True)
    form = _sent_form(request, hand)
    now = timezone.now()
    if is_lapsed(hand, now):
        save_draft(hand=hand, typed=form.typed(), now=now)
        return _lapsed(request, hand)
    if not form.is_valid() or not form.takes_findings(hand.assignment_id):
        return _show(request, hand, form=form, status=422)
    submit_locked(hand=hand, submission=form.submission(), now=now)
    keep_in_hand(hand=hand, now=now)
    announce_recheck()
    return _go_on(request, hand, _("Saved."))


@posted_from("labeling:bench", "public_id")
@reviewer_page
def draft(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    hand = _get_hand(request, public_id)
    form = _sent_form(request, hand)
    save_draft(hand=hand, typed=form.typed(), now=timezone.now())
    keep_in_hand(hand=hand, now=timezone.now())
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204)
    messages.success(request, _("Draft saved."))
    return _see_other(reverse("labeling:bench", args=[public_id]))


@posted_from("labeling:bench", "public_id")
@reviewer_page
def skip(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    hand = _get_hand(request, public_id)
    form = SkipForm(request.POST)
    if not form.is_valid():
        return _show(request, hand, skip_form=form, status=422)
    is_skipped = skip_assignment(
        assignment_id=hand.assignment_id, reason=form.cleaned_data["reason"]
    )
    words = _("Skipped.") if is_skipped else str(ALREADY_OVER)
    return _go_on(request, hand, words, is_notice=not is_skipped)


@posted_from("labeling:bench", "public_id")
@reviewer_page
def escalation(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    hand = _get_hand(request, public_id)
    if "ESCALATE" not in hand.authority:
        raise Http404
    # The database keeps no NUL.
    reason = request.POST.get("reason", "").replace("\x00", "").strip()
    if not reason:
        messages.error(request, NO_REASON)
        return _show(request, hand, status=422, with_messages=True)
    is_escalated = escalate_assignment(assignment_id=hand.assignment_id, reason=reason)
    words = str(ESCALATED if is_escalated else ALREADY_OVER)
    return _go_on(request, hand, words, is_notice=True)


@posted_from("labeling:bench", "public_id")
@login_required
def lease(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    hand = _get_hand(request, public_id)
    if is_over(hand):
        return _go_on(request, hand, _words(hand), is_notice=True)
    try:
        again = take_again(hand=hand, now=timezone.now())
    except SlotGone as reason:
        messages.info(request, str(reason))
        return _see_other(_next_url(request, hand))
    return _see_other(reverse("labeling:bench", args=[again]))


@posted_from("labeling:bench", "public_id")
@login_required
def withdrawal(request: SignedInRequest, public_id: UUID) -> HttpResponse:
    """Asked for on the page of one item, it takes back the one judged before."""
    hand = _get_hand(request, public_id)
    try:
        where = take_back(assignment_id=hand.assignment_id, now=timezone.now())
    except (NothingToTakeBack, SlotGone) as reason:
        messages.info(request, str(reason))
        where = public_id
    else:
        messages.success(request, _("Taken back: judge this item once more."))
    return _see_other(reverse("labeling:bench", args=[where]))


def _get_hand(
    request: SignedInRequest, public_id: UUID, *, for_submit: bool = False
) -> Hand:
    try:
        return get_hand(
            public_id=public_id, user_id=request.user.pk, for_submit=for_submit
        )
    except UnknownAssignment as error:
        raise Http404 from error


def _sent_form(request: SignedInRequest, hand: Hand) -> JudgmentForm:
    return JudgmentForm(
        get_rubric_version(hand.rubric_version_id),
        len(hand.response_order),
        typed=_typed(request),
        authority=hand.authority,
        n_steps=count_steps(hand),
    )


def _typed(request: SignedInRequest) -> Typed:
    return {name: request.POST.getlist(name) for name in request.POST}


def _words(hand: Hand) -> str:
    """Why an assignment that is over takes nothing more."""
    return str(ALREADY_JUDGED if is_judged(hand) else ALREADY_OVER)


def _next_url(request: SignedInRequest, hand: Hand) -> str:
    progress = get_batch_progress(batch=hand.batch, user_id=request.user.pk)
    # An assignment whose own lease has lapsed is never what follows it.
    if progress.next_assignment and progress.next_assignment != hand.public_id:
        return reverse("labeling:bench", args=[progress.next_assignment])
    return reverse("reviews:batch", args=[hand.batch])


def _go_on(
    request: SignedInRequest, hand: Hand, words: str, *, is_notice: bool = False
) -> HttpResponse:
    """The next item in the same answer; after the last one, the batch.

    `is_notice`: not what was asked for has happened, so that it is shown too.
    """
    if is_notice:
        messages.info(request, words)
    page = get_next_bench(hand=hand, now=timezone.now())
    is_htmx = bool(request.headers.get("HX-Request"))
    if page is None:
        done = reverse("reviews:batch", args=[hand.batch])
        return HttpResponseClientRedirect(done) if is_htmx else _see_other(done)
    url = reverse("labeling:bench", args=[page.presentation.assignment])
    if not is_htmx:
        return _see_other(url)
    response = _render(request, page, with_messages=is_notice)
    where = _("%(words)s Item %(number)s of %(size)s.") % {
        "words": words,
        "number": page.number,
        "size": page.progress.size,
    }
    response.headers["HX-Trigger"] = json.dumps({"announce": where})
    return push_url(response, url)


def _lapsed(request: SignedInRequest, hand: Hand) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _show(request, hand)
    return _see_other(reverse("labeling:bench", args=[hand.public_id]))


def _show(
    request: SignedInRequest,
    hand: Hand,
    *,
    form: JudgmentForm | None = None,
    skip_form: SkipForm | None = None,
    status: int = 200,
    with_messages: bool = False,
) -> HttpResponse:
    page = get_bench(hand=hand, now=timezone.now())
    return _render(request, page, form, skip_form, status, with_messages=with_messages)


def _render(
    request: SignedInRequest,
    page: BenchPage,
    form: JudgmentForm | None = None,
    skip_form: SkipForm | None = None,
    status: int = 200,
    *,
    with_messages: bool = False,
) -> HttpResponse:
    if is_untouched(page) and not (form or skip_form or with_messages):
        bench = render_untouched(page, get_token(request))
    else:
        shown = form or JudgmentForm(
            page.rubric,
            len(page.presentation.responses),
            draft=page.draft,
            authority=page.authority,
            n_steps=page.presentation.n_steps,
        )
        shown.modes = page.offered
        context = {
            "page": page,
            "form": shown,
            "skip_form": skip_form or SkipForm(),
            "with_messages": with_messages,
        }
        bench = render_to_string(FRAGMENT, context, request)
    if request.headers.get("HX-Request"):
        return HttpResponse(bench, status=status)
    if messages.get_messages(request):
        return render(request, WHOLE, {"page": page, "bench": bench}, status=status)
    whole = render_whole(page, bench, request.user.username, get_token(request))
    return HttpResponse(whole, status=status)


def _see_other(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)
