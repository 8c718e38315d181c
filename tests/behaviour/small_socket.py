"""A line with room for little: its other side soon has to wait for its reader; used by the clients here."""

import socket as sockets

SMALL_BUFFER_BYTES = 4096


def small_socket(url: str) -> sockets.socket:
    """A connected socket whose other side soon has to wait for its reader."""
    host, port = url.removeprefix("ws://").split(":")
    socket = sockets.socket()
    socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, SMALL_BUFFER_BYTES)
    try:
        socket.connect((host, int(port)))
    except OSError:
        socket.close()
        raise
    socket.setblocking(False)
    return socket
