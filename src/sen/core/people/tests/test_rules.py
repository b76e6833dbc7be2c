from datetime import date

import pytest

from sen.core.people import dictionary, rules
from sen.core.people.rules import Facts

PROVINCES = {code.flags["citizen_id_code"] for code in dictionary.codes("provinces").values()}


def doubts(number, born, gender):
    return {d.code for d in rules.personal_id_doubts(number, birth_date=born, gender=gender, provinces=PROVINCES)}


@pytest.mark.parametrize(
    ("number", "born", "gender", "expected"),
    [
        ("045211000123", date(2011, 3, 9), "01", set()),
        ("045311000123", date(2011, 3, 9), "02", set()),
        ("045084000123", date(1984, 3, 9), "01", set()),
        ("045311000123", date(2011, 3, 9), "01", {"personal_id.gender"}),
        ("045210000123", date(2011, 3, 9), "01", {"personal_id.year"}),
        ("045011000123", date(2011, 3, 9), "01", {"personal_id.year"}),  # century digit of 1900-1999
        ("145211000123", date(2011, 3, 9), "01", {"personal_id.province"}),
        ("145310000123", date(2011, 3, 9), "01", {"personal_id.province", "personal_id.gender", "personal_id.year"}),
        ("045211000123", None, "", set()),
        ("197123456", date(2011, 3, 9), "02", set()),  # a nine-digit card has no structure
        ("", date(2011, 3, 9), "02", set()),
    ],
)
def test_a_personal_number_agrees_with_province_sex_century_and_year(number, born, gender, expected):
    assert doubts(number, born, gender) == expected


def test_there_are_63_provinces_of_birth_registration():
    assert len(PROVINCES) == 63
    assert "001" in PROVINCES
    assert "096" in PROVINCES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("045211000123", "045211000123"),
        ("045 211 000 123", "045211000123"),
        ("45211000123", "045211000123"),  # Excel dropped the zero
        ("197123456", "197123456"),
        ("12345", None),
        ("04521100012X", None),
        ("٠٤٥٢١١٠٠٠١٢٣", None),
        ("", None),
    ],
)
def test_digits_of_a_personal_number_are_read_as_people_write_them(text, expected):
    assert rules.personal_id_digits(text) == expected


def test_a_personal_number_is_masked():
    assert rules.mask("079212341234") == "0792••••1234"
    assert rules.mask("197123456") == "1971••••3456"
    assert rules.mask("") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0912345678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0912.345.678", "0912345678"),
        ("912345678", "0912345678"),
        ("0233 385 2222", "02333852222"),
        ("091234567", None),
        ("01234567890", None),
        ("không có", None),
    ],
)
def test_phone_numbers_are_brought_to_one_form(text, expected):
    assert rules.phone(text) == expected


@pytest.mark.parametrize(
    ("born", "grade", "doubtful"),
    [
        (2016, "1", False),
        (2019, "1", False),  # three years early is the edge
        (2020, "1", True),
        (2011, "1", False),  # five years late is the edge
        (2010, "1", True),
        (2011, "6", False),
        (2005, "12", False),
        (1999, "12", True),
        (2018, "mau_giao", False),
    ],
)
def test_age_is_weighed_against_the_grade(born, grade, doubtful):
    assert bool(rules.age_doubt(birth_date=date(born, 6, 1), grade=grade, year=2022)) is doubtful


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6", "6"),
        ("06", "6"),
        ("Khối 6", "6"),
        ("lớp 12", "12"),
        ("K10", "10"),
        ("Mẫu giáo", "mau_giao"),
        ("13", None),
        ("", None),
    ],
)
def test_grades_are_read_as_people_write_them(text, expected):
    assert rules.grade_of(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("6A", "6"), ("Lớp 10A1", "10"), ("9/2", "9"), ("12 Toán", "12"), ("Lá 1", None), ("100", None)],
)
def test_the_grade_stands_in_the_name_of_a_class(name, expected):
    assert rules.grade_of_class(name) == expected


def test_the_level_follows_the_grade_and_what_the_school_teaches():
    assert rules.level_of("10", ["lower_secondary", "upper_secondary"]) == "upper_secondary"
    assert rules.level_of("10", ["continuing_upper"]) == "continuing_upper"
    assert rules.level_of("10", ["primary"]) is None


BASE = Facts("ho van pia", date(2011, 3, 9), parents=frozenset({"ho van thoi"}))


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (Facts("ho van pia", date(2011, 3, 9), parents=frozenset({"ho van thoi", "ho thi luong"})), "one"),
        (Facts("ho van pia", date(2011, 3, 9)), "one"),
        (Facts("ho van pia", date(2011, 3, 9), parents=frozenset({"ho van lam"})), "ask"),
        (Facts("ho van pia", date(2011, 9, 3), parents=frozenset({"ho van thoi"})), "ask"),  # day and month swapped
        (Facts("ho van pia", date(2011, 3, 19), parents=frozenset({"ho van thoi"})), "ask"),
        (Facts("ho van pia", None, parents=frozenset({"ho van thoi"})), "ask"),
        (Facts("ho van pia", date(2009, 7, 1), parents=frozenset({"ho van lam"})), "two"),
        (Facts("ho thi pia", date(2011, 3, 9), parents=frozenset({"ho van thoi"})), "two"),
    ],
)
def test_likeness_tells_one_two_or_ask(other, verdict):
    score = rules.likeness(BASE, other)
    assert ("one" if score >= rules.SURE else "ask" if score >= rules.SUSPECT else "two") == verdict


def test_codes_decide_when_both_sides_have_them():
    one = Facts("ho van pia", date(2011, 3, 9), code="4500000001")
    assert rules.likeness(one, Facts("ho van bia", date(2011, 3, 8), code="4500000001")) == 100
    assert rules.SUSPECT <= rules.likeness(one, Facts("ho van pia", date(2011, 3, 9), code="4500000002")) < rules.SURE


@pytest.mark.parametrize(
    ("day", "part"),
    [
        (date(2022, 9, 5), "1"),
        (date(2023, 1, 15), "1"),
        (date(2023, 1, 16), "2"),
        (date(2023, 5, 31), "2"),
        (date(2023, 7, 1), "summer"),
    ],
)
def test_days_fall_into_parts_of_the_year(day, part):
    assert rules.part_of_year(day) == part
