from django.urls import path

from calibration.views import agreement, releases

app_name = "calibration"

urlpatterns = [
    path(
        "p/<slug:project>/queues/<slug:queue>/agreement/",
        agreement.agreement,
        name="agreement",
    ),
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
]
