"""What the file of a queue would say that is set up already."""

from dataclasses import fields
from typing import Any

from reviews.formats.toml_text import write_toml
from reviews.models import Queue
from reviews.services.queue_files import STAKES, QueueSpec


def get_queue_spec(*, queue_id: int) -> QueueSpec:
    queue = Queue.objects.select_related("project", "rubric_version__rubric").get(
        pk=queue_id
    )
    seats = queue.panel.filter(is_active=True).order_by("reviewer__handle")
    panel = list(seats.values_list("reviewer__handle", "is_backup"))
    said: dict[str, Any] = {
        "queue": queue.slug,
        "project": queue.project.slug,
        "rubric": str(queue.rubric_version),
        "reviewers": tuple(handle for handle, is_backup in panel if not is_backup),
        "backups": tuple(handle for handle, is_backup in panel if is_backup),
    }
    for field in fields(QueueSpec):
        if field.name not in said:
            value = getattr(queue, field.name)
            said[field.name] = tuple(value) if isinstance(value, list) else value
    return QueueSpec(**said)


def write_queue(spec: QueueSpec) -> str:
    """A file that `parse_queue` reads back as the same queue."""
    said = {field.name: getattr(spec, field.name) for field in fields(QueueSpec)}
    said["kinds"] = [kind.lower() for kind in spec.kinds]
    said["authority"] = [one.lower() for one in spec.authority]
    said["label_method"] = spec.label_method.lower().replace("_", "-")
    if spec.sla_hours:
        said["sla_hours"] = dict(zip(STAKES, spec.sla_hours, strict=True))
    return write_toml(
        {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in said.items()
            if value not in (None, "", ())
        }
    )
