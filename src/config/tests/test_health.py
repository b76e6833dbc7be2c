"""What machines ask: alive, ready, how many requests."""

import pytest


def test_the_process_says_it_is_alive_without_a_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_a_migrated_database_and_a_plain_role_are_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_requests_are_counted_by_method_and_status(client):
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'sen_requests_total{method="GET",status="200"}' in text
