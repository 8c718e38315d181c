"""The page's edge: what a browser reads and posts as plain HTML, and what page scripts start from."""
