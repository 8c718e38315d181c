"""The ready site behind ``teahouse serve``: a Django project around the ``teahouse`` app, which never imports it."""
