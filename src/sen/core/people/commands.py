"""`sen import`: the same import as the page, from the command line."""

from pathlib import Path

import click

_KINDS = ("classes", "pupils", "staff", "assignments")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--school", required=True, help="Mã trường.")
@click.option("--year", required=True, type=int, help="Năm học: 2022 là 2022-2023.")
@click.option("--kind", required=True, type=click.Choice(_KINDS), help="Loại tệp: lớp, học sinh, nhân sự, phân công.")
@click.option("--apply", "write", is_flag=True, help="Ghi những dòng đúng; không có thì chỉ xem trước.")
@click.option("--marked", type=click.Path(dir_okay=False, path_type=Path), help="Ghi tệp đã đánh dấu lỗi ra đây.")
def import_file(file: Path, school: str, year: int, kind: str, write: bool, marked: Path | None) -> None:
    """Nhập một tệp Excel. Không có --apply: xem trước, không ghi gì. Mã thoát 1 khi tệp còn dòng lỗi."""
    raise SystemExit(run(file, school=school, year=year, kind=kind, write=write, marked=marked))


def run(file: Path, *, school: str, year: int, kind: str, write: bool, marked: Path | None = None) -> int:
    """Preview or apply, print the report; 0 when every row is right, 1 when some wait, 2 when the file is refused."""
    from sen.core.identity.actor import Actor
    from sen.core.organisations.models import Organisation
    from sen.core.people.imports import runs
    from sen.shared.kit import scope
    from sen.shared.kit.errors import RuleError

    actor = Actor.system("sen import")
    with scope.use(actor.scope()):
        place = Organisation.objects.filter(code=school, kind=Organisation.Kind.SCHOOL).first()
        if place is None:
            click.echo(f"Không có trường nào mang mã {school}.", err=True)
            return 2
        data = file.read_bytes()
        try:
            preview = runs.look(actor=actor, school=place, year=year, kind=kind, data=data)
            _print(preview)
            if write:
                done = runs.bring_in(actor=actor, school=place, year=year, kind=kind, name=file.name, data=data)
                click.echo("Đã ghi: " + done.message)
            else:
                click.echo("Xem trước: " + runs.report(preview.counts) + " Thêm --apply để ghi.")
            if marked is not None:
                marked.write_bytes(runs.marked(data, preview))
                click.echo(f"Tệp đã đánh dấu: {marked}")
        except RuleError as error:
            click.echo(str(error), err=True)
            return 2
    return 1 if preview.faults or preview.suspects else 0


def _print(preview) -> None:  # type: ignore[no-untyped-def]  # its type would import Django before it is set up
    for fault in preview.faults[:200]:
        click.echo(f"{preview.place_of(fault)} · {preview.label_of(fault)}: {fault.sentence}")
    if len(preview.faults) > 200:
        click.echo(f"… và {len(preview.faults) - 200} lỗi nữa (dùng --marked để xem hết).")
    for one in preview.suspects:
        click.echo(
            f"dòng {one.row.number + 1}: nghi trùng với {len(one.likely)} hồ sơ; quyết định trên trang nhập Excel."
        )
