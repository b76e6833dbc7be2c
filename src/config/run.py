"""`sen run`: everything on one machine. Starts the database, migrates, loads the demo, then web and worker."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TextIO

import click
import psutil

from config import environment
from config.environment import WrongSetting


class AlreadyRunning(SystemExit):
    def __init__(self, address: str) -> None:
        super().__init__(f"Sen đang chạy ở {address} với thư mục dữ liệu này. Nhấn Ctrl+C ở cửa sổ kia để dừng.")


def _hold_lock(folder: Path, address: str) -> TextIO:
    """One `sen run` per data folder. The lock belongs to the process: a killed one leaves none behind."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        raise AlreadyRunning(lock.read().strip() or "máy này") from None
    lock.truncate(0)
    lock.write(address)
    lock.flush()
    return lock


def _end_leftovers(folder: Path) -> None:
    """Web and worker of a `sen run` that was killed go on without it: end them before starting anew."""
    note = folder / "run.json"
    for pid, created in json.loads(note.read_text()) if note.exists() else []:
        try:
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 1:  # the number may belong to somebody else by now
                family = [process, *process.children(recursive=True)]
                for member in family:
                    member.terminate()
                for member in psutil.wait_procs(family, timeout=5)[1]:
                    member.kill()
        except psutil.NoSuchProcess:
            continue
    note.unlink(missing_ok=True)


def _note_processes(folder: Path, processes: list[subprocess.Popen[bytes]]) -> None:
    note = [(process.pid, psutil.Process(process.pid).create_time()) for process in processes]
    (folder / "run.json").write_text(json.dumps(note))


def _free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise WrongSetting(f"cổng {port} đang có chương trình khác dùng; chọn cổng khác bằng --port.") from None


def _wait_ready(address: str, processes: list[subprocess.Popen[bytes]], seconds: float = 90) -> None:
    import urllib.error
    import urllib.request

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for process in processes:
            if process.poll() is not None:
                raise SystemExit(
                    f"Một tiến trình dừng ngay khi khởi động (mã {process.returncode}); xem nhật ký ở trên."
                )
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310  # our own loopback
                if json.load(answer)["ready"]:
                    return
        except (urllib.error.URLError, OSError, ValueError):
            time.sleep(0.1)
    raise SystemExit("Máy chủ web không sẵn sàng sau 90 giây; xem nhật ký ở trên.")


def _ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo/--no-demo", default=True, help="Nạp tỉnh mẫu khi cơ sở dữ liệu còn trống.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Số tiến trình web.")
def run(port: int, demo: bool, workers: int) -> None:
    """Chạy Sen trên máy này: cơ sở dữ liệu, web và tiến trình nền. Ctrl+C dừng tất cả."""
    started = time.monotonic()
    folder = environment.data_folder()
    address = f"http://localhost:{port}"  # a name: passkeys know no numbers
    lock = _hold_lock(folder, address)
    _end_leftovers(folder)
    _free_port(port)
    signal.signal(signal.SIGTERM, _ask_to_stop)
    if demo:
        os.environ.setdefault("SEN_DEMO", "1")
    click.echo("Sen: khởi động cơ sở dữ liệu…")
    from config import embedded

    server = None
    if not os.environ.get("DATABASE_URL"):
        server = embedded.Server(folder / "db")
        embedded.prepare(server.admin_url)
        os.environ["DATABASE_URL"] = server.url(embedded.APPLICATION)
        os.environ["OWNER_DATABASE_URL"] = server.url(embedded.OWNER)
        os.environ["SEN_LOADER_URL"] = server.url("postgres")
    processes: list[subprocess.Popen[bytes]] = []
    try:
        _sen("migrate", "--quiet")
        if demo:
            _sen("demo", "--if-empty")
        processes = [_web(port, workers), _worker()]
        _note_processes(folder, processes)
        _wait_ready(address, processes)
        click.echo(f"\nSen đã sẵn sàng ở {address}  ({time.monotonic() - started:.1f} giây)\n")
        if demo:
            accounts = folder / "demo-accounts.txt"
            click.echo(accounts.read_text() if accounts.exists() else "")
        click.echo("Ctrl+C để dừng.")
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        raise SystemExit("Một tiến trình đã dừng ngoài ý muốn; Sen dừng theo.")
    except KeyboardInterrupt:
        click.echo("\nĐang dừng…")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop(processes)
        (folder / "run.json").unlink(missing_ok=True)
        if server is not None:
            server.stop()
        lock.close()
        click.echo("Sen đã dừng.")


def _sen(*arguments: str) -> None:
    """A `sen` command in a process of its own (its settings name another database role)."""
    if subprocess.run([sys.executable, "-m", "config", *arguments], check=False).returncode:
        raise SystemExit(f"Lệnh sen {' '.join(arguments)} không xong; xem thông báo ở trên.")


def _web(port: int, workers: int) -> subprocess.Popen[bytes]:
    counters = environment.data_folder() / "metrics"
    shutil.rmtree(counters, ignore_errors=True)
    counters.mkdir(parents=True)
    command = [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", "4", "--backlog", "1024"),
        *("--log-level", "warning", "--no-ws"),
        "config.wsgi:application",
    ]
    counting = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(counters)}
    return subprocess.Popen(command, env=counting, start_new_session=True)


def _worker() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "config", "worker"]
    return subprocess.Popen(command, start_new_session=True)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
