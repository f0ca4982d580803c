from django.urls import path

from reviews import views

app_name = "reviews"

urlpatterns = [
    path("", views.home, name="home"),
    path("review/", views.desk, name="desk"),
    path(
        "review/<slug:project>/<slug:queue>/batches/",
        views.batches,
        name="batches",
    ),
    path("review/batches/<uuid:public_id>/", views.batch, name="batch"),
    path("p/<slug:project>/", views.project, name="project"),
    path("p/<slug:project>/queues/<slug:queue>/", views.queue, name="queue"),
]
