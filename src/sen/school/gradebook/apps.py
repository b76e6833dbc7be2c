from django.apps import AppConfig


class GradebookConfig(AppConfig):
    name = "sen.school.gradebook"
    label = "gradebook"
    verbose_name = "Sổ điểm"

    def ready(self) -> None:
        from sen.core.curriculum import links
        from sen.core.identity import desk
        from sen.school.gradebook import entries, overview_entries, receivers  # noqa: F401  # receivers connect here
        from sen.school.gradebook.queries import outcomes

        desk.register(entries=entries.entries, work=entries.work, search=entries.search)
        desk.register(entries=overview_entries.entries, work=overview_entries.work, years=overview_entries.years)
        links.register_outcomes(outcomes.outcomes)
        links.register_books(outcomes.open_books)
