"""The tutorial's last stage: what a member says goes to its group through the channel layer. It prints nothing."""

from typing import Any

from asgiref.sync import async_to_sync
from channels.exceptions import StopConsumer
from channels.generic.websocket import WebsocketConsumer


class GroupConsumer(WebsocketConsumer):
    """One socket; like the tutorial's, it answers the layer's raw events instead of `connect` and `receive`."""

    def websocket_connect(self, message: dict[str, Any]) -> None:
        """Joins the group named in the address."""
        self.group = self.scope["url_route"]["kwargs"]["group"]
        async_to_sync(self.channel_layer.group_add)(self.group, self.channel_name)
        self.accept()

    def websocket_receive(self, message: dict[str, Any]) -> None:
        """Sends the event on as it came, to everybody."""
        async_to_sync(self.channel_layer.group_send)(self.group, {"type": "send.message", "message": message})

    def send_message(self, event: dict[str, Any]) -> None:
        """Writes one text to this socket."""
        self.send(event["message"]["text"])

    def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """Leaves the group."""
        async_to_sync(self.channel_layer.group_discard)(self.group, self.channel_name)
        raise StopConsumer
