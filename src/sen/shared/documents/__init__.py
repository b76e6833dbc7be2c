"""Documents: template -> PDF -> signature -> verification; Excel in and out.

Owns the making of official files, their signatures (PAdES, XAdES, CMS), the verifier, and the demo authority.
Does not own what a document says or who may sign it: the caller brings data, a template and the signers.
Law: Electronic Transactions Law 2023, Decree 23/2025 (public signatures), Decree 68/2024 (official-duty signatures),
Decree 30/2020 (form of documents). Pure functions, no tables.
"""
