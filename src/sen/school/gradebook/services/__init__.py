"""The only writers of the gradebook. Every entrance (page, API, Excel, job) calls these."""
