from django.urls import path

from calibration import views

app_name = "calibration"

urlpatterns = [
    path(
        "p/<slug:project>/queues/<slug:queue>/agreement/",
        views.agreement,
        name="agreement",
    ),
    path("p/<slug:project>/golden-sets/", views.golden_sets, name="golden_sets"),
    path(
        "p/<slug:project>/golden-sets/<slug:golden_set>/",
        views.golden_set,
        name="golden_set",
    ),
    path(
        "p/<slug:project>/golden-sets/<slug:golden_set>/releases/",
        views.releases,
        name="releases",
    ),
    path(
        "p/<slug:project>/golden-sets/<slug:golden_set>/releases/<str:version>/download/",
        views.download,
        name="download",
    ),
]
