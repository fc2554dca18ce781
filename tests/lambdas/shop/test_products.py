"""Editors write products, everybody reads what is published."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from tests.lambdas.shop.shop_api import CONTENT, Shop


def shown(shop: Shop, **query: str) -> Any:
    answer = shop.call("get_products", "GET", "/products", query=query)
    assert answer.status == 200, answer.body
    return answer.body


def test_a_draft_is_seen_by_editors_only(shop: Shop) -> None:
    product = shop.product(published=False, stock=3)
    assert shown(shop)["products"] == []
    assert shop.call("get_products", "GET", f"/products/{product}").status == 404
    listed = shop.edit("GET", query={"status": "draft"}).body["products"]
    assert [(p["id"], p["stock"], p["version"]) for p in listed] == [(product, 3, 1)]


def test_what_is_published_is_shown_without_its_numbers(shop: Shop) -> None:
    product = shop.product(stock=1)
    expected = {**CONTENT, "id": product, "currency": "EUR", "digital": False, "in_stock": True, "images": []}
    assert shown(shop) == {"products": [expected], "next_cursor": None}
    answer = shop.call("get_products", "GET", f"/products/{product}")
    assert answer.body == expected
    assert answer.headers["Cache-Control"] == "public, max-age=30"


def test_pages_by_category_in_the_order_of_making(shop: Shop) -> None:
    made = []
    for number in range(5):
        shop.later(seconds=1)
        made.append(shop.product(title=f"Shirt {number}"))
    mug = shop.product(category="mugs")
    hats = shop.product(category="t-shirts-for-bees")
    seen, cursor = [], None
    while True:
        page = shown(shop, category="t-shirts", limit="2", **({"cursor": cursor} if cursor else {}))
        seen += [product["id"] for product in page["products"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == made
    assert [product["id"] for product in shown(shop)["products"]] == [mug, *made, hats]


@pytest.mark.parametrize("cursor", ["AAAA", "bm9uZQ==", "W10="])
def test_a_cursor_of_elsewhere_is_refused(shop: Shop, cursor: str) -> None:
    answer = shop.call("get_products", "GET", "/products", query={"cursor": cursor})
    assert (answer.status, answer.problem) == (400, "bad-cursor")


def test_a_cursor_of_the_drafts_opens_no_draft(shop: Shop) -> None:
    shop.product(published=False)
    shop.product(published=False)
    cursor = shop.edit("GET", query={"status": "draft", "limit": "1"}).body["next_cursor"]
    answer = shop.call("get_products", "GET", "/products", query={"cursor": cursor})
    assert (answer.status, answer.problem) == (400, "bad-cursor")


def test_admins_and_operators_do_the_same_and_nobody_else(shop: Shop) -> None:
    made = shop.as_admin("POST", body=CONTENT)
    assert made.status == 201
    path = f"/{made.body['id']}"
    body = {"version": 1, "status": "published"}
    assert shop.edit("PUT", f"{path}/status", body, operator=False).problem == "signed-out"
    member = shop.edit("PUT", f"{path}/status", body, operator=False, member="sub-1", groups=("moderator",))
    assert (member.status, member.problem) == (403, "not-allowed")
    unsigned = shop.call("edit_products", "PUT", f"/operator/products{path}/status", body)
    assert (unsigned.status, unsigned.problem) == (403, "forbidden")
    assert shop.as_admin("PUT", f"{path}/status", body).body["status"] == "published"
    assert shop.edit("GET", path).body["version"] == 2


def test_two_editors_and_the_second_one_is_told(shop: Shop) -> None:
    product = shop.product()
    edit = {**CONTENT, "version": 2, "price": 2_600}
    assert shop.edit("PUT", f"/{product}", edit).body["version"] == 3
    answer = shop.edit("PUT", f"/{product}", {**edit, "price": 1_000})
    assert (answer.status, answer.problem, answer.body["version"]) == (409, "changed", 3)
    assert shop.edit("GET", f"/{product}").body["price"] == 2_600
    assert shop.edit("PUT", "/0000000000000", edit).status == 404


def test_an_edit_leaves_the_stock_to_the_orders(shop: Shop) -> None:
    product = shop.product(stock=5)
    assert shop.order((product, 2)).status == 201
    assert shop.edit("PUT", f"/{product}", {**CONTENT, "version": 2, "title": "New"}).status == 200
    assert shop.stock(product) == 3


def test_a_stock_is_set_against_what_was_seen(shop: Shop) -> None:
    product = shop.product(stock=5)
    shop.order((product, 2))
    stale = shop.edit("PUT", f"/{product}/stock", {"stock": 10, "seen": 5})
    assert (stale.status, stale.problem, stale.body["stock"]) == (409, "stock-changed", 3)
    for _ in range(2):  # said twice, done once
        assert shop.edit("PUT", f"/{product}/stock", {"stock": 10, "seen": 3}).body["stock"] == 10
    assert shop.edit("PUT", f"/{product}/stock", {"stock": None, "seen": 10}).body["stock"] is None
    assert shop.edit("PUT", f"/{product}/stock", {"stock": 1, "seen": None}).body["stock"] == 1
    assert shop.edit("PUT", "/0000000000000/stock", {"stock": 1, "seen": None}).status == 404


def test_a_repeated_creation_makes_one_product(shop: Shop) -> None:
    headers = {"idempotency-key": "a-fresh-key"}
    first, second = (shop.edit("POST", body=CONTENT, headers=headers) for _ in range(2))
    assert first.body == second.body
    assert len(shop.items("products", "PRODUCT#")) == 1


def test_an_archived_product_is_kept_and_not_sold(shop: Shop) -> None:
    product = shop.product()
    assert shop.edit("PUT", f"/{product}/status", {"version": 2, "status": "archived"}).status == 200
    assert shown(shop)["products"] == []
    assert shop.order((product, 1)).body["errors"][0]["pointer"] == "/items/0/product"
    assert shop.edit("GET", f"/{product}").body["status"] == "archived"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"price": 49}, "/price"),
        ({"price": 12.5}, "/price"),
        ({"price": "12"}, "/price"),
        ({"stock": -1}, "/stock"),
        ({"category": "T Shirts"}, "/category"),
        ({"category": "a#b"}, "/category"),
        ({"title": ""}, "/title"),
        ({"description": "x" * 4_001}, "/description"),
        ({"status": "published"}, "/status"),
        ({"images": ["/media/products/x"]}, "/images"),
    ],
)
def test_a_refusal_points_at_the_member(shop: Shop, fields: dict[str, Any], pointer: str) -> None:
    answer = shop.edit("POST", body={**CONTENT, **fields})
    assert (answer.status, answer.problem) == (422, "invalid")
    assert pointer in [error["pointer"] for error in answer.body["errors"]]


def picture(colour: str = "orange", kind: str = "PNG", size: int = 80) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(target, kind)
    return target.getvalue()


def upload(shop: Shop, product: str, data: bytes) -> str:
    """Ask for a form, put the file where it leads, and tell the function; the key."""
    from shared import uploads

    form = shop.edit("POST", f"/{product}/images", {"type": "image/png"})
    assert form.status == 200, form.body
    key = str(form.body["fields"]["key"])
    uploads.client().put_object(Bucket="product-images", Key=key, Body=data)
    record = {"s3": {"bucket": {"name": "product-images"}, "object": {"key": key, "size": len(data)}}}
    shop.run("check_product_image", {"Records": [record]})
    return key


def stored() -> list[str]:
    from shared import uploads

    found = uploads.client().list_objects_v2(Bucket="product-images")
    return [entry["Key"] for entry in found.get("Contents", [])]


def test_a_good_picture_gets_onto_the_product_anew(shop: Shop) -> None:
    product = shop.product()
    key = upload(shop, product, picture() + b"<script>hidden</script>")
    assert key.startswith(f"incoming/{product}/")
    (path,) = shown(shop)["products"][0]["images"]
    assert path.startswith(f"/media/products/{product}/")
    assert stored() == [path.removeprefix("/")]


@pytest.mark.parametrize("data", [b"no picture", picture(size=10), b""])
def test_a_bad_picture_goes_away(shop: Shop, data: bytes) -> None:
    product = shop.product()
    upload(shop, product, data)
    assert (shown(shop)["products"][0]["images"], stored()) == ([], [])


def test_pictures_are_sorted_and_dropped_by_an_edit_but_never_made_up(shop: Shop) -> None:
    product = shop.product()
    for colour in ("orange", "black"):
        upload(shop, product, picture(colour))
    first, second = shop.edit("GET", f"/{product}").body["images"]
    for images, status in (([second, first], 200), ([second], 200), ([first], 422), ([second, second], 422)):
        version = shop.edit("GET", f"/{product}").body["version"]
        answer = shop.edit("PUT", f"/{product}", {**CONTENT, "version": version, "images": images})
        assert answer.status == status, answer.body
    assert shop.edit("GET", f"/{product}").body["images"] == [second]
    assert stored() == [second.removeprefix("/")]


def test_there_are_at_most_eight_pictures(shop: Shop) -> None:
    product = shop.product()
    for number in range(8):
        upload(shop, product, picture(f"#0000{number}0"))
    answer = shop.edit("POST", f"/{product}/images", {"type": "image/png"})
    assert (answer.status, answer.problem) == (409, "too-many-images")
    assert shop.edit("POST", f"/{product}/images", {"type": "image/svg+xml"}).status == 422


@pytest.mark.parametrize(
    "key", ["incoming/0000000000000/" + "0" * 32, "incoming/x", "incoming/../media/x.png"]
)
def test_a_file_that_no_form_was_made_for_goes_away(shop: Shop, key: str) -> None:
    from shared import uploads

    uploads.client().put_object(Bucket="product-images", Key=key, Body=picture())
    record = {"s3": {"bucket": {"name": "product-images"}, "object": {"key": key, "size": 9}}}
    shop.run("check_product_image", {"Records": [record]})
    assert stored() == []
