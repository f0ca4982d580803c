"""Of each queue of a project: would its newest measurement let a release through?"""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef

from calibration.formats.agreement import tone_of
from calibration.models import AgreementSnapshot
from labeling.models import Dispute


@dataclass(frozen=True)
class GateAnswer:
    # Of the figures that the gate reads, how many it would refuse.
    n_refused: int
    n_read: int
    has_open_disputes: bool

    @property
    def is_good(self) -> bool:
        return not self.n_refused and not self.has_open_disputes


def list_gate_answers(project_id: int) -> dict[str, GateAnswer]:
    """By queue, under the rubric version that it is on; none without a measurement."""
    open_disputes = Dispute.objects.filter(
        queue=OuterRef("queue"), adjudication__isnull=True
    )
    rows = (
        AgreementSnapshot.objects.filter(
            queue__project_id=project_id,
            rubric_version_id=F("queue__rubric_version_id"),
        )
        .order_by("queue_id", "-computed_at", "-pk")
        .distinct("queue_id")
        .values_list("queue__slug", "results__agreement", Exists(open_disputes))
    )
    answers = {}
    for queue, agreement, is_open in rows:
        tones = [
            tone_of(entry["alpha"], agreement["bar"])
            for entry in agreement["criteria"]
            if not entry["is_unused_label"]
        ]
        n_refused = len(tones) - tones.count("good")
        answers[queue] = GateAnswer(n_refused, len(tones), is_open)
    return answers
