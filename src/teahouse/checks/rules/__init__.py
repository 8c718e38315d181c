"""The checks, by what they look at: each file is one idea, each function one check, entered with ``@check``."""
