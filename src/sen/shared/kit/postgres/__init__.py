"""Django's PostgreSQL backend, plus: every statement runs in a transaction that carries the scope."""
