"""A real server with the tiny demo, and a real browser in front of it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config import embedded
from config.demo.tour import PASSWORD

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@dataclass
class Site:
    """The running server: its address, its database for a look behind, and a way to kill it."""

    address: str
    admin_url: str
    environment: dict[str, str]
    process: "subprocess.Popen[bytes]"

    def start(self) -> None:
        port = self.address.rsplit(":", 1)[1]
        self.process = subprocess.Popen(
            [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port", port, "--workers", "1",
             "--log-level", "error", "config.wsgi:application"],
            env=self.environment, start_new_session=True, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not become ready")

    def kill(self) -> None:
        """SIGKILL for the server and its workers: what a power cut does."""
        os.killpg(self.process.pid, 9)
        self.process.wait()


@pytest.fixture(scope="session")
def site(database_server, tmp_path_factory) -> Iterator[Site]:
    name = f"sen_site_{os.getpid()}"
    database_server.copy_template(name)
    admin_role = database_server.admin_role
    admin = database_server.url(name, admin_role)
    data = tmp_path_factory.mktemp("site")
    environment = {
        **os.environ,
        "SEN_DATA": str(data),
        "SEN_DEMO": "1",
        "DATABASE_URL": database_server.url(name, embedded.APPLICATION),
        "OWNER_DATABASE_URL": database_server.url(name, embedded.OWNER),
        "SEN_LOADER_URL": admin,
    }
    made = subprocess.run(
        [sys.executable, "-m", "config", "demo", "--size", "tiny"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-3000:]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Site(f"http://127.0.0.1:{port}", admin, environment, None)  # type: ignore[arg-type]
    running.start()
    yield running
    running.kill()
    database_server.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(
        (found for found in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if found), None
    )
    assert path, "no Chromium: run `make browser`"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator["Visit"]:
    visits: list[BrowserContext] = []

    def enter(login: str = "", *, viewport: dict[str, int] = DESK) -> Page:
        context = browser.new_context(viewport=viewport, locale="vi-VN", base_url=site.address)
        visits.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        if login:
            sign_in(page, login)
        return page

    yield enter
    for context in visits:
        context.close()


Visit = object


def sign_in(page: Page, login: str) -> None:
    """As a person does: name, passphrase, and the second factor whose code the demo shows."""
    page.goto("/tai-khoan/dang-nhap/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button[type=submit]")
    page.wait_for_load_state()
    if "/bao-ve/ma" in page.url:
        code = re.search(r"\b(\d{6})\b", page.inner_text("body"))
        assert code, "the demo shows its code"
        page.fill("input[name=code]", code[1])
        page.click("form:has(input[name=code]) button[type=submit]")
        page.wait_for_load_state()
