"""The page at the root."""

import pytest

from tests.conftest import Centre
from tests.web.api_client import Api


@pytest.mark.parametrize(("language", "said"), [("fr-FR", "se prennent dans Slack"), ("en", "are booked in Slack")])
def test_the_root_says_what_this_is_in_the_browsers_language(api: Api, centre: Centre, language: str, said: str):
    answer = api.app.test_client().get("/", headers={"Accept-Language": language})

    assert answer.status_code == 200
    assert said in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
