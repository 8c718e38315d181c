"""The tutorial's app: a page and a consumer for each stage."""
