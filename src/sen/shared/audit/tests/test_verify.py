"""`sen audit verify` finds what somebody with the database's own password did behind the application's back."""

import psycopg
import pytest

SCHOOL = "018f0000-0000-7000-8000-000000000001"


@pytest.fixture
def history(own_database):
    """A database with six lines of history, sealed; returns it with a superuser's connection."""
    with psycopg.connect(own_database.admin, autocommit=True) as connection:
        connection.execute("SELECT set_config('sen.actor', 'cô Lan', false)")
        for number in range(1, 6):
            connection.execute(
                "INSERT INTO organisations_organisation"
                " (id, kind, code, levels, level_group_code, ownership_code, kind_code, source)"
                " VALUES (%s, 'school', %s, '[]', '', '', '', '')",
                [f"018f0000-0000-7000-8000-00000000000{number}", f"190000900{number}"],
            )
        connection.execute("UPDATE organisations_organisation SET code = '1900009991' WHERE id = %s", [SCHOOL])
        assert own_database.sen("audit", "verify").returncode == 0
        yield own_database, connection


def test_an_untouched_history_verifies(history):
    database, _ = history
    done = database.sen("audit", "verify")
    assert done.returncode == 0
    assert "0 chỗ không khớp" in done.stdout


def test_a_changed_line_is_found_and_named(history):
    database, connection = history
    line = connection.execute("SELECT max(id) FROM audit_line").fetchone()[0]
    connection.execute("UPDATE audit_line SET actor = 'thầy Hùng' WHERE id = %s", [line])
    done = database.sen("audit", "verify")
    assert done.returncode == 1
    assert f"dòng {line}: nội dung dòng nhật ký đã bị sửa" in done.stdout


def test_a_changed_line_is_found_even_when_its_own_hash_was_made_anew(history):
    database, connection = history
    line = connection.execute("SELECT max(id) FROM audit_line").fetchone()[0]
    connection.execute("UPDATE audit_line l SET reason = 'khác' WHERE id = %s", [line])
    connection.execute("UPDATE audit_line l SET hash = sen_line_hash(l) WHERE id = %s", [line])
    done = database.sen("audit", "verify")
    assert done.returncode == 1
    assert f"dòng {line}:" in done.stdout


def test_a_removed_line_is_found(history):
    database, connection = history
    line = connection.execute("SELECT min(id) + 1 FROM audit_line").fetchone()[0]
    connection.execute("DELETE FROM audit_line WHERE id = %s", [line])
    done = database.sen("audit", "verify")
    assert done.returncode == 1
    assert f"dòng {line}: dòng nhật ký đã bị xóa" in done.stdout


def test_reordered_lines_are_found(history):
    database, connection = history
    first, second = [row[0] for row in connection.execute("SELECT line_id FROM audit_link ORDER BY seq LIMIT 2")]
    connection.execute("UPDATE audit_link SET line_id = -1 WHERE line_id = %s", [first])
    connection.execute("UPDATE audit_link SET line_id = %s WHERE line_id = %s", [first, second])
    connection.execute("UPDATE audit_link SET line_id = %s WHERE line_id = -1", [second])
    done = database.sen("audit", "verify")
    assert done.returncode == 1
    assert f"dòng {first}:" in done.stdout
    assert f"dòng {second}:" in done.stdout


def test_a_chain_cut_short_is_found(history):
    database, connection = history
    last = connection.execute("SELECT max(line_id) FROM audit_link").fetchone()[0]
    connection.execute("DELETE FROM audit_link WHERE line_id = %s", [last])
    connection.execute("DELETE FROM audit_line WHERE id = %s", [last])
    done = database.sen("audit", "verify")
    assert done.returncode == 1
    assert "chuỗi bị cắt" in done.stdout
