"""The form renderer: `{{ form }}` and `{{ field }}` come out in the look of Sen.

Set `FORM_RENDERER = "sen.shared.ui.forms.SenRenderer"` and list `sen.shared.ui` before `django.forms`.
"""

from django.forms.renderers import TemplatesSetting


class SenRenderer(TemplatesSetting):
    """Takes form, field and widget templates from this package."""

    form_template_name = "ui/forms/form.html"
    formset_template_name = "ui/forms/formset.html"
    field_template_name = "ui/forms/field.html"
