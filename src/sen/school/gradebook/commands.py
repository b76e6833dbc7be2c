"""`sen check-assessment FOLDER`: the assessment rules against tables of worked cases. Needs no database."""

import sys
from pathlib import Path

import click


@click.command("check-assessment")
@click.argument("folder", type=click.Path(path_type=Path))
def check_assessment(folder: Path) -> None:
    """Chạy mọi tệp CSV trong FOLDER và in từng trường hợp sai, cuối cùng là "N passed, M failed".

    Mã thoát 0: đúng hết; 1: có trường hợp sai; 2: không có gì để kiểm tra.
    """
    from sen.school.gradebook.rules.vectors import main

    sys.exit(main(folder))
