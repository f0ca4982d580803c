from django.urls import path

from labeling.views import (
    adoption,
    bench,
    disputes,
    guesses,
    items,
    rubric_drafts,
    rubrics,
    setup,
)

app_name = "labeling"

RUBRIC = "p/<slug:project>/rubrics/<slug:rubric>/"

urlpatterns = [
    path("bench/<uuid:public_id>/", bench.bench, name="bench"),
    path("bench/<uuid:public_id>/judgment/", bench.judgment, name="judgment"),
    path("bench/<uuid:public_id>/draft/", bench.draft, name="draft"),
    path("bench/<uuid:public_id>/skip/", bench.skip, name="skip"),
    path(
        "bench/<uuid:public_id>/escalation/",
        bench.escalation,
        name="escalation",
    ),
    path(
        "bench/<uuid:public_id>/withdrawal/",
        bench.withdrawal,
        name="withdrawal",
    ),
    path("bench/<uuid:public_id>/lease/", bench.lease, name="lease"),
    path("bench/<uuid:public_id>/guess/", guesses.guess, name="guess"),
    path("p/<slug:project>/items/<int:item_id>/", items.item, name="item"),
    path(
        "p/<slug:project>/items/<int:item_id>/unblinding/",
        items.item_unblinding,
        name="item_unblinding",
    ),
    path(
        "p/<slug:project>/queues/<slug:queue>/batches/<uuid:public_id>/",
        items.batch,
        name="dealt_batch",
    ),
    path(
        "p/<slug:project>/queues/<slug:queue>/batches/<uuid:public_id>/unblinding/",
        items.batch_unblinding,
        name="batch_unblinding",
    ),
    path("p/<slug:project>/disputes/", disputes.disputes, name="disputes"),
    path(
        "p/<slug:project>/disputes/<uuid:public_id>/",
        disputes.dispute,
        name="dispute",
    ),
    path(
        "p/<slug:project>/disputes/<uuid:public_id>/votes/",
        disputes.votes,
        name="dispute_votes",
    ),
    path(
        "p/<slug:project>/disputes/<uuid:public_id>/adjudication/",
        disputes.adjudication,
        name="adjudication",
    ),
    path("p/<slug:project>/rubrics/", rubrics.rubrics, name="rubrics"),
    path(RUBRIC, rubrics.rubric, name="rubric"),
    path(f"{RUBRIC}draft/", rubric_drafts.rubric_draft, name="rubric_draft"),
    path(f"{RUBRIC}draft/review/", rubric_drafts.rubric_review, name="rubric_review"),
    path(
        f"{RUBRIC}draft/review/publication/",
        rubric_drafts.rubric_publication,
        name="rubric_publication",
    ),
    path(
        f"{RUBRIC}draft/removal/",
        rubric_drafts.rubric_draft_removal,
        name="rubric_draft_removal",
    ),
    path(
        f"{RUBRIC}draft/file/",
        rubric_drafts.rubric_draft_file,
        name="rubric_draft_file",
    ),
    path(
        f"{RUBRIC}versions/<int:number>/",
        rubrics.rubric_version,
        name="rubric_version",
    ),
    path(
        f"{RUBRIC}versions/<int:number>/file/",
        rubrics.rubric_file,
        name="rubric_file",
    ),
    path("p/<slug:project>/queue-setup/", setup.queue_setup, name="queue_setup"),
    path(
        "p/<slug:project>/queues/<slug:queue>/settings/",
        setup.queue_settings,
        name="queue_settings",
    ),
    path(
        "p/<slug:project>/queues/<slug:queue>/file/",
        setup.queue_file,
        name="queue_file",
    ),
    path(
        f"{RUBRIC}versions/<int:number>/adoption/",
        adoption.rubric_adoption,
        name="rubric_adoption",
    ),
]
