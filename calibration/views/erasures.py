"""Where a lead erases the text of an item: what goes is shown before it does."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from calibration.forms import ErasureForm
from calibration.queries.erasures import UnknownItem, get_erasure_scope
from calibration.services.erasures import erase_text
from calibration.views.scope import lead_or_404
from reviews.http import SignedInRequest, see_other
from reviews.services.erasures import ErasureRefused


@require_http_methods(["GET", "POST"])
@login_required
def erasure(request: SignedInRequest, project: str, item_id: int) -> HttpResponse:
    access = lead_or_404(request, project)
    try:
        scope = get_erasure_scope(project_id=access.project_id, item_id=item_id)
    except UnknownItem as error:
        raise Http404 from error
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            erase_text(
                item_id=scope.item_id,
                lead_id=access.member_id,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ErasureRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The text of this item is erased."))
            return see_other(reverse("labeling:item", args=[project, item_id]))
    context = {"access": access, "active": "item", "scope": scope, "form": form}
    status = 422 if form.errors else 200
    return render(request, "calibration/erasure.html", context, status=status)
