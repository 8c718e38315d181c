"""The bench of the checkout: Teahouse beside what people would use instead, run by `make bench`."""
