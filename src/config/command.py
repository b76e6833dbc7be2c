"""The `sen` command. Each subcommand is a few lines that call a package; `sen --help` is the contents page."""

import importlib
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from config import environment

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")

# Subcommands that live in packages: name -> "module:function". Loaded only when asked for, so `--help` stays quick.
_ELSEWHERE = {
    "run": "config.run:run",
    "demo": "config.demo.command:demo",
    "doctor": "config.doctor:doctor",
    "backup": "config.backup:backup",
    "restore": "config.backup:restore",
    "import": "sen.core.people.commands:import_file",
    "check-assessment": "sen.school.gradebook.commands:check_assessment",
    "verify": "sen.shared.documents.commands:verify",
    "audit": "sen.shared.audit.commands:audit",
}
# Commands of packages cannot import this module (it stands above them): they find the database open, Django ready.
_WITH_DATABASE = {"import", "audit"}
_HELP = {
    "run": "Chạy Sen trên máy này: cơ sở dữ liệu, web và tiến trình nền.",
    "demo": "Nạp tỉnh mẫu (trường thật, người và điểm bịa).",
    "doctor": "Nói máy này còn thiếu gì và sửa thế nào.",
    "backup": "Sao lưu cơ sở dữ liệu và tệp vào một thư mục có mã kiểm.",
    "restore": "Khôi phục một bản sao lưu vào thư mục dữ liệu mới.",
    "import": "Nhập lớp, học sinh, giáo viên, phân công từ Excel.",
    "check-assessment": "Chạy các tệp CSV kiểm thử quy tắc đánh giá.",
    "verify": "Kiểm tra một học bạ PDF: nguyên vẹn, ai ký, khi nào.",
    "audit": "Kiểm tra chuỗi nhật ký (audit verify).",
}


class Contents(click.Group):
    """A group that imports a subcommand only when it runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_ELSEWHERE})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _ELSEWHERE:
            return super().get_command(ctx, name)
        module, _, attribute = _ELSEWHERE[name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        if name in _WITH_DATABASE:
            command.invoke = partial(_invoke_with_database, type(command).invoke, command)  # type: ignore[method-assign]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(ctx):
            if (text := _HELP.get(name)) is None:
                command = self.get_command(ctx, name)
                text = command.get_short_help_str(80) if command else ""
            rows.append((name, text))
        with formatter.section("Lệnh"):
            formatter.write_dl(rows)


def _invoke_with_database(invoke: Callable[..., Any], command: click.Command, ctx: click.Context) -> Any:
    with database():
        setup_django()
        return invoke(command, ctx)


@contextmanager
def database(*, as_owner: bool = False) -> Iterator[None]:
    """Set the database address for Django: DATABASE_URL of a server, else the embedded one (started when needed)."""
    named = "OWNER_DATABASE_URL" if as_owner else "DATABASE_URL"
    if os.environ.get("DATABASE_URL"):
        if as_owner:
            if not os.environ.get(named):
                raise environment.WrongSetting(
                    "lệnh này cần OWNER_DATABASE_URL: địa chỉ với tài khoản sở hữu các bảng (xem hướng dẫn vận hành)."
                )
            os.environ["DATABASE_URL"] = os.environ[named]
        yield
        return
    from config import embedded

    with embedded.server(environment.data_folder() / "db") as running:
        os.environ["DATABASE_URL"] = running.url(embedded.OWNER if as_owner else embedded.APPLICATION)
        os.environ["OWNER_DATABASE_URL"] = running.url(embedded.OWNER)
        os.environ["SEN_LOADER_URL"] = running.url("postgres")
        yield


def setup_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


@click.group(cls=Contents, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path), help="Thư mục dữ liệu (mặc định: $SEN_DATA hoặc .data).")
def main(data: Path | None) -> None:
    """Sen: nền tảng số nguồn mở cho giáo dục Việt Nam.

    Trên một máy mới chỉ cần `make run`. Trên máy chủ, đặt DATABASE_URL, SECRET_KEY_FILE rồi dùng các lệnh dưới đây.
    """
    if data:
        os.environ["SEN_DATA"] = str(data)


@main.command()
@click.option("--quiet", is_flag=True, help="Chỉ nói khi có lỗi.")
def migrate(quiet: bool) -> None:
    """Đưa cơ sở dữ liệu về đúng phiên bản: bảng, tường bảo vệ hàng, nhật ký, danh mục."""
    with database(as_owner=True):
        setup_django()
        from config import migration

        migration.migrate(verbosity=0 if quiet else 1)


@main.command()
def worker() -> None:
    """Chạy tiến trình nền: học bạ, nhập Excel, số liệu, niêm phong nhật ký."""
    with database():
        setup_django()
        from django.core.management import call_command

        call_command("procrastinate", "worker", concurrency=2, delete_jobs="successful", shutdown_graceful_timeout=5)
