"""The tutorial's project package: settings, addresses and the ASGI application."""
