"""Every worked case passes, and the checker itself cannot be fooled."""

import unicodedata
from pathlib import Path

import pytest

from sen.school.gradebook.rules.vectors import UnusableFolder, check_folder, main

VECTORS = Path(__file__).parent / "vectors"
HEADER = "case_id,rl_hk1,rl_hk2,expected_rl_cn"


def table(folder: Path, text: str, name: str = "bang.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_every_vector_passes() -> None:
    report = check_folder(VECTORS)
    assert not [str(failure) for failure in report]
    assert report.passed == 181


def test_the_command_counts_and_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(VECTORS) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "181 passed, 0 failed"


def test_a_wrong_expectation_fails_once_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table(tmp_path, f"{HEADER}\nR01,Tốt,Tốt,Khá\nR02,Tốt,Khá,Khá\n")
    assert main(tmp_path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["R01: expected_rl_cn: expected “Khá”, got “Tốt” (bang.csv:2)", "1 passed, 1 failed"]


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("secondary-year-circular22.csv", "expected_ht"),
        ("secondary-year-circular58.csv", "expected_dtb_cn"),
        ("subject-averages.csv", "expected_cn"),
        ("primary-circular27.csv", "expected_level"),
        ("regime-across-years.csv", "expected_regime_2"),
        ("pipeline-secondary.csv", "expected_avg_cn"),
    ],
)
def test_a_spoilt_column_of_every_shape_is_noticed(tmp_path: Path, file: str, column: str) -> None:
    lines = (VECTORS / file).read_text(encoding="utf-8").splitlines()
    names = lines[0].split(",")
    spoilt = lines[1].split(",")
    where = names.index(column)
    spoilt[where] = "toan=1.1" if "avg" in column else "1.1"
    table(tmp_path, f"{lines[0]}\n{','.join(spoilt)}\n", file)
    assert [failure.column for failure in check_folder(tmp_path)] == [column]


@pytest.mark.parametrize("file", ["conduct-matrix-circular22.csv", "pipeline-secondary.csv", "regime-selection.csv"])
def test_an_expected_column_nobody_understands_is_a_failure(tmp_path: Path, file: str) -> None:
    first, second = (VECTORS / file).read_text(encoding="utf-8").splitlines()[:2]
    table(tmp_path, f"{first},expected_weather\n{second},sunny\n", file)
    (failure,) = check_folder(tmp_path)
    assert failure.column == "expected_weather"
    assert "not understood" in failure.got


def test_the_same_columns_are_found_under_other_names(tmp_path: Path) -> None:
    text = (VECTORS / "pipeline-secondary.csv").read_text(encoding="utf-8")
    renamed = text.replace("hk1_marks", "marks_term1").replace("hk2_marks", "marks_hk2")
    renamed = renamed.replace("expected_avg_hk1", "expected_averages_hk1").replace(
        "expected_ht_cn", "expected_cn_level"
    )
    renamed = renamed.replace("rl_hk1,rl_hk2,rl_cn", "conduct_hk1,conduct_hk2,hanh_kiem_cn", 1)
    report = check_folder(table(tmp_path, renamed))
    assert (report.passed, report.failed) == (22, 0), [str(failure) for failure in report]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Tệp rỗng"),
        (f"{HEADER}\n", "không có dòng nào"),
        (f"{HEADER}\nR01,Tốt\n", "số ô khác"),
        (f"{HEADER}\nR01,Tốt,Tốt,Tốt,Tốt\n", "số ô khác"),
        (f'{HEADER}\nR01,"Tốt,Tốt,Tốt\n', "CSV hỏng"),
        ("case_id,nothing\nX,1\n", "chưa biết"),
        (f"{HEADER}\nR01,Tuyệt,Tốt,Tốt\n", "không tính được"),
        ("case_id,rl_hk1,rl_hk2,marks_cn\nX,Tốt,Tốt,toan=8\n", "không có cột expected_ nào"),
    ],
)
def test_a_broken_table_gives_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    report = check_folder(table(tmp_path, text))
    assert report.failed == 1
    assert says in report.failures[0].got


def test_a_table_that_is_not_text_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "anh.csv").write_bytes(b"\x89PNG\xff\xfe\x00")
    assert "UTF-8" in check_folder(tmp_path).failures[0].got


def test_a_missing_or_empty_folder_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UnusableFolder, match="Không có thư mục"):
        check_folder(tmp_path / "nowhere")
    with pytest.raises(UnusableFolder, match="không có tệp CSV"):
        check_folder(tmp_path)
    assert main(tmp_path) == 2
    assert "không có tệp CSV" in capsys.readouterr().err


def test_decomposed_vietnamese_is_the_same_vietnamese(tmp_path: Path) -> None:
    table(tmp_path, unicodedata.normalize("NFD", f"{HEADER}\nR02,Tốt,Đạt,Khá\n"))
    assert check_folder(tmp_path).passed == 1


@pytest.mark.parametrize(
    ("marks", "exempt", "expected"),
    [
        ("gdcd:8 8|8|P", "", "gdcd=INCOMPLETE"),
        ("gdcd:8 8|8", "", "gdcd=INCOMPLETE"),
        ("gdcd:8 -|8|8", "", "gdcd=INCOMPLETE"),
        ("gdcd:8 8|8|8", "gdcd", "gdcd=EXEMPT"),
        ("gdcd:8 8|8|8", "gdcd=hk1", "gdcd=EXEMPT"),
        ("gdcd:EXEMPT", "", "gdcd=EXEMPT"),
        ("mon_la:8 8 8|8|8", "", "mon_la=8.0"),
    ],
)
def test_gaps_and_waivers_are_read_in_the_ways_people_write_them(
    tmp_path: Path, marks: str, exempt: str, expected: str
) -> None:
    header = "case_id,regime,grade,marks_hk1,marks_hk2,exempt,expected_avg_hk1"
    report = check_folder(table(tmp_path, f"{header}\nX,tt22-2021,6,{marks},{marks},{exempt},{expected}\n"))
    assert (report.passed, report.failed) == (1, 0), [str(failure) for failure in report]
