from django.urls import path

from reviews.views import desk, lead, pauses, qualifications, setup

app_name = "reviews"

QUEUE = "p/<slug:project>/queues/<slug:queue>/"

urlpatterns = [
    path("", desk.home, name="home"),
    path("review/", desk.desk, name="desk"),
    path(
        "review/<slug:project>/<slug:queue>/batches/",
        desk.batches,
        name="batches",
    ),
    path("review/batches/<uuid:public_id>/", desk.batch, name="batch"),
    path(
        "review/batches/<uuid:public_id>/return/",
        desk.batch_return,
        name="batch_return",
    ),
    path("projects/new/", setup.project_new, name="project_new"),
    path("p/<slug:project>/", lead.project, name="project"),
    path(QUEUE, lead.queue, name="queue"),
    path(f"{QUEUE}pause/", pauses.queue_pause, name="queue_pause"),
    path(f"{QUEUE}resumption/", pauses.queue_resumption, name="queue_resumption"),
    path(f"{QUEUE}seats/pause/", pauses.seat_pause, name="seat_pause"),
    path(f"{QUEUE}seats/resumption/", pauses.seat_resumption, name="seat_resumption"),
    path(
        f"{QUEUE}seats/qualification/",
        qualifications.seat_qualification,
        name="seat_qualification",
    ),
    path(
        f"{QUEUE}escalations/<uuid:public_id>/",
        pauses.escalation,
        name="escalation",
    ),
]
