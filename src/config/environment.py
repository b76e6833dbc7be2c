"""Reading the environment. A wrong setting stops the start with one clear sentence (`WrongSetting`)."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict


class WrongSetting(SystemExit):
    """Stops the start: the sentence goes to standard error and the exit code is 2."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"Sen không khởi động được: {sentence}")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if value in ("", "0", "1", "true", "false", "yes", "no", "on", "off"):
        return default if value == "" else value in ("1", "true", "yes", "on")
    raise WrongSetting(f"{name}={value!r} phải là 1 hoặc 0.")


def whole(name: str, default: int, lowest: int, highest: int) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isdigit() or not lowest <= int(value) <= highest:
        raise WrongSetting(f"{name}={value!r} phải là số nguyên từ {lowest} đến {highest}.")
    return int(value)


def data_folder() -> Path:
    """Where this machine keeps its database, files and keys: SEN_DATA, else `.data` in the working folder."""
    return Path(text("SEN_DATA", ".data")).expanduser().resolve()


def secret_key() -> str:
    """SECRET_KEY_FILE on a server; without it a key made once in the data folder (laptop, demo)."""
    named = text("SECRET_KEY_FILE")
    path = Path(named) if named else data_folder() / "secret_key"
    if not path.exists():
        if named:
            raise WrongSetting(f"SECRET_KEY_FILE chỉ tới {named} nhưng không có tệp này.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    key = path.read_text().strip()
    if len(key) < 50:
        raise WrongSetting(f"khóa trong {path} quá ngắn: cần ít nhất 50 ký tự ngẫu nhiên.")
    return key


def database(url: str, name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's settings for a PostgreSQL address such as postgresql://sen_app:...@host/sen."""
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise WrongSetting(f"{name} phải có dạng postgresql://tài_khoản:mật_khẩu@máy_chủ:5432/tên_cơ_sở_dữ_liệu.")
    try:
        parts = conninfo_to_dict(url)
    except Exception as error:
        raise WrongSetting(f"{name} không đọc được: {error}".strip()) from error
    options = {key: value for key, value in parts.items() if key not in ("dbname", "user", "password", "host", "port")}
    return {
        "ENGINE": "sen.shared.kit.postgres",
        "NAME": parts.get("dbname") or "sen",
        "USER": parts.get("user") or "",
        "PASSWORD": parts.get("password") or "",
        "HOST": parts.get("host") or "",
        "PORT": str(parts.get("port") or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": flag("PGBOUNCER"),
        "OPTIONS": options,
    }


def storage() -> dict[str, Any]:
    """S3 when S3_BUCKET is set (with S3_ENDPOINT, S3_KEY_FILE: two lines, id and secret), else a folder."""
    bucket = text("S3_BUCKET")
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(data_folder() / "files")},
        }
    options: dict[str, Any] = {"bucket_name": bucket, "file_overwrite": False, "querystring_auth": True}
    if text("S3_ENDPOINT"):
        options["endpoint_url"] = text("S3_ENDPOINT")
    if text("S3_KEY_FILE"):
        path = Path(text("S3_KEY_FILE"))
        lines = path.read_text().split() if path.exists() else []
        if len(lines) != 2:
            raise WrongSetting("S3_KEY_FILE phải là tệp có hai dòng: mã truy cập và khóa bí mật.")
        options["access_key"], options["secret_key"] = lines
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
