"""Bringing pupils in from Excel: what is recognised, what is written, what waits."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from sen.core.identity.roles import Role
from sen.core.identity.tests.factories import actor
from sen.core.people import services
from sen.core.people.imports import runs
from sen.core.people.models import Enrolment, Guardianship, ImportRun, Person, Pupil
from sen.core.people.tests.factories import (
    EnrolmentFactory,
    GuardianshipFactory,
    PersonFactory,
    PupilFactory,
    SchoolFactory,
)
from sen.core.people.tests.workbooks import HEADINGS, book, pupil_rows
from sen.shared.audit.models import Line
from sen.shared.kit import scope
from sen.shared.kit.errors import Invalid, NotAllowed, RuleError

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return SchoolFactory(levels=["lower_secondary"])


@pytest.fixture
def clerk(school):
    return actor(Role.CLERK, school)


def look(clerk, school, data, **options):
    return runs.look(actor=clerk, school=school, year=2022, kind="pupils", data=data, **options)


def bring_in(clerk, school, data):
    return runs.bring_in(actor=clerk, school=school, year=2022, kind="pupils", name="hoc-sinh.xlsx", data=data)


def counts(run):
    return {state: n for state, n in run.preview["counts"].items() if n}


ONE = ("Họ và tên", "Ngày sinh", "Lớp")


def test_a_school_comes_in_and_the_same_file_changes_nothing(clerk, school):
    data = book(HEADINGS, *pupil_rows(120), title="DANH SÁCH HỌC SINH")
    with scope.use(clerk.scope()):  # within the wall of the school, as a clerk does it
        assert counts(bring_in(clerk, school, data)) == {"new": 120}
    last = Line.objects.order_by("id").last().pk
    with scope.use(clerk.scope()):
        assert counts(bring_in(clerk, school, data)) == {"unchanged": 120}
    written = set(Line.objects.filter(pk__gt=last).values_list("subject_table", flat=True))
    assert written == {"people_importrun", "files_storedfile"}
    assert Pupil.objects.filter(school=school).count() == 120
    assert Enrolment.objects.filter(school=school, status="studying", level="lower_secondary").count() == 120
    # One family in ten has two children at the school: 12 pairs share father and mother.
    assert Guardianship.objects.filter(pupil__pupil__school=school).count() == 240
    assert Person.objects.filter(wards__pupil__pupil__school=school).distinct().count() == 240 - 24


def test_every_value_lands_where_it_belongs(clerk, school):
    row = {
        "STT": 1, "Mã định danh Bộ GD&ĐT": 4500000017, "Mã HS": "HS01", "Họ và tên": "HỒ THỊ KĂN LỊCH",
        "Ngày sinh": date(2011, 3, 9),
        "Giới tính": "nữ", "Dân tộc": "Bru Vân Kiều", "Số ĐDCN/CCCD": 45311000123, "Nơi sinh": "Hướng Hóa",
        "Lớp": "Lớp 6A",
        "Quốc tịch": "Việt Nam", "Tôn giáo": "Không", "Họ tên bố": "hồ văn thới", "Năm sinh bố": 1984.0,
        "SĐT bố": 912345678,
        "Họ tên mẹ": "Hồ Thị Lương", "SĐT mẹ": "0987.654.321", "Bán trú": "x", "Diện bán trú": "Tự nguyện",
        "Hộ nghèo": "X",
        "Loại khuyết tật": "Vận động", "Ngày vào trường": "22/8/2022",
    }  # fmt: skip
    data = book(list(row), list(row.values()))
    assert look(clerk, school, data).faults == []
    bring_in(clerk, school, data)
    pupil = Pupil.objects.select_related("person").get(school=school)
    person = pupil.person
    assert (person.full_name, person.birth_date, person.gender, person.ethnic_code) == (
        "Hồ Thị Kăn Lịch",
        date(2011, 3, 9),
        "02",
        "23",
    )
    assert person.profile == {"religion_code": "99"}
    assert (pupil.code, pupil.local_code, person.personal_id, person.nationality_code) == (
        "4500000017",
        "HS01",
        "045311000123",
        "704",
    )
    assert pupil.profile == {"is_inclusive_disabled": True, "disability_kind_code": "01"}
    enrolment = person.enrolments.get()
    assert (enrolment.grade, enrolment.entry, enrolment.started_on) == ("6", "new", date(2022, 8, 22))
    assert enrolment.profile == {"is_day_boarder": True, "day_boarding_ground_code": "02", "poor_household": True}
    father, mother = (person.guardianships.get(kind=kind).adult for kind in ("father", "mother"))
    assert (father.full_name, father.phone, father.profile) == ("Hồ Văn Thới", "0912345678", {"birth_year": 1984})
    assert (mother.full_name, mother.phone) == ("Hồ Thị Lương", "0987654321")


@pytest.mark.parametrize(
    ("headings", "row"),
    [
        (("HỌ VÀ TÊN", "NGÀY, THÁNG, NĂM SINH", "LỚP"), ("Vừ A Sùng", "9/3/2011", "6A")),
        (("Lop", "ngay sinh", "Ho ten hoc sinh"), ("6A", "09-03-2011", "Vừ A Sùng")),
        (("TT", "Họ đệm", "Tên", "NTNS", "Khối"), (1, "Vừ A", "Sùng", date(2011, 3, 9), 6)),
        (("Họ và tên HS (*)", "Sinh ngày", "Tên lớp", "Ghi chú"), ("Vừ A Sùng", 40611, "6A", "mới")),
        (("Họ tên", "Năm sinh", "Ngày sinh / Ngày", "Ngày sinh / Tháng", "Lớp"), ("Vừ A Sùng", 2011, 9, 3, "6A")),
    ],
)
def test_headings_that_schools_write_are_recognised(clerk, school, headings, row):
    preview = look(clerk, school, book(headings, row))
    (one,) = preview.judged
    assert (one.state, one.faults) == ("new", [])
    assert (one.title, one.values["pupil"]["birth_date"], one.extra["grade"]) == ("Vừ A Sùng", date(2011, 3, 9), "6")


def test_headings_of_two_rows_with_merged_cells_under_titles(clerk, school):
    data = book(
        ["TRƯỜNG THCS THỬ NGHIỆM"],
        ["DANH SÁCH HỌC SINH NĂM HỌC 2022-2023"],
        ["STT", "Họ và tên", None, "Ngày sinh", "Nữ", "Lớp", "Cha", None, "Mẹ", None],
        [None, None, None, None, None, None, "Họ và tên", "SĐT", "Họ và tên", "SĐT"],
        [1, "Lò Văn", "Ún", "09/03/2011", None, "6A", "Lò Văn Ích", "0912345678", "Lò Thị Ẻn", None],
        [2, "Lò Thị", "Ín", "10/03/2011", "x", "6A", None, None, "Vi Thị Xuân", "0387654321"],
        merges=("A1:J1", "A2:J2", "A3:A4", "B3:C4", "D3:D4", "E3:E4", "F3:F4", "G3:H3", "I3:J3"),
    )
    preview = look(clerk, school, data)
    assert preview.faults == []
    first, second = preview.judged
    assert (first.title, first.values["pupil"]["gender_code"], first.values["pupil"]["father_phone"]) == (
        "Lò Văn Ún",
        "01",
        "0912345678",
    )
    assert (second.title, second.values["pupil"]["gender_code"], second.values["pupil"]["mother_name"]) == (
        "Lò Thị Ín",
        "02",
        "Vi Thị Xuân",
    )


def test_a_parents_phone_without_saying_whose_goes_to_the_first_named_one(clerk, school):
    headings = (*ONE, "Họ tên cha", "Họ tên mẹ", "SĐT phụ huynh")
    (both, one) = look(
        clerk,
        school,
        book(
            headings,
            ["Vừ A Sùng", "9/3/2011", "6A", "Vừ Mí Dính", "Giàng Thị Dở", "0912345678"],
            ["Sùng A Páo", "9/4/2011", "6A", "Sùng A Tủa", None, "0912345679"],
        ),
    ).judged
    assert "father_phone" not in both.values["pupil"]
    assert both.values["pupil"]["mother_phone"] == "0912345678"
    assert one.values["pupil"]["father_phone"] == "0912345679"


def test_wrong_rows_wait_with_place_and_remedy_and_right_ones_are_written(clerk, school):
    data = book(
        (*ONE, "Số CCCD", "Dân tộc"),
        ["Vừ A Sùng", "31/02/2011", "6A", None, "Kinh"],
        ["Lò Văn Ún", "9/3/2011", "6A", None, "Kinh"],
        [None, "9/3/2011", "6A", None, "Kinh"],
        ["Hồ Văn Pỉa", "9/4/2011", "10A", None, "Kinh"],
        ["Y Khoa Niê", "9/5/2011", "6A", "12345", "Sao Hỏa"],
        ["Bùi Thị Ơn", None, "6A", None, "Kinh"],
        title="Danh sách",
    )
    preview = look(clerk, school, data)
    assert [(preview.place_of(f), f.key) for f in preview.faults] == [
        ("B4", "birth_date"), ("A6", "full_name"), ("C7", "class_name"), ("D8", "personal_id"), ("E8", "ethnic_code"),
        ("B9", "birth_date"),
    ]  # fmt: skip
    assert all(f.sentence.endswith(".") for f in preview.faults)
    run = bring_in(clerk, school, data)
    assert counts(run) == {"new": 1, "faulty": 5}
    assert list(Pupil.objects.filter(school=school).values_list("person__full_name", flat=True)) == ["Lò Văn Ún"]

    page = load_workbook(BytesIO(runs.marked_copy(actor=clerk, run=run)))["Danh sách"]
    assert "ngày/tháng/năm" in page["B4"].comment.text
    assert page["B4"].fill.start_color.rgb.endswith("FECACA")
    assert page["A5"].comment is None
    assert page["A5"].value == "Lò Văn Ún"


def test_the_corrected_file_brings_in_the_rest(clerk, school):
    bring_in(clerk, school, book(ONE, ["Vừ A Sùng", "31/02/2011", "6A"], ["Lò Văn Ún", "9/3/2011", "6A"]))
    run = bring_in(clerk, school, book(ONE, ["Vừ A Sùng", "28/02/2011", "6A"], ["Lò Văn Ún", "9/3/2011", "6A"]))
    assert counts(run) == {"new": 1, "unchanged": 1}


def test_empty_cells_erase_nothing_and_new_values_are_taken(clerk, school):
    headings = (*ONE, "Mã HS", "SĐT", "Họ tên mẹ", "SĐT mẹ")
    bring_in(
        clerk,
        school,
        book(headings, ["Vừ A Sùng", "9/3/2011", "6A", "HS1", "0912345678", "Giàng Thị Dở", "0387654321"]),
    )
    run = bring_in(clerk, school, book(headings, ["Vừ A Sùng", "9/3/2011", "6A", "HS1", None, None, "0387654322"]))
    assert counts(run) == {"unchanged": 1}  # a phone of nobody is no change
    run = bring_in(
        clerk, school, book(headings, ["Vừ A Súng", "9/3/2011", "6A", "HS1", None, "Giàng Thị Dở", "0387654322"])
    )
    assert counts(run) == {"changed": 1}
    person = Pupil.objects.get(school=school).person
    assert (person.full_name, person.phone) == ("Vừ A Súng", "0912345678")
    assert person.name_folded == "vu a sung"
    assert person.guardianships.get().adult.phone == "0387654322"
    assert Person.objects.filter(school_ids__contains=[school.pk]).count() == 2


def test_a_row_finds_its_file_by_code_then_number_then_name_and_birth_date(clerk, school):
    by_code = PupilFactory(school=school, code="4500000001", local_code="")
    by_local = PupilFactory(school=school, code="", local_code="HS77")
    by_number = PupilFactory(school=school, code="", local_code="")
    by_name = PupilFactory(school=school, code="", local_code="", person__personal_id="")
    headings = (*ONE, "Mã định danh ngành", "Mã HS", "CCCD")
    rows = [
        [f"{p.person.full_name} mới", p.person.birth_date, "6A", code, local, number]
        for p, code, local, number in (
            (by_code, "4500000001", None, None), (by_local, None, "HS77", None),
            (by_number, None, None, by_number.person.personal_id),
        )
    ]  # fmt: skip
    rows.append([by_name.person.full_name, by_name.person.birth_date, "6A", None, None, None])
    judged = look(clerk, school, book(headings, *rows)).judged
    assert [one.found.pupil for one in judged] == [by_code, by_local, by_number, by_name]
    assert {one.state for one in judged} == {"changed"}  # each gets its year


def test_a_mother_who_is_the_guardian_too_is_tied_once(clerk, school):
    headings = (*ONE, "Họ tên mẹ", "SĐT mẹ", "Họ tên người giám hộ", "SĐT người giám hộ")
    row = ["Vừ A Sùng", "9/3/2011", "6A", "Giàng Thị Dở", "0912345678", "Giàng Thị Dở", "0912345678"]
    assert counts(bring_in(clerk, school, book(headings, row))) == {"new": 1}
    assert Guardianship.objects.get(pupil__pupil__school=school).kind == "mother"
    assert counts(bring_in(clerk, school, book(headings, row))) == {"unchanged": 1}


def test_another_mother_of_one_child_leaves_the_mother_of_the_other(clerk, school):
    headings = (*ONE, "Mã HS", "Họ tên mẹ", "SĐT mẹ")
    rows = [
        ["Vừ A Sùng", "9/3/2011", "6A", "HS1", "Giàng Thị Dở", "0912345678"],
        ["Vừ Thị Mỷ", "9/3/2012", "6A", "HS2", "Giàng Thị Dở", "0912345678"],
    ]
    bring_in(clerk, school, book(headings, *rows))
    rows[0][4:] = ["Lò Thị Ẻn", "0387654321"]
    assert counts(bring_in(clerk, school, book(headings, *rows))) == {"changed": 1, "unchanged": 1}
    mothers = Guardianship.objects.filter(pupil__pupil__school=school)
    assert dict(mothers.values_list("pupil__full_name", "adult__full_name")) == {
        "Vừ A Sùng": "Lò Thị Ẻn",
        "Vừ Thị Mỷ": "Giàng Thị Dở",
    }


def double(school, **changes):
    enrolment = EnrolmentFactory(
        school=school,
        person=PupilFactory(
            school=school,
            code="",
            local_code="",
            person__full_name="Hồ Văn Pỉa",
            person__birth_date=date(2011, 3, 9),
            person__personal_id="",
        ).person,
    )
    GuardianshipFactory(
        pupil=enrolment.person,
        kind="father",
        adult=PersonFactory(full_name="Hồ Văn Thới", gender="01", school_ids=[school.pk]),
    )
    return enrolment


def test_a_likely_double_waits_for_the_clerk_and_may_be_the_same_person(clerk, school):
    enrolment = double(school)
    data = book((*ONE, "Họ tên cha"), ["Hồ Văn Pỉa", "3/9/2011", "6A", "Hồ Văn Thới"])  # day and month swapped
    run = runs.start(actor=clerk, school=school, year=2022, kind="pupils", name="a.xlsx", data=data)
    assert counts(run) == {"suspect": 1}
    (suspect,) = runs.preview_of(actor=clerk, run=run).suspects
    assert [other.id for other in suspect.likely] == [enrolment.person_id]
    assert ("Ngày sinh", "03/09/2011") in suspect.facts
    assert ("Ngày sinh", "09/03/2011") in suspect.likely[0].facts
    run = runs.decide(actor=clerk, run=run, decisions={str(suspect.row.number): str(enrolment.person_id)})
    runs.apply(actor=clerk, run=run)
    enrolment.person.refresh_from_db()
    assert enrolment.person.birth_date == date(2011, 9, 3)
    assert Pupil.objects.filter(school=school).count() == 1


def test_a_likely_double_may_be_another_person_and_stays_so(clerk, school):
    double(school)
    data = book((*ONE, "Họ tên cha"), ["Hồ Văn Pỉa", "9/3/2011", "6A", "Hồ Văn Lâm"])  # another father
    run = runs.start(actor=clerk, school=school, year=2022, kind="pupils", name="a.xlsx", data=data)
    assert counts(run) == {"suspect": 1}
    run = runs.decide(actor=clerk, run=run, decisions={"1": "another"})
    assert counts(runs.apply(actor=clerk, run=run)) == {"new": 1}
    assert Pupil.objects.filter(school=school).count() == 2
    assert counts(bring_in(clerk, school, data)) == {"unchanged": 1}


def test_an_undecided_row_is_not_written_and_a_foreign_decision_is_refused(clerk, school):
    double(school)
    stranger = PupilFactory(school=school)
    data = book((*ONE, "Họ tên cha"), ["Hồ Văn Pỉa", "9/3/2011", "6A", "Hồ Văn Lâm"])
    run = runs.start(actor=clerk, school=school, year=2022, kind="pupils", name="a.xlsx", data=data)
    with pytest.raises(Invalid):
        runs.decide(actor=clerk, run=run, decisions={"1": str(stranger.person_id)})
    run.refresh_from_db()
    assert run.decisions == {}
    assert runs.apply(actor=clerk, run=run).done == 0
    assert Pupil.objects.filter(school=school).count() == 2


def test_codes_that_slipped_a_row_overwrite_nobody(clerk, school):
    bring_in(
        clerk,
        school,
        book((*ONE, "Mã HS"), ["Vừ A Sùng", "9/3/2011", "6A", "HS1"], ["Lò Văn Ún", "9/4/2011", "6A", "HS2"]),
    )
    run = bring_in(
        clerk,
        school,
        book((*ONE, "Mã HS"), ["Lò Văn Ún", "9/4/2011", "6A", "HS1"], ["Vừ A Sùng", "9/3/2011", "6A", "HS2"]),
    )
    assert counts(run) == {"suspect": 2}
    assert dict(Pupil.objects.filter(school=school).values_list("local_code", "person__full_name")) == {
        "HS1": "Vừ A Sùng",
        "HS2": "Lò Văn Ún",
    }


def test_the_same_pupil_twice_in_a_file_is_told(clerk, school):
    data = book(
        (*ONE, "Mã HS"),
        ["Vừ A Sùng", "9/3/2011", "6A", "HS1"],
        ["Lò Văn Ún", "9/4/2011", "6A", "HS1"],
        ["Sùng A Páo", "9/5/2011", "6A", None],
        ["sùng a páo", "9/5/2011", "6B", None],
    )
    preview = look(clerk, school, data)
    assert [(f.row + 1, f.key) for f in preview.faults] == [(3, "local_code"), (5, "full_name")]
    assert "dòng 2" in preview.faults[0].sentence
    assert preview.counts["new"] == 2


def test_a_code_of_another_schools_pupil_asks_for_a_transfer_and_tells_no_more(clerk, school):
    other = PupilFactory(code="4500000001")
    with scope.use(clerk.scope()):
        preview = look(clerk, school, book((*ONE, "Mã định danh ngành"), ["Vừ A Sùng", "9/3/2011", "6A", "4500000001"]))
    (fault,) = preview.faults
    assert "chuyển trường" in fault.sentence
    assert other.person.full_name not in fault.sentence


def test_doubts_are_shown_and_refuse_nothing(clerk, school):
    data = book(
        (*ONE, "Giới tính", "CCCD"),
        ["Vừ A Sùng", "9/3/2011", "6A", "Nam", "045310000001"],
        ["Lò Văn Ún", "9/3/2001", "6A", "Nam", None],
    )
    preview = look(clerk, school, data)
    assert preview.counts["new"] == 2
    assert sorted((d.row, d.key) for d in preview.doubts) == [(1, "personal_id"), (1, "personal_id"), (2, "birth_date")]
    assert "045310000001" not in str(preview.doubts)


def test_a_pupil_who_left_is_updated_but_does_not_come_back_by_a_file(clerk, school):
    enrolment = EnrolmentFactory(school=school)
    services.withdraw(actor=clerk, enrolment=enrolment, on=date(2022, 10, 1), reason_code="01")
    person = enrolment.person
    run = bring_in(clerk, school, book((*ONE, "SĐT"), [person.full_name, person.birth_date, "6A", "0912345678"]))
    assert counts(run) == {"changed": 1}
    enrolment.refresh_from_db()
    assert enrolment.status == "left"


def test_last_years_pupils_go_on_or_repeat(clerk, school):
    up, again = (EnrolmentFactory(school=school, year=2021, grade="6", status="completed") for _ in range(2))
    rows = [[one.person.full_name, one.person.birth_date, grade] for one, grade in ((up, "7"), (again, "6"))]
    bring_in(clerk, school, book(("Họ tên", "Ngày sinh", "Khối"), *rows))
    entries = {e.person_id: e.entry for e in Enrolment.objects.filter(school=school, year=2022)}
    assert entries == {up.person_id: "continued", again.person_id: "repeated"}


def test_only_who_may_import_looks_and_writes(school):
    data = book(HEADINGS, *pupil_rows(3))
    for one in (actor(Role.FORM_TEACHER, school), actor(Role.CLERK, SchoolFactory()), actor(Role.INSPECTOR, school)):
        with pytest.raises(NotAllowed):
            look(one, school, data)
        with pytest.raises(NotAllowed):
            bring_in(one, school, data)
    assert not Pupil.objects.filter(school=school).exists()
    assert not ImportRun.objects.exists()


def test_an_applied_run_is_closed_and_applying_again_does_nothing(clerk, school):
    run = runs.start(
        actor=clerk, school=school, year=2022, kind="pupils", name="a.xlsx", data=book(HEADINGS, *pupil_rows(3))
    )
    runs.queue(actor=clerk, run=run)
    run.refresh_from_db()
    assert run.state == "queued"
    done = runs.apply(actor=clerk, run=run)
    assert (done.state, done.done, done.total) == ("done", 3, 3)
    assert runs.apply(actor=clerk, run=run).applied_at == done.applied_at
    with pytest.raises(RuleError):
        runs.queue(actor=clerk, run=run)
    with pytest.raises(RuleError):
        runs.decide(actor=clerk, run=run, decisions={"1": "another"})


def test_a_run_keeps_no_names_outside_the_file(clerk, school):
    data = book(HEADINGS, *pupil_rows(3), ["x", "y", "Sùng A Páo", "31/2/2011"])
    run = runs.start(actor=clerk, school=school, year=2022, kind="pupils", name="a.xlsx", data=data)
    assert "Sùng" not in str(run.preview)
    assert "Nguyễn" not in str(run.preview)


def test_the_number_of_queries_does_not_grow_with_the_file(clerk, school, django_assert_max_num_queries):
    with scope.use(clerk.scope()), django_assert_max_num_queries(45):
        bring_in(clerk, school, book(HEADINGS, *pupil_rows(200)))


def test_the_blank_file_offers_the_code_lists_and_comes_back_filled(clerk, school):
    blank = load_workbook(BytesIO(runs.template(actor=clerk, school=school, year=2022, kind="pupils")))
    page = blank.worksheets[0]
    headings = {cell.value: cell.column_letter for cell in page[4]}
    assert {"Họ và tên", "Ngày sinh", "Lớp", "Dân tộc"} <= set(headings)
    lists = [v for v in page.data_validations.dataValidation if f"{headings['Giới tính']}5" in str(v.sqref)]
    assert "Nam,Nữ" in lists[0].formula1
    for heading, value in {
        "Họ và tên": "Vừ A Sùng",
        "Ngày sinh": "09/03/2011",
        "Lớp": "6A",
        "Giới tính": "Nam",
    }.items():
        page[f"{headings[heading]}5"] = value
    filled = BytesIO()
    blank.save(filled)
    assert counts(bring_in(clerk, school, filled.getvalue())) == {"new": 1}
