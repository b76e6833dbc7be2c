from django.urls import path

from sen.core.people.views import imports, pupils, staff, transfers

app_name = "people"

urlpatterns = [
    path("ho-so/", pupils.my_files, name="my_files"),
    path("hoc-sinh/", pupils.pupils, name="pupils"),
    path("hoc-sinh/them/", pupils.pupil_new, name="pupil_new"),
    path("hoc-sinh/xuat-excel/", pupils.export, name="pupils_export"),
    path("hoc-sinh/<uuid:person_id>/", pupils.pupil, name="pupil"),
    path("hoc-sinh/<uuid:person_id>/sua/<slug:group>/", pupils.pupil_edit, name="pupil_edit"),
    path(
        "hoc-sinh/<uuid:person_id>/nam/<uuid:enrolment_id>/<slug:group>/", pupils.enrolment_edit, name="enrolment_edit"
    ),
    path("hoc-sinh/<uuid:person_id>/cha-me/<uuid:tie_id>/", pupils.guardian, name="guardian"),
    path("ghi-danh/<uuid:enrolment_id>/thoi-hoc/", pupils.withdraw, name="withdraw"),
    path("ghi-danh/<uuid:enrolment_id>/hoc-lai/", pupils.readmit, name="readmit"),
    path("ghi-danh/<uuid:enrolment_id>/chuyen-truong/", transfers.send, name="send"),
    path("so-dinh-danh/<uuid:person_id>/", pupils.number, name="number"),
    path("nhan-su/", staff.staff_list, name="staff_list"),
    path("nhan-su/them/", staff.staff_new, name="staff_new"),
    path("nhan-su/tiep-nhan/", staff.receive, name="staff_receive"),
    path("nhan-su/xuat-excel/", staff.export, name="staff_export"),
    path("nhan-su/<uuid:person_id>/", staff.staff, name="staff"),
    path("nhan-su/<uuid:person_id>/sua/<slug:group>/", staff.staff_edit, name="staff_edit"),
    path("nhan-su/vi-tri/<uuid:posting_id>/", staff.posting_edit, name="posting_edit"),
    path("nhan-su/vi-tri/<uuid:posting_id>/roi-truong/", staff.leave, name="leave"),
    path("chuyen-truong/", transfers.transfers, name="transfers"),
    path("chuyen-truong/xin-tiep-nhan/", transfers.ask, name="ask"),
    path("chuyen-truong/<uuid:transfer_id>/<slug:act>/", transfers.transfer_act, name="transfer_act"),
    path("nhap-excel/", imports.imports, name="imports"),
    path("nhap-excel/mau/<slug:kind>/", imports.template, name="import_template"),
    path("nhap-excel/<uuid:run_id>/", imports.import_run, name="import_run"),
    path("nhap-excel/<uuid:run_id>/quyet-dinh/", imports.decide, name="import_decide"),
    path("nhap-excel/<uuid:run_id>/ghi/", imports.write, name="import_write"),
    path("nhap-excel/<uuid:run_id>/tien-do/", imports.progress, name="import_progress"),
    path("nhap-excel/<uuid:run_id>/danh-dau/", imports.marked, name="import_marked"),
]
