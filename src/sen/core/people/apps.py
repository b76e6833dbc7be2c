from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "sen.core.people"
    label = "people"
    verbose_name = "Hồ sơ"

    def ready(self) -> None:
        from sen.core.identity import actor, desk, links
        from sen.core.people import entries, queries, receivers, roster  # noqa: F401  # receivers connect on import
        from sen.core.people.imports.pupils import PupilTarget
        from sen.core.people.imports.staff import StaffTarget
        from sen.core.people.imports.targets import register_target

        actor.register_family_finder(queries.family)
        links.register_roster(roster.roster)
        links.register_form_class_checker(roster.is_pupil_of_form_teacher)
        desk.register(entries=entries.entries, work=entries.work, search=entries.search, years=entries.years)
        register_target(PupilTarget())
        register_target(StaffTarget())
