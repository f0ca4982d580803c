from reviews.models.assignments import HELD as HELD
from reviews.models.assignments import Assignment as Assignment
from reviews.models.assignments import AssignmentStatus as AssignmentStatus
from reviews.models.assignments import Batch as Batch
from reviews.models.assignments import Purpose as Purpose
from reviews.models.erasures import Erasure as Erasure
from reviews.models.items import Item as Item
from reviews.models.items import ItemKind as ItemKind
from reviews.models.items import Presentable as Presentable
from reviews.models.projects import Member as Member
from reviews.models.projects import Origin as Origin
from reviews.models.projects import Project as Project
from reviews.models.projects import Role as Role
from reviews.models.projects import User as User
from reviews.models.qualifications import Outcome as Outcome
from reviews.models.qualifications import Qualification as Qualification
from reviews.models.qualifications import QualificationAct as QualificationAct
from reviews.models.qualifications import (
    QualificationDecision as QualificationDecision,
)
from reviews.models.queues import Authority as Authority
from reviews.models.queues import Dimension as Dimension
from reviews.models.queues import LabelMethod as LabelMethod
from reviews.models.queues import PanelSeat as PanelSeat
from reviews.models.queues import Queue as Queue
from reviews.models.queues import Seed as Seed
from reviews.models.queues import SeedUse as SeedUse
from reviews.models.queues import SlicePause as SlicePause
from reviews.models.queues import Slot as Slot
from reviews.models.queues import SlotState as SlotState
from reviews.models.sessions import Session as Session
from reviews.models.triage import Action as Action
from reviews.models.triage import RoutingDecision as RoutingDecision
from reviews.models.triage import TriagePolicy as TriagePolicy
from reviews.models.unblinding import Unblinding as Unblinding
