"""Leads' pages asked for what no name and no number can be."""

import pytest

from calibration.models import GoldenSet
from tests.factories import NOW, make_queue, make_rubric

MANY = "9" * 5000
FAR = "9" * 15


@pytest.fixture
def lead(client, cast):
    queue = make_queue(cast.project, make_rubric(cast.project), reviewers=[cast.ada])
    GoldenSet.objects.create(
        project=cast.project, queue=queue, slug="gate", created_at=NOW
    )
    client.force_login(cast.lea.user)
    client.post("/p/shop/rubrics/", {"title": "Begun"})
    return client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("disputes/?queue=%00", 404),
        ("failure-modes/?queue=%00", 404),
        ("golden-sets/gate/releases/%00/download/", 404),
        (f"queues/answers/agreement/?version={MANY}", 200),
        (f"queues/answers/agreement/?version={FAR}", 404),
        (f"failure-modes/?notes={MANY}", 200),
        (f"failure-modes/?notes={FAR}", 200),
        (f"failure-modes/items/?mode={MANY}", 200),
        (f"failure-modes/items/?mode={FAR}", 404),
        (f"failure-modes/items/?page={MANY}", 200),
        (f"rubrics/answer/versions/{FAR}/", 404),
        (f"items/{MANY}/", 404),
        (f"golden-sets/gate/gate/?run={FAR}", 404),
    ],
)
def test_what_cannot_be_is_not_found_or_left_out(lead, address, status):
    assert lead.get(f"/p/shop/{address}").status_code == status


@pytest.mark.parametrize(
    ("address", "posted", "status"),
    [
        ("queues/answers/seats/pause/", {"reviewer": "\0", "reason": "x"}, 404),
        ("golden-sets/gate/references/", {"case": "\0"}, 303),
        ("failure-modes/sorting/", {"judgment": MANY, "name": "x"}, 422),
        ("rubrics/begun/draft/", {"revision": MANY}, 303),
        ("rubrics/begun/draft/", {"revision": FAR}, 303),
        ("rubrics/begun/draft/review/publication/", {"revision": MANY}, 303),
        ("rubrics/", {"title": "a\0b"}, 303),
    ],
)
def test_what_cannot_be_typed_is_no_fault_of_the_server(lead, address, posted, status):
    assert lead.post(f"/p/shop/{address}", posted).status_code == status
