"""Who may do what: access is fetched, not checked."""

from dataclasses import dataclass

from reviews.models import Member, Project, Role, User


class NoAccess(Exception):
    """The user has no such part in the project; views answer 404."""


class UnknownProject(Exception):
    """There is no project of that name."""


@dataclass(frozen=True)
class Access:
    """A signed-in person's part in one project."""

    project_id: int
    project: str
    project_name: str
    member_id: int
    handle: str
    role: str

    @property
    def is_lead(self) -> bool:
        return self.role in LEADING


LEADING = [Role.LEAD, Role.ADMIN]
# As people write them.
ROLES = tuple(role.lower() for role in Role.values)


@dataclass(frozen=True)
class MemberRow:
    handle: str
    role: str
    origin: str


def list_members(project_id: int) -> list[MemberRow]:
    rows = Member.objects.filter(project_id=project_id).order_by("handle")
    return [MemberRow(row.handle, row.role, row.origin) for row in rows]


def list_access(user_id: int) -> list[Access]:
    members = (
        Member.objects.filter(
            user_id=user_id, is_active=True, project__retired_at__isnull=True
        )
        .select_related("project")
        .order_by("project__name", "pk")
    )
    return [_access(member) for member in members]


def get_access(*, user_id: int, project: str) -> Access:
    for access in list_access(user_id):
        if access.project == project:
            return access
    raise NoAccess(project)


def get_lead_access(*, user_id: int, project: str) -> Access:
    access = get_access(user_id=user_id, project=project)
    if not access.is_lead:
        raise NoAccess(project)
    return access


def may_found_project(user_id: int) -> bool:
    """Whether the account leads a project already, or is one of the staff."""
    leads = any(access.is_lead for access in list_access(user_id))
    return leads or User.objects.filter(pk=user_id, is_staff=True).exists()


def get_project_id(slug: str) -> int:
    found = Project.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownProject(f"there is no project {slug!r}")
    return found


def _access(member: Member) -> Access:
    return Access(
        project_id=member.project_id,
        project=member.project.slug,
        project_name=member.project.name,
        member_id=member.pk,
        handle=member.handle,
        role=member.role,
    )
