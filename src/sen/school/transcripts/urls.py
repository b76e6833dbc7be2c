"""Addresses of transcripts. The QR on every page leads to `tra-cuu/<id>`, so that one never changes."""

from django.urls import path

from sen.school.transcripts.views import files, keys, own, public, school, signing

app_name = "transcripts"

urlpatterns = [
    path("xac-thuc/", public.verify, name="verify"),
    path("tra-cuu/<str:public_id>", public.look_up, name="look_up"),
    path("hoc-ba/", school.school, name="school"),
    path("hoc-ba/cua-em/", own.own, name="own"),
    path("hoc-ba/lop/<uuid:class_id>/", school.school_class, name="class"),
    path("hoc-ba/hoc-sinh/<uuid:person_id>/", own.book, name="book"),
    path("hoc-ba/hoc-sinh/<uuid:person_id>/tai-ve/", files.book_zip, name="book_zip"),
    path("hoc-ba/hoc-sinh/<uuid:person_id>/ban-in/", files.book_print, name="book_print"),
    path("hoc-ba/ky/<slug:role>/", signing.sign, name="sign"),
    path("hoc-ba/ky/<slug:role>/xem/<uuid:transcript_id>/", signing.preview, name="preview"),
    path("hoc-ba/luot-ky/<uuid:batch_id>/", signing.batch, name="batch"),
    path("hoc-ba/luot-ky/<uuid:batch_id>/tien-do/", signing.progress, name="progress"),
    path("hoc-ba/luot-ky/<uuid:batch_id>/ky-tiep/", signing.resume, name="resume"),
    path("hoc-ba/khoa-ky/", keys.keys, name="keys"),
    path("hoc-ba/khoa-ky/cach-ky/", keys.policy, name="policy"),
    path("hoc-ba/khoa-ky/<uuid:key_id>/ngung/", keys.remove, name="remove_key"),
    path("hoc-ba/khoa-ky/<slug:whose>/<slug:way>/", keys.add, name="add_key"),
    path("hoc-ba/<uuid:transcript_id>/", school.transcript, name="transcript"),
    path("hoc-ba/<uuid:transcript_id>/lap-lai/", school.rebuild, name="rebuild"),
    path("hoc-ba/<uuid:transcript_id>/tep/<slug:kind>/", files.file, name="file"),
]
