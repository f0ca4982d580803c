"""Where everything is."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("", include("reviews.urls")),
    path("", include("labeling.urls")),
    path("", include("calibration.urls")),
]
