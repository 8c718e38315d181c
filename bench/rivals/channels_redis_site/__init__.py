"""Channels as its own documentation scales it: uvicorn, an async consumer, channels_redis; a server of the bench."""
