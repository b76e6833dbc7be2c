"""Pages: pupils, staff, transfers, import from Excel."""
