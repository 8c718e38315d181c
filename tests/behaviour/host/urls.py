"""The addresses of the behaviour tests' host: Teahouse under its prefix, and views that post from its own code."""

from django.conf import settings
from django.urls import include, path

from tests.behaviour.host import views

urlpatterns = [
    path("say/", views.say),
    path("say-and-fail/", views.say_and_fail),
    path("log-in/", views.log_in),
    path("hold/", views.hold),
    path("wait-for-held/", views.wait_for_held),
    path("shut-out/", views.shut_out),
    path("log-out/", views.log_out),
    path("new-password/", views.new_password),
    path("deed/", views.deed),
    path(settings.PREFIX, include("teahouse.urls")),
]
