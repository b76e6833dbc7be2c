from django.apps import AppConfig


class TranscriptsConfig(AppConfig):
    name = "sen.school.transcripts"
    label = "transcripts"
    verbose_name = "Học bạ"
