from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "sen.core.people"
    label = "people"
    verbose_name = "Hồ sơ"

    def ready(self) -> None:
        from sen.core.identity import actor
        from sen.core.people import queries
        from sen.core.people.imports.pupils import PupilTarget
        from sen.core.people.imports.staff import StaffTarget
        from sen.core.people.imports.targets import register_target

        actor.register_family_finder(queries.family)
        register_target(PupilTarget())
        register_target(StaffTarget())
