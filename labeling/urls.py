from django.urls import path

from labeling.views import bench, disputes, guesses, items, turns

app_name = "labeling"

urlpatterns = [
    path("bench/<uuid:public_id>/", bench.bench, name="bench"),
    path("bench/<uuid:public_id>/judgment/", bench.judgment, name="judgment"),
    path("bench/<uuid:public_id>/draft/", bench.draft, name="draft"),
    path("bench/<uuid:public_id>/skip/", bench.skip, name="skip"),
    path(
        "bench/<uuid:public_id>/escalation/",
        turns.escalation,
        name="escalation",
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
]
