"""Addresses of this package. Of allauth's pages only those that stand here exist: no sign-up, no e-mail."""

from allauth.account import views as account_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as passkey_views
from django.urls import include, path

from sen.core.identity.views import accounts, grants, shell, sign_in

app_name = "identity"

urlpatterns = [
    path("", shell.home, name="home"),
    path("tim", shell.search, name="search"),
    path("thong-bao/", shell.notices, name="notices"),
    path("tro-giup/", shell.help_contents, name="help_contents"),
    path("tro-giup/<str:key>/", shell.help_page, name="help"),
    path("nam-hoc/", shell.change_when, name="when"),
    path("vai-tro/", shell.roles, name="roles"),
    path("tai-khoan-truong/", accounts.school_accounts, name="school_accounts"),
    path("tai-khoan-truong/cap/", accounts.issue, name="issue"),
    path("tai-khoan-truong/phieu/", accounts.slips, name="slips"),
    path("tai-khoan-truong/<uuid:account_id>/", accounts.account, name="account"),
    path("tai-khoan-truong/<uuid:account_id>/mat-khau/", accounts.reset, name="reset"),
    path("tai-khoan-truong/<uuid:account_id>/dong/", accounts.close, name="close"),
    path("tai-khoan-truong/<uuid:account_id>/mo-lai/", accounts.reopen, name="reopen"),
    path("mat-khau-hoc-sinh/<uuid:account_id>/", accounts.reset_pupil, name="reset_pupil"),
    path("phan-quyen/", grants.grants, name="grants"),
    path("phan-quyen/<uuid:grant_id>/", grants.grant, name="grant"),
    path("phan-quyen/<uuid:grant_id>/ket-thuc/", grants.end, name="end_grant"),
    path("phan-quyen/<uuid:grant_id>/go-bao-ve/", grants.remove_factors, name="remove_factors"),
]

# allauth looks its pages up by these names, so they carry no namespace (see config.urls).
_passkeys = [
    path("", passkey_views.list_webauthn, name="mfa_list_webauthn"),
    path("them/", sign_in.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("xac-nhan/", passkey_views.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("dang-nhap/", passkey_views.login_webauthn, name="mfa_login_webauthn"),
    path("<int:pk>/bo/", sign_in.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("<int:pk>/ten/", passkey_views.edit_webauthn, name="mfa_edit_webauthn"),
]
_recovery = [
    path("", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("tao/", recovery_views.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("tai/", recovery_views.download_recovery_codes, name="mfa_download_recovery_codes"),
]
account_urlpatterns = [
    path("dang-nhap/", account_views.login, name="account_login"),
    path("dang-xuat/", account_views.logout, name="account_logout"),
    path("da-dong/", account_views.account_inactive, name="account_inactive"),
    path("xac-nhan/", account_views.reauthenticate, name="account_reauthenticate"),
    path("mat-khau/", sign_in.ChangePassword.as_view(), name="account_change_password"),
    path("thiet-bi/", sign_in.Sessions.as_view(), name="usersessions_list"),
    path("bao-ve/", sign_in.Factors.as_view(), name="mfa_index"),
    path("bao-ve/ma/", sign_in.SecondFactor.as_view(), name="mfa_authenticate"),
    path("bao-ve/xac-nhan/", factor_views.reauthenticate, name="mfa_reauthenticate"),
    path("bao-ve/ung-dung/", sign_in.AddAuthenticator.as_view(), name="mfa_activate_totp"),
    path("bao-ve/ung-dung/bo/", totp_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("bao-ve/ma-du-phong/", include(_recovery)),
    path("bao-ve/khoa/", include(_passkeys)),
]
