"""How a distribution is reached."""

from __future__ import annotations

from fleet_tui.aws.route import route

SITE = "https://d111111abcdef8.cloudfront.net/assets/site.css"


def test_a_distribution_is_reached_under_its_own_name() -> None:
    assert route(SITE, None) == (SITE, {})


def test_under_an_override_the_headers_say_which_one_and_that_its_visitor_came_by_https() -> None:
    assert route(SITE, "http://127.0.0.1:4566") == (
        "http://127.0.0.1:4566/assets/site.css",
        {"Host": "d111111abcdef8.cloudfront.net", "X-Forwarded-Proto": "https"},
    )
    domain = "https://kasper.live/"
    assert route(domain, "http://127.0.0.1:4566") == (domain, {})
