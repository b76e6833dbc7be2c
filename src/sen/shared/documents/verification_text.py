"""The verifier's words. Both languages stand side by side because the verdict is also printed without a server."""

from typing import Literal

Status = Literal["valid", "changed", "unknown_signer", "revoked", "expired", "incomplete", "unsigned", "unreadable"]

OVERALL: dict[str, tuple[str, str]] = {
    "valid": (
        "Tài liệu còn nguyên vẹn, mọi chữ ký đều hợp lệ.",
        "The document is unchanged and every signature is valid.",
    ),
    "changed": (
        "Tài liệu đã bị thay đổi sau khi ký. Xin không sử dụng tài liệu này.",
        "The document was changed after it was signed. Please do not rely on it.",
    ),
    "unknown_signer": (
        "Tài liệu có chữ ký không được tin cậy.",
        "The document bears a signature that is not trusted.",
    ),
    "revoked": (
        "Tài liệu có chữ ký bằng chứng thư số đã bị thu hồi.",
        "The document bears a signature made with a revoked certificate.",
    ),
    "expired": (
        "Tài liệu có chữ ký bằng chứng thư số đã hết hạn và không kèm bằng chứng về thời điểm ký.",
        "The document bears a signature whose certificate has expired, without proof of when it was signed.",
    ),
    "missing": (
        "Tài liệu chưa được ký đủ, còn thiếu: {missing}.",
        "The document is not fully signed yet; missing: {missing}.",
    ),
    "wrong_order": (
        "Các chữ ký trong tài liệu không theo đúng thứ tự.",
        "The signatures in the document are not in the required order.",
    ),
    "undecided": (
        "Chưa thể kết luận: thiếu dữ liệu để biết chứng thư số có bị thu hồi hay không.",
        "No verdict is possible yet: there is no data on whether a certificate was revoked.",
    ),
    "unsigned": ("Tài liệu không có chữ ký số.", "The document bears no digital signature."),
    "unreadable": (
        "Không đọc được tệp. Tệp không phải PDF, có mật khẩu hoặc đã bị hỏng.",
        "The file cannot be read: it is not a PDF, is protected by a password, or is damaged.",
    ),
}

VALID_SIGNATURE = (
    "{title}: {name} ({organisation}) ký lúc {time}, {family}. Chữ ký hợp lệ.",
    "{title}: signed by {name} ({organisation}) at {time}, {family}. The signature is valid.",
)

REASONS: dict[str, tuple[Status, str, str]] = {
    "changed": (
        "changed",
        "{title}: nội dung đã bị thay đổi sau khi {name} ký.",
        "{title}: the content was changed after {name} signed.",
    ),
    "weak": (
        "unknown_signer",
        "{title}: chữ ký của {name} dùng khóa hoặc thuật toán quá yếu, không còn được tin cậy.",
        "{title}: the signature of {name} uses a key or algorithm too weak to be trusted.",
    ),
    "unknown_signer": (
        "unknown_signer",
        "{title}: chứng thư số của {name} không do tổ chức được tin cậy cấp.",
        "{title}: the certificate of {name} was not issued by a trusted authority.",
    ),
    "wrong_family": (
        "unknown_signer",
        "{title}: {name} ký bằng {family}, không thuộc loại được phép cho tài liệu này.",
        "{title}: {name} signed with a {family}, which is not allowed for this document.",
    ),
    "not_entitled": (
        "unknown_signer",
        "{title}: {name} không có thẩm quyền ký ở vị trí này.",
        "{title}: {name} was not entitled to sign here.",
    ),
    "revoked": (
        "revoked",
        "{title}: chứng thư số của {name} đã bị thu hồi vào lúc ký.",
        "{title}: the certificate of {name} was revoked when the signature was made.",
    ),
    "expired": (
        "expired",
        "{title}: chứng thư số của {name} đã hết hạn và không có bằng chứng rằng chữ ký có trước đó.",
        "{title}: the certificate of {name} has expired and nothing proves that the signature is older.",
    ),
    "undecided": (
        "incomplete",
        "{title}: chưa biết chứng thư số của {name} có bị thu hồi hay không.",
        "{title}: it is not known whether the certificate of {name} was revoked.",
    ),
}
"""Reason -> (status, Vietnamese, English)."""

TEST_NOTE = (
    "Lưu ý: tài liệu được ký bằng chứng thư thử nghiệm, không có giá trị pháp lý.",
    "Note: the document is signed with test certificates and has no legal value.",
)
