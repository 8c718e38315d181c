"""The addresses of the tests' host site: Teahouse at the root, and an admin."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("teahouse.urls")),
]
