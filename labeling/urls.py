from django.urls import path

from labeling.views import bench, disputes

app_name = "labeling"

urlpatterns = [
    path("bench/<uuid:public_id>/", bench.bench, name="bench"),
    path("bench/<uuid:public_id>/judgment/", bench.judgment, name="judgment"),
    path("bench/<uuid:public_id>/draft/", bench.draft, name="draft"),
    path("bench/<uuid:public_id>/skip/", bench.skip, name="skip"),
    path("bench/<uuid:public_id>/lease/", bench.lease, name="lease"),
    path("p/<slug:project>/disputes/", disputes.disputes, name="disputes"),
    path(
        "p/<slug:project>/disputes/<uuid:public_id>/",
        disputes.dispute,
        name="dispute",
    ),
    path(
        "p/<slug:project>/disputes/<uuid:public_id>/adjudication/",
        disputes.adjudication,
        name="adjudication",
    ),
]
