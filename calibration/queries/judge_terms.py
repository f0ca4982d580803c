"""How a queue reads its judges."""

from calibration.formats.judges import Terms, read_terms
from calibration.models import JudgeTerms


def find_judge_terms(queue_id: int) -> Terms | None:
    found = JudgeTerms.objects.filter(queue_id=queue_id).first()
    return read_terms(found.document) if found else None
