from django.urls import path

from calibration.views import (
    agreement,
    blinding,
    gate,
    judges,
    releases,
    reviewers,
    rubric_reviews,
    traffic,
)

app_name = "calibration"

urlpatterns = [
    path(
        "p/<slug:project>/queues/<slug:queue>/agreement/",
        agreement.agreement,
        name="agreement",
    ),
    path(
        "p/<slug:project>/queues/<slug:queue>/agreement/charts/<slug:name>.svg",
        agreement.chart,
        name="agreement_chart",
    ),
    path(
        "p/<slug:project>/queues/<slug:queue>/agreement/reviews/<int:review_id>/closure/",
        rubric_reviews.closure,
        name="rubric_review_closure",
    ),
    path(
        "p/<slug:project>/queues/<slug:queue>/reviewers/",
        reviewers.reviewers,
        name="reviewers",
    ),
    path(
        "p/<slug:project>/queues/<slug:queue>/reviewers/standings/",
        reviewers.standings,
        name="standings",
    ),
    path("p/<slug:project>/queues/<slug:queue>/judges/", judges.judges, name="judges"),
    path(
        "p/<slug:project>/queues/<slug:queue>/blinding/",
        blinding.blinding,
        name="blinding",
    ),
    path("p/<slug:project>/traffic/", traffic.traffic, name="traffic"),
    path("p/<slug:project>/golden-sets/", releases.golden_sets, name="golden_sets"),
    path(
        "p/<slug:project>/golden-sets/<slug:golden_set>/",
        releases.golden_set,
        name="golden_set",
    ),
    path(
        "p/<slug:project>/golden-sets/<slug:golden_set>/releases/",
        releases.releases,
        name="releases",
    ),
    path(
        "p/<slug:project>/golden-sets/<slug:golden_set>/releases/<str:version>/download/",
        releases.download,
        name="download",
    ),
    path(
        "p/<slug:project>/golden-sets/<slug:golden_set>/gate/",
        gate.gate,
        name="gate",
    ),
    path(
        "p/<slug:project>/golden-sets/<slug:golden_set>/gate/charts/<slug:name>.svg",
        gate.chart,
        name="gate_chart",
    ),
]
