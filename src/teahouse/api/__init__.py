"""The HTTP edge: protocol v1's commands one by one, for pages whose sockets are blocked and for scripts."""
