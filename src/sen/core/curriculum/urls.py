from django.urls import path

from sen.core.curriculum.views import assignments, calendar, choices, classes, new_year

app_name = "curriculum"
urlpatterns = [
    path("lop-hoc/", classes.classes, name="classes"),
    path("lop-hoc/them/", classes.new, name="class_new"),
    path("lop-hoc/chua-xep-lop/", classes.unplaced, name="unplaced"),
    path("lop-hoc/phan-cong/", assignments.grid, name="assignments"),
    path("lop-hoc/phan-cong/<uuid:subject_id>/", assignments.cell, name="assignment_cell"),
    path("lop-hoc/sao-chep/", new_year.copy, name="copy"),
    path("lop-hoc/ket-chuyen/", new_year.roll_over, name="rollover"),
    path("lop-hoc/<uuid:class_id>/", classes.school_class, name="class"),
    path("lop-hoc/<uuid:class_id>/sua/", classes.edit, name="class_edit"),
    path("lop-hoc/<uuid:class_id>/chu-nhiem/", assignments.form_teacher, name="form_teacher"),
    path("lop-hoc/<uuid:class_id>/danh-so/", classes.renumber, name="renumber"),
    path("lop-hoc/<uuid:class_id>/mon-lua-chon/", choices.electives, name="electives"),
    path("lop-hoc/<uuid:class_id>/lua-chon/", choices.grid, name="choices"),
    path("lop-hoc/<uuid:class_id>/chuyen-lop/<uuid:enrolment_id>/", classes.move, name="move"),
    path("nam-hoc-lich/", calendar.calendar, name="calendar"),
    path("nam-hoc-lich/tuan/<uuid:week_id>/", calendar.week, name="week"),
]
