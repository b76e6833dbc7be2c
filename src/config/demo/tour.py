"""The guided tour: accounts of every role with names that are easy to type, and the note that lists them."""

from datetime import date
from pathlib import Path

from config.demo.plan import TOUR_SCHOOL
from sen.core.identity.models import Account, Grant
from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation

# One passphrase for every demo account; its hash is made once, for 8,000 would take minutes.
PASSWORD = "hoa-sen-trong-dam"  # noqa: S105  # printed on the screen by `sen run`
SINCE = date(2021, 8, 1)
# (login, name on the screen, role, kind and code of the organisation)
OFFICERS = (
    ("vanhanh", "Quản trị hệ thống (mẫu)", Role.OPERATOR, "ministry", ""),
    ("chuyenvien.bo", "Chuyên viên Bộ (mẫu)", Role.MINISTRY_OFFICER, "ministry", ""),
    ("chuyenvien.so", "Chuyên viên Sở (mẫu)", Role.DEPARTMENT_OFFICER, "department", "45"),
    ("chuyenvien.phong", "Chuyên viên Phòng (mẫu)", Role.OFFICE_OFFICER, "office", "461"),
    ("thanhtra", "Thanh tra Sở (mẫu)", Role.INSPECTOR, "school", TOUR_SCHOOL),
    ("kiemtoan", "Kiểm toán nhật ký (mẫu)", Role.AUDITOR, "school", TOUR_SCHOOL),
)
SCHOOL_ROLES = (
    ("hieutruong", Role.PRINCIPAL),
    ("hieupho", Role.VICE_PRINCIPAL),
    ("vanthu", Role.CLERK),
    ("chunhiem", Role.FORM_TEACHER),
    ("giaovien", Role.SUBJECT_TEACHER),
    ("hocsinh", Role.PUPIL),
    ("phuhuynh", Role.PARENT),
)


def make_officers(password_hash: str) -> None:
    """Accounts outside the schools. Safe to call twice."""
    for login, name, role, kind, code in OFFICERS:
        place = Organisation.objects.filter(kind=kind)
        organisation = (place.filter(code=code) if code else place).get()
        account, _ = Account.objects.get_or_create(
            username=login, defaults={"full_name": name, "password": password_hash}
        )
        Grant.objects.get_or_create(
            account=account,
            role=role,
            organisation=organisation,
            valid_to=None,
            defaults={"valid_from": SINCE, "basis": "Dữ liệu mẫu"},
        )


def name_school_accounts(school_code: str = TOUR_SCHOOL) -> None:
    """Give the first account of each role of the tour's school a login that is easy to type."""
    for login, role in SCHOOL_ROLES:
        grants = Grant.objects.filter(role=role, organisation__code=school_code, organisation__kind="school")
        # The form teacher of the tour still leads a class: the last ones made are of the newest year.
        grant = grants.order_by("-pk" if role is Role.FORM_TEACHER else "pk").first()
        if grant is not None and not Account.objects.filter(username=login).exists():
            Account.objects.filter(pk=grant.account_id).update(username=login)


def note() -> str:
    """The text `sen run` prints: who may be tried, in which role and where."""
    rows = []
    logins = [login for login, *_ in OFFICERS] + [login for login, _ in SCHOOL_ROLES]
    grants = Grant.objects.filter(account__username__in=logins).select_related("account", "organisation")
    names = {
        span.organisation_id: span.name
        for organisation in {grant.organisation for grant in grants}
        for span in organisation.spans.order_by("valid_from")[:1]
    }
    for grant in sorted(
        grants, key=lambda grant: (list(Role).index(Role(grant.role)), logins.index(grant.account.username))
    ):
        rows.append(f"  {grant.account.username:<18} {Role(grant.role).label:<24} {names[grant.organisation_id]}")
    return "\n".join(
        [
            f"Tài khoản mẫu (mật khẩu chung: {PASSWORD})",
            *rows,
            "Vai trò cần xác thực hai lớp: trang đăng nhập của bản mẫu hiện mã để nhập.",
        ]
    )


def write_note(path: Path) -> None:
    path.write_text(note() + "\n")
