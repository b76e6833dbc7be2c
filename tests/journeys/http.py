"""A plain HTTP visitor: signs in as a browser would, keeps its cookies. For many at once, where browsers are heavy."""

import json
import re
import uuid
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener


class Visitor:
    def __init__(self, address: str, login: str, password: str) -> None:
        self.address = address
        self.jar = CookieJar()
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar))
        page = self.opener.open(f"{address}/tai-khoan/dang-nhap/", timeout=30).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "the sign-in page has no token"
        form = urlencode({"csrfmiddlewaretoken": token[1], "login": login, "password": password}).encode()
        answer = self.opener.open(f"{address}/tai-khoan/dang-nhap/", form, timeout=30)
        assert "/dang-nhap" not in answer.url, f"{login} could not sign in"

    @property
    def token(self) -> str:
        return next(cookie.value or "" for cookie in self.jar if cookie.name == "csrftoken")

    def get(self, path: str) -> str:
        return str(self.opener.open(self.address + path, timeout=30).read().decode())

    def post_json(self, path: str, body: dict[str, Any], timeout: float = 30) -> dict[str, Any]:
        request = Request(
            self.address + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": self.token},
        )
        answer: dict[str, Any] = json.load(self.opener.open(request, timeout=timeout))
        return answer

    def save_mark(
        self, sheet: str, row: str, column: str, value: str, version: int, timeout: float = 30
    ) -> dict[str, Any]:
        """One cell, as the grid sends it; returns the cell's answer."""
        cell = {"row": row, "col": column, "value": value, "version": version}
        body = {"cells": [cell], "request_id": str(uuid.uuid4())}
        found: dict[str, Any] = self.post_json(f"/so-diem/bang/{sheet}/o/", body, timeout)["cells"][0]
        return found
