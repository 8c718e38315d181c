"""The committee's admin."""

from django.contrib import admin

from club.models import Member, Walk


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin):
    list_display = ["name", "email", "is_staff"]
    fields = ["name", "email", "is_staff", "is_active"]


@admin.register(Walk)
class WalkAdmin(admin.ModelAdmin):
    list_display = ["title", "starts_at", "places"]
