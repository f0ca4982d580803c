"""Who is signed in, and when nobody is any more."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reviews.models import Session, User

pytestmark = pytest.mark.django_db
DESK = "/review/"


@pytest.fixture
def ada(client: Client, cast: Any) -> Client:
    client.force_login(cast.ada.user)
    return client


def is_signed_in(client: Client) -> bool:
    return client.get(DESK).status_code == 200


def test_a_session_says_whose_it_is(ada, cast):
    sessions = Session.objects.values_list("person", flat=True)

    assert list(sessions) == [cast.ada.user_id]


def test_who_is_signed_in_costs_one_statement(ada, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = ada.get("/accounts/logout/")

    assert answer.status_code == 200


def test_a_changed_password_ends_the_sessions_of_its_person(ada, cast):
    before = is_signed_in(ada)
    person = User.objects.get(pk=cast.ada.user_id)
    person.set_password("another one altogether")
    person.save()

    assert (before, is_signed_in(ada)) == (True, False)
    assert not Session.objects.filter(person=person).exists()


@pytest.mark.parametrize(
    "act",
    [
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: Session.objects.update(expire_date=timezone.now()),
        lambda user: Session.objects.all().delete(),
        lambda user: Session.objects.update(session_data="forged"),
    ],
    ids=["closed account", "expired", "removed", "forged"],
)
def test_a_session_that_is_not_in_order_signs_nobody_in(ada, cast, act):
    before = is_signed_in(ada)
    act(cast.ada.user)

    assert (before, is_signed_in(ada)) == (True, False)


def test_the_signed_part_of_a_session_says_who_it_is(ada, cast):
    Session.objects.update(person=cast.ben.user_id)

    assert ada.get(DESK).wsgi_request.user == cast.ada.user
