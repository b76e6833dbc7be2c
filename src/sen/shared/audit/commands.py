"""`sen audit verify`: proving the history from outside."""

import click


@click.group()
def audit() -> None:
    """Nhật ký: ai làm gì, khi nào, vì sao; chuỗi băm cho thấy ngay khi có dòng bị sửa."""


@audit.command()
def verify() -> None:
    """Kiểm tra toàn bộ chuỗi nhật ký; nói rõ dòng nào bị sửa, xóa hay đổi chỗ. Mã thoát 1 khi có."""
    from sen.shared.audit import queries, services
    from sen.shared.kit import scope

    with scope.use(scope.whole_system("sen audit verify", "kiểm tra chuỗi nhật ký")):
        while services.seal():
            pass
        found = list(queries.breaks())
        chains, lines = queries.size()
    for broken in found:
        place = f"{broken.day} · cơ quan {broken.organisation_id or 'hệ thống'} · số {broken.seq}"
        click.echo(f"{place} · dòng {broken.line_id or '-'}: {broken.what}")
    click.echo(f"{lines} dòng trong {chains} chuỗi, {len(found)} chỗ không khớp.")
    raise SystemExit(1 if found else 0)
