"""The admin: everything can be looked at; only ``teahouse.chat`` writes, by the actions here in the admin's name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.defaultfilters import truncatechars
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from teahouse.chat import hosting
from teahouse.chat.actions import DeleteMessage
from teahouse.chat.clock import moment, now
from teahouse.chat.people import Identity, identity_of_row, identity_of_user
from teahouse.chat.writing import write
from teahouse.errors import TeahouseError
from teahouse.models import FOREVER, Audit, Invite, Membership, Message, Person, Report, Room

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    _Paginator = Paginator[Any]
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _Paginator = Paginator
    _ModelAdmin = admin.ModelAdmin


T = TypeVar("T", bound=Model)


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

    moderating = ""
    """The permission for its actions."""

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.moderating)

    def do_each(self, request: HttpRequest, rows: Iterable[T], deed: Callable[[T, Identity], object]) -> None:
        """Do something to each row in the admin's name, and say how often it was done and why not."""
        by = identity_of_user(cast("AbstractBaseUser", request.user))
        done = 0
        for row in rows:
            try:
                deed(row, by)
            except TeahouseError as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.ERROR)
            else:
                done += 1
        if done:
            told = ngettext("It was done for %d row.", "It was done for %d rows.", done) % done
            self.message_user(request, told, messages.SUCCESS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Room)
class RoomAdmin(LookOnly):
    list_display = ["title", "address", "kind", "locked", "archived", "head", "its_messages"]
    list_filter = ["kind", "locked", "archived"]
    list_select_related = ["log"]
    search_fields = ["address__startswith"]
    moderating = "teahouse.change_room"
    actions = ["lock", "unlock", "archive", "take_from_archive"]

    @admin.display(description=_("newest entry"))
    def head(self, room: Room) -> int:
        return room.log.head

    @admin.display(description=_("messages"))
    def its_messages(self, room: Room) -> str:
        url = reverse(f"{self.admin_site.name}:teahouse_message_changelist")
        return format_html('<a href="{}?room__exact={}">{}</a>', url, room.pk, _("Messages"))

    @admin.action(description=_("Lock: nobody posts"), permissions=["moderate"])
    def lock(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._configure(request, queryset, locked=True)

    @admin.action(description=_("Unlock"), permissions=["moderate"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._configure(request, queryset, locked=False)

    @admin.action(description=_("Put into the archive"), permissions=["moderate"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._configure(request, queryset, archived=True)

    @admin.action(description=_("Take from the archive"), permissions=["moderate"])
    def take_from_archive(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        self._configure(request, queryset, archived=False)

    def _configure(self, request: HttpRequest, rooms: QuerySet[Room], **changes: bool) -> None:
        self.do_each(request, rooms, lambda room, by: hosting.configure(room, by=by, granted=True, **changes))


@admin.register(Person)
class PersonAdmin(LookOnly):
    list_display = ["name", "kind", "uid", "user"]
    list_filter = ["kind"]
    list_select_related = ["user"]
    search_fields = ["uid__exact", "name__startswith"]


@admin.register(Membership)
class MembershipAdmin(LookOnly):
    list_display = ["person", "room", "role", "banned", "muted", "changed"]
    list_filter = ["role"]
    list_select_related = ["person", "room"]
    search_fields = ["room__address__exact", "person__uid__exact"]
    moderating = "teahouse.change_membership"
    actions = ["remove", "ban", "unban", "mute", "unmute"]

    @admin.display(description=_("banned until"))
    def banned(self, membership: Membership) -> Any:
        return _until(membership.banned_until)

    @admin.display(description=_("muted until"))
    def muted(self, membership: Membership) -> Any:
        return _until(membership.muted_until)

    @admin.action(description=_("Remove from the room"), permissions=["moderate"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._moderate(request, queryset, hosting.remove)

    @admin.action(description=_("Ban for good"), permissions=["moderate"])
    def ban(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._moderate(request, queryset, hosting.ban)

    @admin.action(description=_("Lift the ban"), permissions=["moderate"])
    def unban(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._moderate(request, queryset, hosting.unban)

    @admin.action(description=_("Mute for good"), permissions=["moderate"])
    def mute(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._moderate(request, queryset, hosting.mute)

    @admin.action(description=_("Let write again"), permissions=["moderate"])
    def unmute(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        self._moderate(request, queryset, hosting.mute, seconds=0)

    def _moderate(
        self, request: HttpRequest, places: QuerySet[Membership], deed: Callable[..., None], **fields: int
    ) -> None:
        def do(place: Membership, by: Identity) -> None:
            deed(place.room, identity_of_row(place.person), by=by, granted=True, **fields)

        self.do_each(request, places.select_related("person", "room"), do)


@admin.register(Message)
class MessageAdmin(LookOnly):
    list_display = ["beginning", "author", "room", "seq", "posted", "deleted"]
    list_select_related = ["author", "room"]
    fields = ["room", "seq", "changed", "author", "posted", "text", "deleted"]
    readonly_fields = ["posted"]
    moderating = "teahouse.delete_message"
    actions = ["delete_texts"]

    def get_ordering(self, request: HttpRequest) -> tuple[str]:
        # Within a room, by the index that has the room in front.
        return ("-seq",) if any(name.startswith("room") for name in request.GET) else ("-pk",)

    @admin.display(description=_("text"))
    def beginning(self, message: Message) -> str:
        return truncatechars(message.text, 80) or "–"

    @admin.display(description=_("posted"))
    def posted(self, message: Message) -> Any:
        return moment(message.at)

    @admin.action(description=_("Delete the texts of the selected messages"), permissions=["moderate"])
    def delete_texts(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Delete through the log, so that every reader's page follows at once."""
        self.do_each(request, queryset.filter(deleted=False), _delete_text)


@admin.register(Report)
class ReportAdmin(LookOnly):
    list_display = ["text", "room", "reporter", "reason", "reported", "resolver", "outcome"]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter)]
    list_select_related = ["room", "reporter", "resolver"]
    fields = ["room", "message_seq", "text", "reporter", "reason", "reported", "resolver", "outcome"]
    readonly_fields = ["text", "reported"]
    moderating = "teahouse.change_report"
    actions = ["resolve", "delete_text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        message = Message.objects.filter(room=OuterRef("room"), seq=OuterRef("message_seq"))
        reports = cast("QuerySet[Report]", super().get_queryset(request))
        return reports.annotate(its_text=Subquery(message.values("text")))

    def has_delete_texts_permission(self, request: HttpRequest) -> bool:
        return self.has_moderate_permission(request) and request.user.has_perm(MessageAdmin.moderating)

    @admin.display(description=_("text"))
    def text(self, report: Any) -> str:
        return truncatechars(report.its_text, 80) or "–"

    @admin.display(description=_("reported"))
    def reported(self, report: Report) -> Any:
        return moment(report.at)

    @admin.action(description=_("Resolve: nothing is to be done"), permissions=["moderate"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self.do_each(request, queryset.select_related("room"), _resolve)

    @admin.action(description=_("Delete the text and resolve"), permissions=["delete_texts"])
    def delete_text(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        def do(report: Report, by: Identity) -> None:
            _delete_text(Message.objects.get(room=report.room, seq=report.message_seq), by)
            _resolve(report, by, outcome="deleted")

        self.do_each(request, queryset.select_related("room"), do)


@admin.register(Invite)
class InviteAdmin(LookOnly):
    list_display = ["room", "maker", "made", "expires", "uses_left", "revoked"]
    list_filter = ["revoked"]
    list_select_related = ["room", "maker"]
    # Not even the hash of the code: nobody needs it.
    fields = ["room", "maker", "made", "expires", "uses_left", "revoked"]
    readonly_fields = ["made", "expires"]
    moderating = "teahouse.change_invite"
    actions = ["revoke"]

    @admin.display(description=_("made"))
    def made(self, invite: Invite) -> Any:
        return moment(invite.made_at)

    @admin.display(description=_("expires"))
    def expires(self, invite: Invite) -> Any:
        return "–" if invite.expires_at is None else moment(invite.expires_at)

    @admin.action(description=_("Take back"), permissions=["moderate"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invite]) -> None:
        rows = queryset.select_related("room")
        self.do_each(request, rows, lambda invite, by: hosting.revoke(invite.room, invite.pk, by=by, granted=True))


@admin.register(Audit)
class AuditAdmin(LookOnly):
    list_display = ["action", "room", "actor", "person", "message_seq", "details", "done"]
    list_filter = ["action"]
    list_select_related = ["room", "actor", "person"]
    search_fields = ["room__address__exact", "actor__uid__exact", "person__uid__exact"]

    @admin.display(description=_("done at"))
    def done(self, audit: Audit) -> Any:
        return moment(audit.at)


def _delete_text(message: Message, by: Identity) -> None:
    if message.deleted:
        return
    (result,) = write([DeleteMessage(message.room_id, by, message.seq, message.changed, granted=True)])
    if isinstance(result, TeahouseError):
        raise result


def _resolve(report: Report, by: Identity, outcome: str = "") -> None:
    hosting.resolve(report.room, report.pk, by=by, granted=True, outcome=outcome)


def _until(time: int) -> Any:
    if time == FOREVER:
        return _("for good")
    return moment(time) if time > now() else "–"
