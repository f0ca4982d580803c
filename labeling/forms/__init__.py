"""Forms of the bench and of the desk of disputes, made from a rubric."""

from labeling.forms.desk import AdjudicationForm as AdjudicationForm
from labeling.forms.judgment import JudgmentForm as JudgmentForm
from labeling.forms.skips import SkipForm as SkipForm
