"""The API: one router per package, signed in by the session, guarded against forged requests."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import SessionAuth

from sen.school.gradebook.api import router as gradebook
from sen.shared.kit.errors import RuleError

api = NinjaAPI(
    title="Sen API",
    version="1",
    description="Giao diện lập trình của Sen. Đăng nhập bằng phiên của trình duyệt; yêu cầu ghi cần mã CSRF.",
    auth=SessionAuth(csrf=True),
    urls_namespace="api",
)
api.add_router("/gradebook", gradebook)


@api.exception_handler(RuleError)
def rule_error(request: HttpRequest, error: RuleError) -> HttpResponse:
    return api.create_response(request, {"code": error.code, "message": str(error)}, status=error.status)


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return api.create_response(request, {"code": "not_found", "message": _("Không có mục này.")}, status=404)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = ["/".join(str(part) for part in fault["loc"]) for fault in error.errors]
    words = _("Dữ liệu không đúng dạng: {places}.").format(places=", ".join(places[:10]))
    return api.create_response(request, {"code": "invalid", "message": words}, status=400)
