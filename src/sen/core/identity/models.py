"""Accounts and grants."""

from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from sen.core.identity.roles import Role
from sen.core.organisations.models import Organisation
from sen.shared.kit import names
from sen.shared.kit.models import Guard, Open, Table


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser, Table):
    """One account a person. The login name carries no national number; the person's file points here."""

    guard: ClassVar[Guard] = Open("Cần đọc trước khi biết người đăng nhập là ai; chỉ chứa tên đăng nhập và tên gọi.")

    LANGUAGES: ClassVar[list[tuple[str, str]]] = [("vi", "Tiếng Việt"), ("en", "English")]

    username = models.CharField(max_length=80, unique=True)
    full_name = models.CharField(max_length=120)
    name_folded = models.CharField(max_length=120, default="", db_default="", editable=False)
    sort_key = models.CharField(max_length=400, default="", db_default="", editable=False)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    password_valid_until = models.DateTimeField(null=True, blank=True)  # of a one-time password, else None
    session_epoch = models.PositiveIntegerField(default=0, db_default=0)  # in every session's proof: one more ends all
    language = models.CharField(max_length=2, default="vi", choices=LANGUAGES)
    created_at = models.DateTimeField(auto_now_add=True)
    issued_by_school = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    def __str__(self) -> str:
        return self.full_name or self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_name_columns()
        super().save(*args, **kwargs)

    def fill_name_columns(self) -> None:
        """Derive the search and sort columns; bulk writers call it themselves."""
        self.full_name = names.clean(self.full_name)
        self.name_folded = names.fold(self.full_name)
        self.sort_key = names.sort_key(self.full_name)

    # Django's admin and allauth ask for these; rights come from grants alone.
    @property
    def is_staff(self) -> bool:
        return False

    def get_full_name(self) -> str:
        return self.full_name

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """What a session must prove: that sessions were not ended since it began. A new password ends them too.

        The hash of the password is no part of it: Django renews that at a sign-in, which must end nobody's work.
        """
        proof = f"{self.pk}|{self.session_epoch}"
        return salted_hmac("sen.identity.session", proof, secret=secret, algorithm="sha256").hexdigest()


class GrantQuerySet(models.QuerySet["Grant"]):
    def on(self, day: date) -> Self:
        return self.filter(Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gt=day))


class Grant(Table):
    """A role of an account at an organisation for a period (phân quyền). Never given to oneself."""

    guard: ClassVar[Guard] = Open("Cần đọc khi đăng nhập để biết phạm vi; không chứa hồ sơ cá nhân.")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="grants")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    given_by = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, blank=True, related_name="given_grants")
    basis = models.CharField(max_length=200, blank=True)  # decision, contract, class list

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(given_by=None) | ~Q(given_by=F("account")), name="identity_grant_not_to_oneself"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="identity_grant_dates"
            ),
            models.UniqueConstraint(
                fields=["account", "role", "organisation"], condition=Q(valid_to=None), name="identity_one_open_grant"
            ),
        ]
        indexes = [models.Index(fields=["organisation", "role"], name="identity_grant_holders")]
