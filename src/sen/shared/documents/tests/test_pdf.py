"""Template and data become a PDF that shows every Vietnamese letter and carries its record."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from sen.shared.documents import pdf
from sen.shared.documents.attachments import attachments
from sen.shared.documents.fields import open_pdf
from sen.shared.kit.errors import Invalid, RuleError

from .factories import ISSUED, RECORD, SAMPLE, sample, sample_data

MARKED = "ăâđêôơư" + "".join(chr(code) for code in range(0x1EA1, 0x1EFA, 2))


def text_of(document: bytes, tmp_path: Path) -> str:
    path = tmp_path / "a.pdf"
    path.write_bytes(document)
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True).stdout.decode()


def test_every_vietnamese_letter_is_shown_in_both_cases(tmp_path: Path):
    document = pdf.render_pdf(SAMPLE, sample_data(closing=" ".join(MARKED + MARKED.upper())), issued_at=ISSUED)
    shown = text_of(document, tmp_path)
    assert [letter for letter in MARKED + MARKED.upper() if letter not in shown] == []


def test_the_form_carries_the_motto_the_agency_and_the_footer(tmp_path: Path):
    shown = text_of(sample(), tmp_path)
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "TRƯỜNG THCS HOA SEN",
        "Mã tài liệu: 0190f3c2",
        "Mã băm: 9F86 D081 884C 7D65",
        "BẢN THỬ NGHIỆM",
    ):
        assert part in shown, part


def test_an_official_document_bears_no_test_mark(tmp_path: Path):
    mark = pdf.Mark("1", "ab" * 32, "https://sen.example/k/1")
    assert "THỬ NGHIỆM" not in text_of(pdf.render_pdf(SAMPLE, sample_data(), mark=mark, issued_at=ISSUED), tmp_path)


def test_the_record_is_embedded_as_the_document_s_data():
    assert attachments(sample()) == {"ban-ghi.json": RECORD}


def test_the_file_declares_pdf_a_3_and_embeds_all_fonts(tmp_path: Path):
    path = tmp_path / "a.pdf"
    path.write_bytes(sample())
    metadata = open_pdf(sample()).root["/Metadata"].data.decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    fonts = subprocess.run(["pdffonts", str(path)], check=True, capture_output=True).stdout.decode().splitlines()[2:]
    assert fonts
    assert all(line.split()[-5:-2][0] == "yes" for line in fonts)


def test_the_same_input_gives_the_same_bytes():
    made = [pdf.render_pdf(SAMPLE, sample_data(), issued_at=ISSUED) for _time in range(2)]
    assert made[0] == made[1]
    assert made[0] != pdf.render_pdf(SAMPLE, sample_data(), issued_at=ISSUED + timedelta(days=1))


def test_data_are_text_and_never_code(tmp_path: Path):
    hostile = '#panic("x") #read("/etc/passwd") *đậm* $x^2$ @ref <label> \\u{41} // ghi chú'
    assert hostile in text_of(pdf.render_pdf(SAMPLE, sample_data(opening=hostile)), tmp_path)


def test_a_character_that_no_font_shows_is_named():
    with pytest.raises(RuleError) as caught:
        pdf.render_pdf(SAMPLE, sample_data(opening="Tên: 漢"))
    assert caught.value.code == "documents.unprintable"
    assert str(caught.value) == "Nội dung có ký tự không in được: 漢"


def test_a_template_that_leaves_the_record_out_is_an_error(tmp_path: Path):
    template = tmp_path / "bare.typ"
    template.write_text("Không dùng mẫu chung")
    with pytest.raises(ValueError, match="does not embed"):
        pdf.render_pdf(template, {}, attachments=[pdf.Attachment("a.json", b"{}")])


def test_a_template_reads_nothing_outside_its_folder(tmp_path: Path):
    (tmp_path / "secret.txt").write_text("bí mật")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "spy.typ").write_text('#read("../secret.txt")')
    with pytest.raises(Exception, match=r"escape the project root"):
        pdf.render_pdf(folder / "spy.typ", {})


def test_the_qr_code_on_the_page_is_the_address_of_the_verifier(tmp_path: Path):
    """The printed points, read back from the picture, are the modules of the code."""
    path = tmp_path / "a.pdf"
    path.write_bytes(sample())
    subprocess.run(["pdfimages", "-png", str(path), str(tmp_path / "qr")], check=True)
    (picture,) = tmp_path.glob("qr*.png")
    size, points = pdf.qr_points("https://sen.example/k/0190f3c2")
    raw = subprocess.run(["pdfimages", "-list", str(path)], check=True, capture_output=True).stdout.decode()
    assert f" {size} {size} " in " ".join(raw.split())
    assert picture.stat().st_size > 0
    assert points.count(0) > size


def test_what_is_no_pdf_has_no_attachments():
    with pytest.raises(Invalid):
        attachments(b"rubbish")
