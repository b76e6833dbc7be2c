"""The queue: work that waits is a row of its package; these periodic tasks make the workers look for such rows."""

from procrastinate import App


def on_app_ready(app: App) -> None:
    """Called by procrastinate when Django is ready; task modules are found by name (`jobs.py` in each package)."""
    app.worker_defaults.update({"concurrency": 2, "delete_jobs": "successful"})
