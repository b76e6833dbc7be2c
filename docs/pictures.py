"""Takes the pictures of the documents from a running demo: `python docs/pictures.py http://127.0.0.1:8000 [name ...]`.

Needs `sen run` with the small demo in the data folder (SEN_DATA), whose database is asked who can be looked at, and a
worker that has built the transcripts of a class. Changes a little: a workbook is given to the import's preview, two
marks are typed, a transcript is downloaded. Chromium is the one of the tests. Pictures are written to
docs/pages/pictures/, with a palette when Pillow is there (about a third of the bytes).
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parent / "pages" / "pictures"
PASSWORD = "hoa-sen-trong-dam"  # noqa: S105  # of every demo account
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
COLOURS = 64
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--lang=vi"]
Steps = Callable[[Page], object]


@dataclass(frozen=True)
class Picture:
    """One picture: who looks ("" for nobody), where, in which year and term, and what is done before the shutter."""

    name: str
    login: str
    path: str
    steps: tuple[Steps, ...] = ()
    phone: bool = False
    when: tuple[int, int] = (2022, 2)
    part: str = ""


def follow(selector: str) -> Steps:
    """Open the first link or button that matches and wait for what comes."""

    def step(page: Page) -> None:
        page.locator(selector).first.click()
        page.wait_for_load_state("networkidle")

    return step


def row(text: str, selector: str = "a") -> Steps:
    """Open a link in the table row that holds `text`."""
    return follow(f"tr:has-text('{text}') {selector}")


def upload(page: Page) -> None:
    """A list of pupils as a school would send it, with two mistakes in it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["DANH SÁCH HỌC SINH NĂM HỌC 2022-2023"])
    sheet.append([])
    sheet.append(["STT", "Họ và tên", "NTNS", "Nam/Nữ", "Dân tộc", "Số ĐDCN", "Lớp", "Họ tên bố", "SĐT bố"])
    people = (
        ("Hồ Thị Mai Anh", "12/05/2011", "Nữ", "Bru Vân Kiều", "045311004512", "6A", "Hồ Văn Pườn", "0912000111"),
        ("Nguyễn Hoàng Bách", "30/02/2011", "Nam", "Kinh", "045211008812", "6A", "Nguyễn Văn Lâm", "0912000222"),
        ("Trần Khánh Chi", "03/11/2011", "Nữ", "Kinh", "045311007731", "6B", "Trần Quốc Dũng", "0912000333"),
        ("Lê Minh Đức", "21/08/2011", "Nam", "Kinh", "045211001190", "6Z", "Lê Văn Hậu", "0912000444"),
        ("Phan Gia Huy", "17/01/2011", "Nam", "Kinh", "045311006624", "6C", "Phan Văn Tú", "0912000555"),
    )
    for number, person in enumerate(people, 1):
        sheet.append([number, *person])
    folder = Path(tempfile.mkdtemp())
    try:
        path = folder / "hoc-sinh-khoi-6.xlsx"
        book.save(path)
        page.check("input[value=pupils]")
        page.set_input_files("input[type=file]", path)
        page.click("main button[type=submit]")
        page.wait_for_load_state("networkidle")
    finally:
        shutil.rmtree(folder)


def choose_a_cell(page: Page) -> None:
    """Stand in a cell, so that one sees where one is."""
    page.locator("mark-grid td[data-kind=mark] input").nth(6).click()
    page.wait_for_timeout(300)


def write_marks(page: Page) -> None:
    """Type a mark in an empty cell and another one over it, then open the history of that pupil."""
    cell = page.locator("mark-grid td[data-kind=mark]:has(input[value=''])").first
    for typed in ("7", "75"):
        cell.locator("input").click()
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.wait_for_timeout(2500)
    cell.locator("xpath=ancestor::tr").locator("th a").click()
    page.wait_for_timeout(800)
    up(page)


def up(page: Page) -> None:
    """A dialog from its beginning."""
    page.wait_for_selector("dialog[open] table")
    page.wait_for_timeout(500)
    page.evaluate("document.querySelectorAll('dialog, dialog *').forEach((part) => { part.scrollTop = 0 })")


def wait_for_pdf(page: Page) -> None:
    page.wait_for_timeout(2500)


def verify(page: Page) -> None:
    """A sealed transcript of the pupil's own, given to the public page."""
    with page.expect_download() as download:
        page.locator("a[href*='/tep/pdf/']").first.click()
    path = download.value.path()
    page.goto(f"{page.url.split('/hoc-ba/')[0]}/xac-thuc/")
    page.set_input_files(
        "input[type=file]", {"name": "hoc-ba.pdf", "mimeType": "application/pdf", "buffer": path.read_bytes()}
    )
    page.click("main button[type=submit]")
    page.wait_for_load_state("networkidle")


@dataclass(frozen=True)
class Cast:
    """Logins of the demo that have something to show. `open_school` is in the middle of term II."""

    open_school: str
    teacher: str
    form_teacher: str
    clerk: str
    head: str
    signer: str
    pupil: str
    sealed: str
    summer: str


def cast() -> Cast:
    """Ask the database of the demo; runs in a process of the application, in the scope of the whole system."""
    from config.command import database, setup_django

    with database():
        setup_django()
        from sen.core.curriculum.models import Assignment, SchoolClass
        from sen.core.identity.models import Account, Grant
        from sen.school.gradebook.models import Result, Sheet
        from sen.school.transcripts.models import SignatureStep, Transcript
        from sen.shared.kit import scope

        def login(role: str, school: object) -> str:
            return Grant.objects.filter(role=role, organisation=school).order_by("pk")[0].account.username

        with scope.use(scope.whole_system("pictures")):
            sheets = Sheet.objects.filter(year=2022, term=2, locked_at=None, school_class__grade="6")
            sheet = sheets.filter(class_subject__subject__key="toan", school_class__name="6B").order_by("pk")[0]
            teacher = Assignment.objects.filter(class_subject=sheet.class_subject, until=None)[0].teacher
            sealed = Transcript.objects.filter(
                state="sealed", person__account__isnull=False, school__grants__account__username="hieutruong"
            )[0]
            step = SignatureStep.objects.filter(
                role="form_teacher", signed_at=None, transcript__state="built", transcript__year=2022
            )[0]
            summer = Result.objects.filter(
                term=0, year=2022, outcome="RETEST", school__grants__account__username="hieutruong"
            )
            room = SchoolClass.objects.filter(pk__in=summer.values("school_class_id")).order_by("-position")[0]
            return Cast(
                open_school=sheet.school.code,
                teacher=teacher.account.username,
                form_teacher=sheet.school_class.form_teacher.account.username,
                clerk=login("clerk", sheet.school),
                head=login("principal", sheet.school),
                signer=step.signer.account.username,
                pupil=Account.objects.get(person=sealed.person).username,
                sealed=f"/hoc-ba/{sealed.pk}/",
                summer=f"/so-diem/lop/{room.pk}/trong-he/",
            )


def album(who: Cast) -> tuple[Picture, ...]:
    sheet, first = row("6B · Toán"), follow("main tbody th a")
    area = f"/so-diem/khu-vuc/?q={who.open_school}"
    return (
        Picture("dang-nhap", "", "/tai-khoan/dang-nhap/", part=".plain-card"),
        Picture("viec-hom-nay", who.form_teacher, "/"),
        # văn thư
        Picture("nhap-excel", who.clerk, "/nhap-excel/"),
        Picture("nhap-excel-xem-truoc", who.clerk, "/nhap-excel/", (upload,)),
        Picture("lop", who.clerk, "/lop-hoc/"),
        Picture("phan-cong", who.clerk, "/lop-hoc/phan-cong/"),
        Picture("ho-so-hoc-sinh", who.clerk, "/hoc-sinh/", (follow("main tbody a"),)),
        Picture("tai-khoan", who.clerk, "/tai-khoan-truong/"),
        # giáo viên
        Picture("so-diem", who.teacher, "/so-diem/"),
        Picture("bang-diem", who.teacher, "/so-diem/", (sheet, choose_a_cell)),
        Picture("bang-diem-dien-thoai", who.teacher, "/so-diem/", (sheet, choose_a_cell), phone=True),
        Picture("lich-su-o", who.teacher, "/so-diem/", (sheet, write_marks)),
        # chủ nhiệm
        Picture("so-lop", who.form_teacher, "/so-diem/lop/", (first,), when=(2022, 1)),
        Picture("ket-qua-mot-em", who.form_teacher, "/so-diem/lop/", (first, first, up), when=(2022, 1)),
        Picture("trong-he", "hieutruong", who.summer),
        # ban giám hiệu
        Picture("tien-do", who.head, "/so-diem/truong/"),
        Picture("khoa-so", who.head, "/so-diem/khoa-so/"),
        Picture("khoa-ky", who.head, "/hoc-ba/khoa-ky/"),
        Picture("ky-hoc-ba", who.signer, "/hoc-ba/ky/form_teacher/?year=2022"),
        Picture("hoc-ba-truong", "hieutruong", "/hoc-ba/?year=2022"),
        Picture("hoc-ba", "hieutruong", who.sealed, (wait_for_pdf,), when=(2021, 2)),
        # chuyên viên
        Picture("khu-vuc", "chuyenvien.so", "/so-diem/khu-vuc/"),
        Picture("khu-vuc-truong", "chuyenvien.so", area, (first,)),
        Picture("co-quan", "chuyenvien.so", "/co-quan/"),
        # gia đình, người nhận
        Picture("gia-dinh", "hocsinh", "/so-diem/ket-qua/", phone=True),
        Picture("gia-dinh-hoc-ba", who.pupil, "/hoc-ba/cua-em/", phone=True, when=(2021, 2)),
        Picture("xac-thuc", who.pupil, "/hoc-ba/cua-em/", (verify,), when=(2021, 2), part=".plain-card"),
    )  # fmt: skip


def sign_in(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/tai-khoan/dang-nhap/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.click("form button[type=submit]")
    page.wait_for_load_state("networkidle")
    if "bao-ve/ma" in page.url:
        shown = re.search(r"\d{6}", page.inner_text("#demo-code"))
        assert shown is not None
        page.fill("input[name=code]", shown[0])
        page.click("form:has(input[name=code]) button[type=submit]")
        page.wait_for_load_state("networkidle")


def take(browser: Browser, address: str, picture: Picture, sessions: dict[str, Any]) -> None:
    """One picture. A person signs in once: a code of the second factor is good for one sign-in."""
    context = browser.new_context(
        viewport=PHONE if picture.phone else DESK, locale="vi-VN", storage_state=sessions.get(picture.login)
    )
    page = context.new_page()
    if picture.login:
        if picture.login not in sessions:
            sign_in(page, address, picture.login)
            sessions[picture.login] = context.storage_state()
        page.goto(f"{address}/nam-hoc/?year={picture.when[0]}&term={picture.when[1]}&next=/")
    answer = page.goto(f"{address}{picture.path}")
    assert answer is not None and answer.ok, page.url
    for step in picture.steps:
        step(page)
    assert not picture.login or "/tai-khoan/" not in page.url, page.url
    page.wait_for_timeout(700)
    data = smaller(page.locator(picture.part).screenshot() if picture.part else page.screenshot())
    (PICTURES / f"{picture.name}.png").write_bytes(data)
    sys.stdout.write(f"{picture.name:28} {len(data) / 1000:6.0f} kB  {page.url}\n")
    context.close()


def smaller(data: bytes) -> bytes:
    """The picture with a palette; as it is where Pillow is not installed."""
    try:
        from PIL import Image
    except ImportError:
        return data
    output = BytesIO()
    Image.open(BytesIO(data)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        output, "PNG", optimize=True
    )
    return output.getvalue()


def main(arguments: list[str]) -> int:
    address, names = arguments[0].rstrip("/"), set(arguments[1:])
    PICTURES.mkdir(exist_ok=True)
    who = cast()
    failed = 0
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        sessions: dict[str, Any] = {}
        for picture in album(who):
            if not names or picture.name in names:
                try:
                    take(browser, address, picture, sessions)
                except Exception as error:
                    failed += 1
                    sys.stdout.write(f"{picture.name}: {str(error).splitlines()[0]}\n")
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
