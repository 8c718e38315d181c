"""What happens: the only code that writes tables, and the public Python API."""
