from django.urls import path

from sen.core.organisations import views

app_name = "organisations"
urlpatterns = [
    path("", views.browse, name="browse"),
    path("<uuid:organisation_id>/", views.node, name="node"),
    path("<uuid:organisation_id>/thay-doi/<slug:operation>/", views.operate, name="operate"),
]
