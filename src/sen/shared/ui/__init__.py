"""What every page looks like (giao diện chung): shell, components, form rendering, charts, icons, design tokens.

Owns no table and knows no school word: a page hands it plain values (`shell.py` says which). Styles and islands are
built from `frontend/` into `static/ui/build/`. Binding text: WCAG 2.2 AA; Vietnamese number and date writing.
"""
