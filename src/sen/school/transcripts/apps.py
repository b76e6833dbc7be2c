from django.apps import AppConfig


class TranscriptsConfig(AppConfig):
    name = "sen.school.transcripts"
    label = "transcripts"
    verbose_name = "Học bạ"

    def ready(self) -> None:
        from sen.core.identity import desk
        from sen.school.transcripts import desk as own
        from sen.school.transcripts import receivers  # noqa: F401  # connects the receivers

        desk.register(entries=own.entries, work=own.work, years=own.years)
