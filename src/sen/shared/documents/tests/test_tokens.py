"""Keys on a token (SoftHSM 2 stands for a USB token or a hardware module)."""

from collections.abc import Iterator

import pkcs11
import pytest

from sen.shared.documents import detached, signing
from sen.shared.documents.signers import TokenSigner
from sen.shared.documents.verification import verify_pdf
from sen.shared.kit.errors import RuleError

from .factories import World, prepared
from .token import PIN, TokenBox


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every PIN that is really tried on a token."""
    tried: list[str] = []
    real = pkcs11.lib

    class Watched:
        def __init__(self, module: str) -> None:
            self._library = real(module)

        def get_token(self, **query: str) -> "Watched":
            self._token = self._library.get_token(**query)
            return self

        def open(self, user_pin: str) -> pkcs11.Session:
            tried.append(user_pin)
            return self._token.open(user_pin=user_pin)

    monkeypatch.setattr(pkcs11, "lib", Watched)
    yield tried


@pytest.mark.parametrize("label", ["hieu-truong", "con-dau"])
def test_a_key_that_never_leaves_the_token_signs(world: World, token: TokenBox, label: str):
    chain = [world.authority.issuing.der]
    with TokenSigner.open(token.module, token=token.label, pin=PIN, label=label, chain=chain) as signer:
        session = signing.SigningSession(
            signer, trust=world.trust(), timestamper=world.stamper, level="B-LTA", clock=world.clock
        )
        signed = [session.sign(prepared(), field="form_teacher") for _number in range(3)]
        envelope = detached.sign_json(b"{}", signer)
        exchange = detached.sign_xml(b'<record xmlns="urn:sen:record:1" type="object"/>', signer)
    for document in signed:
        assert verify_pdf(document, world.trust()).signatures[0].ok
    assert detached.verify_json(b"{}", envelope, world.trust(), at=world.moment).name == "Lê Văn Thử"
    assert detached.verify_xml(exchange, world.trust(), at=world.moment)[0] == {}


def test_a_wrong_pin_is_tried_once_and_never_again(token: TokenBox, logins: list[str]):
    with pytest.raises(RuleError) as caught:
        TokenSigner.open(token.module, token=token.label, pin="0000", label="con-dau")
    assert caught.value.code == "documents.pin_wrong"
    assert "không tự thử lại" in str(caught.value)
    assert logins == ["0000"]
    TokenSigner.open(token.module, token=token.label, pin=PIN, label="con-dau").close()


def test_a_token_that_is_not_plugged_in_is_asked_for(token: TokenBox, logins: list[str]):
    with pytest.raises(RuleError) as caught:
        TokenSigner.open(token.module, token="khac", pin=PIN, label="con-dau")
    assert caught.value.code == "documents.token_missing"
    assert logins == []


def test_a_label_that_the_token_does_not_hold_is_named(token: TokenBox):
    with pytest.raises(RuleError) as caught:
        TokenSigner.open(token.module, token=token.label, pin=PIN, label="hieu-pho")
    assert caught.value.code == "documents.token_empty"


def test_a_token_pulled_out_in_the_middle_of_a_batch_stops_it_with_the_finished_files_kept(
    world: World, token: TokenBox
):
    signer = TokenSigner.open(
        token.module, token=token.label, pin=PIN, label="con-dau", chain=[world.authority.issuing.der]
    )
    session = signing.SigningSession(signer, trust=world.trust(), level="B-B", clock=world.clock)
    finished = [session.sign(prepared(), field="form_teacher")]
    signer._session.close()  # what the library reports when the token is gone
    with pytest.raises(RuleError) as caught:
        finished.append(session.sign(prepared(), field="form_teacher"))
    assert caught.value.code in {"documents.token_failed", "documents.token_missing"}
    assert len(finished) == 1
    signer.close()


def test_a_second_login_on_the_same_token_is_refused_by_a_sentence(token: TokenBox):
    with (
        TokenSigner.open(token.module, token=token.label, pin=PIN, label="con-dau"),
        pytest.raises(RuleError) as caught,
    ):
        TokenSigner.open(token.module, token=token.label, pin=PIN, label="con-dau")
    assert caught.value.code == "documents.token_busy"


def test_the_token_tool_itself_refuses_to_export_the_key(token: TokenBox):
    with pkcs11.lib(str(token.module)).get_token(token_label=token.label).open(user_pin=PIN) as session:
        key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label="hieu-truong")
        with pytest.raises(pkcs11.PKCS11Error):
            _ = key[pkcs11.Attribute.PRIVATE_EXPONENT]
