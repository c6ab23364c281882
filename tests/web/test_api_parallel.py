"""Fifty people post for one time at once, over HTTP, to a threaded server: one gets it."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx

from creneau.core.domain.bilan import Bilan
from creneau.core.domain.people import User
from tests.conftest import Centre
from tests.web.api_client import Api

PEOPLE = 50


def test_fifty_parallel_posts_for_one_time_make_one_booking(api: Api, centre: Centre, address: str):
    people = [centre.add_beneficiary() for _ in range(PEOPLE)]
    listed = api.times(people[0][0], centre.consultant)[2]
    barrier = Barrier(PEOPLE)

    def post(person: tuple[User, Bilan]) -> httpx.Response:
        user, bilan = person
        with httpx.Client(headers=api.bearer(user), timeout=60, trust_env=False) as client:
            barrier.wait()
            return client.post(f"{address}/bookings", json={**listed, "bilan_id": str(bilan.id)})

    with ThreadPoolExecutor(PEOPLE) as threads:
        answers = list(threads.map(post, people))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: PEOPLE - 1}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {body["code"] for body in refused} == {"slot.taken"}
    assert all(len(body["details"]["alternatives"]) == 3 for body in refused)
    assert all(listed not in body["details"]["alternatives"] for body in refused)
    assert api.get(centre.consultant, f"/consultant/{centre.consultant.id}/bookings").json["total"] == 1
