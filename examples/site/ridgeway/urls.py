"""The addresses of the club's site."""

from club import views
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

urlpatterns = [
    path("", views.home, name="home"),
    path("walks/<int:pk>/", views.walk, name="walk"),
    path("walks/<int:pk>/sign-up/", views.sign_up, name="sign_up"),
    path("walks/<int:pk>/party/", views.party, name="party"),
    path("walks/<int:pk>/sign-off/", views.sign_off, name="sign_off"),
    path("noticeboard/", views.noticeboard, name="noticeboard"),
    path("login/", LoginView.as_view(template_name="club/login.html"), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("chat/", include("teahouse.urls")),  # Teahouse, line 2 of 3
]
