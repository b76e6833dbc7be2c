"""How dates and numbers are read and written in forms: `FORMAT_MODULE_PATH = "sen.shared.ui.locales"`.

Django's Vietnamese has no input formats of its own and would read 05/09/2022 as the ninth of May.
"""
