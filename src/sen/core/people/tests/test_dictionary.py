from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sen.core.people import dictionary, keeping
from sen.core.people.models import Enrolment, Person, Posting, Pupil, Staff

ENTITIES = ("pupil", "enrolment", "staff", "posting", "class")


def test_every_field_is_whole():
    rows = {"person": Person, "pupil": Pupil, "enrolment": Enrolment, "staff": Staff, "posting": Posting}
    for entity in ENTITIES:
        groups = {group.key for group in dictionary.groups(entity)}
        keys = [field.key for field in dictionary.fields(entity)]
        assert len(keys) == len(set(keys))
        for field in dictionary.fields(entity):
            assert field.label_vi, field
            assert field.label_en, field
            assert field.group in groups, field
            assert field.required in ("yes", "no", "conditional"), field
            assert field.protection in ("P2", "P3"), field
            assert field.code_list == "" or dictionary.codes(field.code_list), field
            assert (field.required == "conditional") <= bool(field.condition), field
            table = rows.get(field.table) or (Person if field.table in dictionary.FAMILY else None)
            if table is not None and field.column != "occupation":
                table._meta.get_field(field.column)


def test_conditions_name_known_fields():
    around = {"level", "grade", "status", "entry", "adult"}
    for entity in ENTITIES:
        for field in dictionary.fields(entity):
            for part in filter(None, field.condition.split("&")):
                assert part.lstrip("!").partition("=")[0] in {*dictionary.by_key(entity), *around}, field


def test_code_lists_are_whole():
    for path in sorted((dictionary.DATA / "code-lists").glob("*.csv")):
        entries = dictionary.codes(path.stem)
        assert entries, path
        assert all(entry.code and entry.name_vi and entry.name_en for entry in entries.values()), path
    assert len(dictionary.codes("ethnic-groups")) == 55
    assert dictionary.codes("ethnic-groups")["08"].flags["is_minority"] == "yes"


@pytest.mark.parametrize(
    ("code_list", "text", "expected"),
    [
        ("ethnic-groups", "Kinh", "01"),
        ("ethnic-groups", "kinh", "01"),
        ("ethnic-groups", "1", "01"),
        ("ethnic-groups", "H'Mông", "08"),
        ("ethnic-groups", "Mông", "08"),
        ("ethnic-groups", "Gia Rai", "10"),
        ("genders", "NỮ", "02"),
        ("genders", "nu", "02"),
        ("countries", "Việt Nam", "704"),
        ("provinces", "Quảng Trị", "45"),
        ("provinces", "tỉnh quảng trị", "45"),
        ("genders", "X", None),
    ],
)
def test_codes_are_found_by_code_and_by_name(code_list, text, expected):
    assert dictionary.code_of(code_list, text) == expected


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("birth_date", "5/9/2011", date(2011, 9, 5)),
        ("birth_date", "05-09-2011", date(2011, 9, 5)),
        ("birth_date", "2011-09-05", date(2011, 9, 5)),
        ("birth_date", datetime(2011, 9, 5), date(2011, 9, 5)),  # noqa: DTZ001  # Excel knows no zone
        ("is_pioneer", "x", True),
        ("is_pioneer", "", None),
        ("is_pioneer", "Không", False),
        ("email", "Huong.Nguyen@Truong.edu.vn", "huong.nguyen@truong.edu.vn"),
        ("mobile_phone", 912345678, "0912345678"),
        ("student_code", 4500123.0, "4500123"),
        ("father_birth_year", "1984", 1984),
        ("permanent_ward_code", "19432 – Phường 1", "19432"),
    ],
)
def test_values_are_read_as_people_write_them(key, text, expected):
    kept, errors = dictionary.read("pupil", {key: text, "father_name": "Hồ Văn Thới"})
    assert errors == {}
    assert kept[key] == expected


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("birth_date", "31/02/2011"),
        ("birth_date", "2011"),
        ("birth_date", "1/1/0001"),
        ("ethnic_code", "Sao Hỏa"),
        ("email", "khong phai"),
        ("mobile_phone", "12"),
        ("personal_id", "12345"),
        ("register_no", "x" * 31),
        ("is_pioneer", "có lẽ"),
        ("full_name", "  "),
        ("no_such_field", "1"),
    ],
)
def test_wrong_values_are_refused_with_a_sentence(key, text):
    errors = dictionary.validate("pupil", {key: text})
    assert list(errors) == [key]
    assert errors[key].endswith(".")


def test_a_refused_personal_number_is_not_repeated():
    assert "0452110001" not in dictionary.validate("pupil", {"personal_id": "0452110001"})["personal_id"]


def test_conditional_fields_are_asked_for_when_they_apply_and_emptied_when_not():
    wanting = dictionary.validate("pupil", {"is_inclusive_disabled": "x", "disability_kind_code": ""})
    assert list(wanting) == ["disability_kind_code"]
    kept, errors = dictionary.read("pupil", {"is_inclusive_disabled": "", "disability_kind_code": "01"})
    assert errors == {}
    assert kept["disability_kind_code"] == ""
    assert dictionary.validate("enrolment", {"dropout_reason_code": ""}, {"status": "left"})
    assert not dictionary.validate("enrolment", {"dropout_reason_code": ""}, {"status": "studying"})


def test_what_is_missing_is_told():
    assert {field.key for field in dictionary.missing("pupil", {"full_name": "Vừ A Sùng"})} == {
        "birth_date",
        "gender_code",
        "ethnic_code",
    }


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ("", {}, True),
        ("level=preschool|primary", {"level": "primary"}, True),
        ("level=preschool|primary", {"level": "lower_secondary"}, False),
        ("is_pioneer=true", {"is_pioneer": True}, True),
        ("is_pioneer=true", {}, False),
        ("father_name", {"father_name": "Hồ Văn Thới"}, True),
        ("!father_name", {"father_name": ""}, True),
        ("status=left&!father_name", {"status": "left", "father_name": "X"}, False),
    ],
)
def test_the_language_of_conditions(condition, values, expected):
    assert dictionary.holds(condition, values) is expected


@given(
    st.sampled_from([field for entity in ENTITIES for field in dictionary.fields(entity)]),
    st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.dates(), st.datetimes()),
)
def test_no_value_crashes_the_dictionary_and_what_is_kept_is_kept_again(field, value):
    kept, errors = dictionary.read(field.entity, {field.key: value})
    if not errors:
        again, errors = dictionary.read(field.entity, {field.key: kept[field.key]})
        assert errors == {}
        assert again == kept
        if field.in_profile:
            row = Pupil(profile={})
            keeping.put(row, field, kept[field.key])
            assert dictionary.as_text(keeping.value(field, row)) == dictionary.as_text(kept[field.key] or None)
            assert dictionary.shown(field, keeping.value(field, row)) is not None


def test_a_heading_means_one_column_of_a_kind():
    from sen.core.people.imports import targets
    from sen.shared.documents.headings import folded

    assert set(targets.kinds()) == {"pupils", "staff", "classes", "assignments"}
    for kind in targets.kinds():
        target = targets.target(kind)
        meant = {}
        for column in target.columns:
            for heading in column.headings:
                assert meant.setdefault(folded(heading), column.key) == column.key, (kind, heading)
        known = {column.key for column in target.columns}
        assert set(targets.headings(kind)) - known <= {"lessons_per_week"}, kind
        assert all(key in known for keys in target.required for key in keys), kind
