"""What is said on the wire: commands, events, codec, a socket's state; no Django, no asyncio, no clock."""
