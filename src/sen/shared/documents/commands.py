"""`sen verify FILE`: is a signed PDF genuine? Needs the trust folder only: no database, no server, no network."""

import os
from pathlib import Path

import click
from django.conf import settings


def trust_folder() -> Path:
    """SEN_TRUST, else `trust` in the data folder (SEN_DATA, else `.data`)."""
    return Path(os.environ.get("SEN_TRUST") or Path(os.environ.get("SEN_DATA") or ".data") / "trust")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--trust", type=click.Path(path_type=Path), help="Thư mục chứng thư gốc (mặc định: $SEN_TRUST).")
def verify(file: Path, trust: Path | None) -> None:
    """Kiểm tra một tệp PDF đã ký: nguyên vẹn, ai ký, khi nào. Mã thoát 0 hợp lệ, 1 không hợp lệ, 2 chưa kết luận."""
    if not settings.configured:
        settings.configure(USE_I18N=False)  # the sentences are Vietnamese as they stand; nothing else of Django is used
    from sen.shared.documents.verification import main
    from sen.shared.kit.errors import RuleError

    try:
        code = main(str(file), trust or trust_folder())
    except RuleError as error:
        click.echo(str(error), err=True)
        code = 2
    raise SystemExit(code)
