"""For machines: is the process alive, is it ready to serve, what does it count."""

import os
import time
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

REQUESTS = Counter("sen_requests", "Requests by method and status", ["method", "status"])
SECONDS = Histogram("sen_request_seconds", "Seconds a request took", ["method"])


def count_requests(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the outermost: counts every answer and how long it took."""

    def handle(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        method = request.method if request.method in ("GET", "POST", "PUT", "DELETE") else "other"
        REQUESTS.labels(method, response.status_code).inc()
        SECONDS.labels(method).observe(time.perf_counter() - started)
        return response

    return handle


@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """Ready when the database answers, the schema is ours and the role cannot go round the walls."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT r.rolsuper OR r.rolbypassrls, to_regclass('people_person') IS NOT NULL,"
                " EXISTS (SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p'))"
                " FROM pg_roles r WHERE r.rolname = current_user"
            )
            bypasses, migrated, owns = cursor.fetchone()
    except Exception:
        return JsonResponse({"ready": False, "why": "database"}, status=503)
    if bypasses or owns or not migrated:
        why = "role" if bypasses or owns else "schema"
        return JsonResponse({"ready": False, "why": why}, status=503)
    return JsonResponse({"ready": True})


@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # several web processes count into one folder
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
