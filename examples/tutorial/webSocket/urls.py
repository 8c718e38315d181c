"""The page addresses of the stages, and the token API of stage 5."""

from app01 import pages, tokens
from django.contrib import admin
from django.urls import include, path
from rest_framework.authtoken.views import obtain_auth_token

urlpatterns = [
    path("", pages.index, name="index"),
    path("echo/", pages.echo, name="echo"),
    path("list/", pages.module_list, name="list"),
    path("groups/<str:group>/", pages.groups, name="groups"),
    path("teahouse/<str:address>/<str:group>/", pages.teahouse, name="teahouse"),
    path("account/", pages.account, name="account"),
    path("api/v1/token/login/", obtain_auth_token, name="token-login"),
    path("api/v1/token/logout/", tokens.LogoutView.as_view(), name="token-logout"),
    path("api/v1/me/", tokens.MeView.as_view(), name="me"),
    path("admin/", admin.site.urls),
    path("", include("teahouse.urls")),  # stage 4
]
