"""The three problems, each as settings to run once and look at: `manage.py runserver --settings ...`."""
