"""What there is to choose from when a queue is set up."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from labeling.formats.starters import list_starters
from labeling.models import RubricVersion
from reviews.models import Member, Origin, PanelSeat


@dataclass(frozen=True)
class SetUpChoices:
    # Value and words; first what is there, then rubrics to begin with.
    rubrics: tuple[tuple[str, str], ...]
    # Handles of those who have an account here, with their part.
    people: tuple[tuple[str, str], ...]


def get_choices(
    project_id: int, *, also: int | None = None, queue_id: int = 0
) -> SetUpChoices:
    """`also` is a version that is offered although it is not the newest.

    Whoever sits on the panel of the queue is there too, with or without an account.
    """
    slugs = set()
    rubrics = []
    for version in (
        RubricVersion.objects.filter(rubric__project_id=project_id)
        .select_related("rubric")
        .order_by("rubric__slug", "-number")
    ):
        is_newest = version.rubric.slug not in slugs
        slugs.add(version.rubric.slug)
        if is_newest or version.pk == also:
            words = _("%(title)s, version %(number)s") % {
                "title": version.title,
                "number": version.number,
            }
            rubrics.append((str(version.pk), words))
    rubrics += [
        (
            f"starter:{starter.name}",
            _("%(title)s (to begin with)") % {"title": starter.title},
        )
        for starter in list_starters()
        if starter.name not in slugs
    ]
    seated = PanelSeat.objects.filter(queue_id=queue_id, is_active=True)
    people = Member.objects.filter(
        Q(origin=Origin.ACCOUNT) | Q(pk__in=seated.values("reviewer")),
        project_id=project_id,
        is_active=True,
    ).order_by("handle")
    return SetUpChoices(
        tuple(rubrics), tuple((one.handle, one.get_role_display()) for one in people)
    )
