"""Loads a room and reconciles what arrived: behind ``teahouse bench``, and under the bench of the checkout."""
