"""One school of the demo: staff, classes, subjects, pupils, families, accounts. Rows for COPY, in plain lists."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from config.demo.frames import key
from config.demo.names import Name, invent
from config.demo.plan import CLASS_SIZE, GRADES, SchoolPlan
from sen.shared.kit import names

# Kinds of keys (see frames.key); a school's rows are numbered from index * 1,000,000.
(
    PERSON,
    STAFF,
    POSTING,
    ACCOUNT,
    GRANT,
    CLASS,
    SUBJECT,
    ASSIGN,
    PUPIL,
    ENROLMENT,
    PLACEMENT,
    GUARDIAN,
    CHOICE,
    SHEET,
    LINE,
    RECORD,
    LOCK,
) = range(1, 18)
AGE_OF_GRADE = {"mau_giao": 5, "nha_tre": 2}
ELECTIVES = (
    ("vat_li", "hoa_hoc", "sinh_hoc", "tin_hoc"),
    ("dia_li", "gdktpl", "vat_li", "cong_nghe"),
    ("hoa_hoc", "sinh_hoc", "gdktpl", "mi_thuat"),
    ("dia_li", "gdktpl", "tin_hoc", "am_nhac"),
)
CONTINUING_ELECTIVES = ("dia_li", "gdktpl", "vat_li", "sinh_hoc")
WITHOUT_SHEET = {"none", "part of the subject"}


@dataclass(frozen=True)
class Subject:
    """A row of the programme: id, key, how it is assessed, yearly lessons."""

    id: str
    key: str
    kind: str
    form: str
    lessons: int


Catalogue = dict[tuple[str, str, str], list[Subject]]  # (programme, level, grade) -> subjects
Regimes = dict[tuple[int, str, str], tuple[str, str]]  # (year, level, grade) -> (programme, regime)


@dataclass
class ClassRoom:
    id: str
    year: int
    name: str
    grade: str
    level: str
    programme: str
    regime: str
    pupils: list[tuple[str, str, int]] = field(default_factory=list)  # enrolment, person, ability 0-100
    subjects: list[tuple[str, Subject, bool]] = field(default_factory=list)  # class subject, subject, with cluster
    teacher: str = ""


@dataclass
class School:
    """All rows of one school, by table; `rooms` is what the marks are made from."""

    plan: SchoolPlan
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    rooms: list[ClassRoom] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)  # role -> account login, for the guided tour


@lru_cache(maxsize=100_000)
def _sort_key(name: str) -> str:
    return names.sort_key(name)


class Builder:
    def __init__(
        self, plan: SchoolPlan, catalogue: Catalogue, regimes: Regimes, password: str, *, families: bool
    ) -> None:
        self.plan, self.catalogue, self.regimes, self.password = plan, catalogue, regimes, password
        self.families = families  # small demo: parents and accounts of pupils; province: not
        self.chance = random.Random(f"sen {plan.code}")  # noqa: S311  # invented data, not secrets
        self.school = School(plan)
        self.counters: dict[int, int] = defaultdict(int)
        self.teachers: dict[str, list[str]] = defaultdict(list)
        self.logins: set[str] = set()
        self.account_of: dict[str, str] = {}  # staff: person -> account
        self.form_teachers: set[str] = set()

    def build(self) -> School:
        self._staff()
        self._locks()
        cohort: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for year in self.plan.years:
            cohort = self._year(year, cohort)
        return self.school

    def _key(self, kind: int) -> str:
        self.counters[kind] += 1
        return key(kind, self.plan.index * 1_000_000 + self.counters[kind])

    def _locks(self) -> None:
        """Terms the head has locked: all of a past or closed year, term I in the middle of one."""
        head = self.school.rows["identity_account"][1][0]  # the vice-principal is the second account made
        for year in self.plan.years:
            closed = year < 2022 or self.plan.stage == "closed"
            terms = (1, 2, 0) if closed else (1,) if self.plan.stage == "term1" else ()
            for term in terms:
                day = date(year + 1, 1, 12) if term == 1 else date(year + 1, 5, 26)
                self.school.rows["gradebook_termlock"].append(
                    (self._key(LOCK), self.plan.id, year, term, "locked", head, f"{day} 10:00:00+07", "")
                )

    # People

    def _person(
        self, name: Name, born: date | None, *, personal_id: str = "", phone: str = "", account: str | None = None
    ) -> str:
        person = self._key(PERSON)
        self.school.rows["people_person"].append(
            (
                person,
                name.full,
                names.fold(name.full),
                _sort_key(name.full),
                born,
                "02" if name.female else "01",
                name.ethnic,
                "704",
                "",
                personal_id,
                phone,
                "",
                "",
                "{}",
                "{" + str(self.plan.id) + "}",
                account,
            )
        )
        return person

    def _account(self, name: Name, suffix: str, role: str, since: date) -> str:
        words = names.fold(name.full).split()
        base = f"{words[-1]}.{''.join(word[0] for word in words[:-1])}"
        login, number = f"{base}{suffix}@{self.plan.code}", 1
        while login in self.logins:
            number += 1
            login = f"{base}{number}{suffix}@{self.plan.code}"
        self.logins.add(login)
        account = self._key(ACCOUNT)
        self.school.rows["identity_account"].append(
            (
                account,
                self.password,
                None,
                login,
                name.full,
                names.fold(name.full),
                _sort_key(name.full),
                "",
                True,
                False,
                "vi",
                "2022-08-01",
                self.plan.id,
            )
        )
        self._grant(account, role, since)
        self.school.people.setdefault(role, login)
        return account

    def _grant(self, account: str, role: str, since: date) -> None:
        self.school.rows["identity_grant"].append(
            (self._key(GRANT), account, role, self.plan.id, since, None, None, "Dữ liệu mẫu")
        )

    def _personal_id(self, born: date, female: bool) -> str:
        """A number of the right shape; one pupil in 60 has none, one in 200 a number that contradicts the file."""
        luck = self.chance.random()
        if luck < 1 / 60:
            return ""
        century = (born.year - 1900) // 100 * 2
        digit = century + (1 if female else 0)
        if luck > 1 - 1 / 200:
            digit = century + (0 if female else 1)
        province = f"0{self.plan.code[:2]}"
        return f"{province}{digit}{born.year % 100:02d}{self.chance.randrange(10**6):06d}"

    def _staff_member(
        self, role: str, position: str, group: str, subjects: tuple[str, ...], *, female: bool | None = None
    ) -> str:
        name = invent(self.chance, self.plan.minority_share / 3, female)
        born = date(1966, 1, 1) + timedelta(days=self.chance.randrange(365 * 34))
        since = date(min(2021, max(born.year + 23, 1992)), 8, 15)
        account = self._account(name, "", role, date(2021, 8, 1))
        person = self._person(
            name,
            born,
            personal_id=self._personal_id(born, name.female),
            account=account,
            phone=f"09{self.chance.randrange(10**8):08d}",
        )
        self.account_of[person] = account
        self.school.rows["people_staff"].append((self._key(STAFF), person, "", "{}"))
        taught = "[" + ", ".join(f'"{subject}"' for subject in subjects) + "]"
        self.school.rows["people_posting"].append(
            (
                self._key(POSTING),
                person,
                self.plan.id,
                f"CB{self.counters[POSTING]:03d}",
                group,
                position,
                taught,
                since,
                None,
            )
        )
        return person

    def _staff(self) -> None:
        self._staff_member("principal", "01", "01", ())
        self._staff_member("vice_principal", "02", "01", ())
        self._staff_member("clerk", "16", "02", (), female=True)
        for extra in ("15", "09", "11"):
            self._support(extra)
        for level in self.plan.levels:
            position = {"preschool": "30", "primary": "29", "lower_secondary": "28", "continuing_lower": "28"}.get(
                level, "27"
            )
            load = self._load(level)
            for group, lessons in load.items():
                norm = {"preschool": 10, "primary": 23, "lower_secondary": 19}.get(level, 17) * 0.62
                for _ in range(max(1, round(lessons / 35 / norm))):
                    self.teachers[f"{level}/{group}"].append(
                        self._staff_member(
                            "subject_teacher",
                            position,
                            "03",
                            tuple(group.split("+")),
                            female=self.chance.random() < 0.72,
                        )
                    )

    def _support(self, position: str) -> None:
        name = invent(self.chance, self.plan.minority_share / 3, True)
        born = date(1970, 1, 1) + timedelta(days=self.chance.randrange(365 * 28))
        person = self._person(name, born, personal_id=self._personal_id(born, True))
        self.school.rows["people_staff"].append((self._key(STAFF), person, "", "{}"))
        self.school.rows["people_posting"].append(
            (
                self._key(POSTING),
                person,
                self.plan.id,
                f"CB{self.counters[POSTING]:03d}",
                "02",
                position,
                "[]",
                date(2015, 8, 1),
                None,
            )
        )

    def _load(self, level: str) -> dict[str, int]:
        """Yearly lessons by group of subjects one teacher takes, over all classes of a level, of the fuller year."""
        most: dict[str, int] = defaultdict(int)
        for year in self.plan.years:
            load: dict[str, int] = defaultdict(int)
            for grade in GRADES[level]:
                for number in range(self.plan.classes):
                    for subject in self._subjects(year, level, grade, number):
                        load[_group(level, subject.key)] += subject.lessons
            for group, lessons in load.items():
                most[group] = max(most[group], lessons)
        if level == "preschool":
            most["lop"] = self.plan.classes * 2 * 35 * 10
        return most

    # Classes

    def _subjects(self, year: int, level: str, grade: str, number: int) -> list[Subject]:
        programme, _ = self.regimes[year, level, grade]
        electives = ELECTIVES[number % len(ELECTIVES)] if level == "upper_secondary" else CONTINUING_ELECTIVES
        return [
            subject
            for subject in self.catalogue.get((programme, level, grade), [])
            if subject.form not in WITHOUT_SHEET
            and (
                subject.kind in ("compulsory", "activity")
                or (subject.kind.startswith("elective_4") and subject.key in electives)
            )
        ]

    def _year(
        self, year: int, last: dict[tuple[str, int], list[tuple[str, int]]]
    ) -> dict[tuple[str, int], list[tuple[str, int]]]:
        now: dict[tuple[str, int], list[tuple[str, int]]] = {}
        position = 0
        for level in self.plan.levels:
            for place, grade in enumerate(GRADES[level]):
                for number in range(self.plan.classes):
                    position += 1
                    room = self._class(year, level, grade, number, position)
                    earlier = GRADES[level][place - 1] if place else self._grade_before(level)
                    came = last.get((f"{level if place else self._level_before(level)}/{earlier}", number))
                    pupils = came or [self._pupil(year, level, grade) for _ in range(self._size(level))]
                    self._place(room, pupils, new=came is None)
                    now[f"{level}/{grade}", number] = pupils
        return now

    def _grade_before(self, level: str) -> str:
        before = self._level_before(level)
        return GRADES[before][-1] if before else ""

    def _level_before(self, level: str) -> str:
        at = self.plan.levels.index(level)
        return self.plan.levels[at - 1] if at else ""

    def _size(self, level: str) -> int:
        usual = self.plan.sizes.get(level, CLASS_SIZE[level])
        return max(1, usual + (self.chance.randrange(-3, 4) if self.families else 0))

    def _class(self, year: int, level: str, grade: str, number: int, position: int) -> ClassRoom:
        programme, regime = self.regimes[year, level, grade]
        letter = "ABCDEGHIKLMN"[number % 12]
        name = f"{grade}{letter}{number // 12 or ''}" if grade.isdigit() else f"Lá {number + 1}"
        room = ClassRoom(self._key(CLASS), year, name, grade, level, programme, regime)
        subjects = self._subjects(year, level, grade, number)
        teachers = self._teachers_of(room, subjects, number)
        room.teacher = teachers.get("*", "") or next(iter(teachers.values()), "")
        if room.teacher and room.teacher not in self.form_teachers:
            self.form_teachers.add(room.teacher)
            self._grant(self.account_of[room.teacher], "form_teacher", date(2021, 8, 15))
        special = "toan" if self.plan.code.endswith("F01") and regime == "tt58-2011" and number == 0 else ""
        self.school.rows["curriculum_schoolclass"].append(
            (
                room.id,
                self.plan.id,
                year,
                name,
                grade,
                level,
                programme,
                regime,
                special,
                room.teacher or None,
                position,
                "{}",
            )
        )
        clustered = (
            [s.key for s in subjects if s.form == "marks" and s.kind != "activity" and int(grade) >= 10][:3]
            if (programme == "2018" and level == "upper_secondary")
            else []
        )
        for subject in subjects:
            row = self._key(SUBJECT)
            cluster = subject.key in clustered
            room.subjects.append((row, subject, cluster))
            self.school.rows["curriculum_classsubject"].append(
                (row, self.plan.id, room.id, subject.id, subject.lessons, False, cluster, None)
            )
            self.school.rows["curriculum_assignment"].append(
                (self._key(ASSIGN), self.plan.id, row, teachers[subject.key], True, None, date(year, 8, 15), None)
            )
        self.school.rooms.append(room)
        return room

    def _teachers_of(self, room: ClassRoom, subjects: list[Subject], number: int) -> dict[str, str]:
        """Subject key -> teacher; "*" the form teacher. Primary: one teacher for most subjects of a class."""
        chosen: dict[str, str] = {}
        turn = int(room.grade) * 3 + number if room.grade.isdigit() else number
        for subject in subjects:
            team = self.teachers[f"{room.level}/{_group(room.level, subject.key)}"]
            chosen[subject.key] = team[turn % len(team)]
        if room.level == "preschool":
            team = self.teachers["preschool/lop"]
            return {"*": team[number % len(team)]}
        lead = (
            "tieng_viet"
            if room.level == "primary"
            else next((s.key for s in subjects if s.key in ("ngu_van", "toan")), "")
        )
        rotation = [s.key for s in subjects if s.form == "marks"] or [lead]
        chosen["*"] = chosen[lead if room.level == "primary" else rotation[turn % len(rotation)]]
        return chosen

    # Pupils

    def _pupil(self, year: int, level: str, grade: str) -> tuple[str, int]:
        name = invent(self.chance, self.plan.minority_share)
        age = AGE_OF_GRADE.get(grade) or int(grade) + 5
        born = date(year - age, 1, 1) + timedelta(days=self.chance.randrange(365))
        account = (
            self._account(name, f".{born.year}", "pupil", date(2021, 8, 1))
            if self.families and grade.isdigit()
            else None
        )
        person = self._person(name, born, personal_id=self._personal_id(born, name.female), account=account)
        self.school.rows["people_pupil"].append(
            (self._key(PUPIL), person, self.plan.id, "", f"HS{self.counters[PUPIL]:05d}", "", "{}")
        )
        if self.families:
            self._family(person, name)
        return person, min(100, max(5, round(self.chance.gauss(68, 15))))

    def _family(self, child: str, name: Name) -> None:
        family = name.full.split()[0]
        for kind, female in (("father", False), ("mother", True)):
            if self.chance.random() < 0.04:
                continue
            adult = invent(self.chance, 0, female)
            if kind == "father":
                adult = Name(f"{family} {adult.full.split(' ', 1)[1]}", False, name.ethnic)
            born = date(1978, 1, 1) + timedelta(days=self.chance.randrange(365 * 14))
            account = self._account(adult, ".ph", "parent", date(2021, 8, 1)) if kind == "mother" else None
            person = self._person(adult, born, phone=f"09{self.chance.randrange(10**8):08d}", account=account)
            occupation = self.chance.choice(
                ("Nông dân", "Buôn bán", "Công nhân", "Viên chức", "Lái xe", "Thợ xây", "Nội trợ", "Ngư dân")
            )
            self.school.rows["people_guardianship"].append(
                (self._key(GUARDIAN), child, person, kind, occupation, True, "")
            )

    def _place(self, room: ClassRoom, pupils: list[tuple[str, int]], *, new: bool) -> None:
        closed = room.year < 2022 or self.plan.stage == "closed"
        ended = date(room.year + 1, 5, 31) if room.year < 2022 else None
        by_name = {row[0]: row[3] for row in self.school.rows["people_person"][-3 * len(pupils) :]} if new else {}
        ordered = sorted(pupils, key=lambda pupil: by_name.get(pupil[0], "")) if new else pupils
        for number, (person, ability) in enumerate(ordered, start=1):
            enrolment = self._key(ENROLMENT)
            status = "completed" if closed and ended else "studying"
            entry = "new" if new else "continued"
            self.school.rows["people_enrolment"].append(
                (
                    enrolment,
                    person,
                    self.plan.id,
                    room.year,
                    room.grade,
                    room.level,
                    status,
                    entry,
                    date(room.year, 9, 5),
                    ended,
                    "{}",
                )
            )
            self.school.rows["curriculum_placement"].append(
                (self._key(PLACEMENT), self.plan.id, person, enrolment, room.id, number, date(room.year, 9, 5), None)
            )
            room.pupils.append((enrolment, person, ability))


def _group(level: str, subject: str) -> str:
    """Subjects that one teacher takes together."""
    if level == "primary":
        special = {
            "ngoai_ngu_1": "ngoai_ngu_1",
            "ngoai_ngu": "ngoai_ngu_1",
            "tin_hoc": "tin_hoc_cong_nghe",
            "tin_hoc_cong_nghe": "tin_hoc_cong_nghe",
            "giao_duc_the_chat": "giao_duc_the_chat",
            "the_duc": "giao_duc_the_chat",
            "nghe_thuat": "nghe_thuat",
            "am_nhac": "nghe_thuat",
            "my_thuat": "nghe_thuat",
        }
        return special.get(subject, "tieng_viet+toan")
    pairs = {
        "toan": "toan+tin_hoc",
        "tin_hoc": "toan+tin_hoc",
        "ngu_van": "ngu_van+gdcd",
        "gdcd": "ngu_van+gdcd",
        "gddp": "ngu_van+gdcd",
        "vat_li": "khoa_hoc_tu_nhien",
        "hoa_hoc": "khoa_hoc_tu_nhien",
        "sinh_hoc": "khoa_hoc_tu_nhien",
        "cong_nghe": "khoa_hoc_tu_nhien",
        "lich_su": "lich_su_dia_li",
        "dia_li": "lich_su_dia_li",
        "gdktpl": "lich_su_dia_li",
        "ngoai_ngu": "ngoai_ngu_1",
        "the_duc": "gdtc+gdqpan",
        "gdtc": "gdtc+gdqpan",
        "gdqpan": "gdtc+gdqpan",
        "am_nhac": "nghe_thuat",
        "mi_thuat": "nghe_thuat",
        "my_thuat": "nghe_thuat",
        "hdtn_hn": "ngu_van+gdcd",
    }
    return pairs.get(subject, subject)
