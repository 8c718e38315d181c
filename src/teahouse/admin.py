"""The admin: everything can be looked at, and only ``teahouse.chat`` writes, so nothing is added or changed here."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from teahouse.chat.actions import DeleteMessage
from teahouse.chat.clock import moment
from teahouse.chat.people import Identity
from teahouse.chat.writing import write
from teahouse.errors import TeahouseError
from teahouse.models import Membership, Message, Person, Room

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _Paginator = Paginator
    _ModelAdmin = admin.ModelAdmin


class ShortPaginator(_Paginator):
    """Counts no further than people page: counting a million rows takes longer than showing fifty."""

    MOST = 10_000

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Model]", self.object_list)
        return rows[: self.MOST].count()


class LookOnly(_ModelAdmin):
    """Shows rows of a table that may be large."""

    list_per_page = 50
    show_full_result_count = False
    paginator = ShortPaginator
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(LookOnly):
    list_display = ["title", "address", "kind", "head", "its_messages"]
    list_filter = ["kind"]
    list_select_related = ["log"]
    search_fields = ["address__startswith"]

    @admin.display(description=_("newest entry"))
    def head(self, room: Room) -> int:
        return room.log.head

    @admin.display(description=_("messages"))
    def its_messages(self, room: Room) -> str:
        url = reverse(f"{self.admin_site.name}:teahouse_message_changelist")
        return format_html('<a href="{}?room__exact={}">{}</a>', url, room.pk, _("Messages"))


@admin.register(Person)
class PersonAdmin(LookOnly):
    list_display = ["name", "kind", "uid", "user"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    search_fields = ["uid__exact", "name__startswith"]


@admin.register(Membership)
class MembershipAdmin(LookOnly):
    list_display = ["person", "room", "role", "changed"]
    list_filter = ["role"]
    list_select_related = ["person", "room"]
    search_fields = ["room__address__exact", "person__uid__exact"]


@admin.register(Message)
class MessageAdmin(LookOnly):
    list_display = ["beginning", "author", "room", "seq", "posted", "deleted"]
    list_select_related = ["author", "room"]
    fields = ["room", "seq", "changed", "author", "posted", "text", "deleted"]
    readonly_fields = ["posted"]
    actions = ["delete_texts"]

    def get_ordering(self, request: HttpRequest) -> tuple[str]:
        # Within a room, by the index that has the room in front.
        return ("-seq",) if any(name.startswith("room") for name in request.GET) else ("-pk",)

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("teahouse.delete_message")

    @admin.display(description=_("text"))
    def beginning(self, message: Message) -> str:
        return truncatechars(message.text, 80) or "–"

    @admin.display(description=_("posted"))
    def posted(self, message: Message) -> Any:
        return moment(message.at)

    @admin.action(description=_("Delete the texts of the selected messages"), permissions=["moderate"])
    def delete_texts(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Delete as the authors could, so that every reader's page follows at once."""
        chosen = queryset.filter(deleted=False).select_related("author")
        results = write([_deletion(message) for message in chosen])
        refused = [result for result in results if isinstance(result, TeahouseError)]
        for refusal in refused:
            self.message_user(request, str(refusal), messages.ERROR)
        done = len(results) - len(refused)
        if done:
            told = ngettext("%d text was deleted.", "%d texts were deleted.", done) % done
            self.message_user(request, told, messages.SUCCESS)


def _deletion(message: Message) -> DeleteMessage:
    author = message.author
    identity = Identity(uid=author.uid, name=author.name, kind=author.kind, user_id=author.user_id)
    return DeleteMessage(message.room_id, identity, message.seq, message.changed)
