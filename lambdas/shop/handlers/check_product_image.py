"""A picture has arrived: what is good goes to its product and to the site, anything else goes away."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any

from shared.background import background
from shared.images import Refusal, check_image
from shared.telemetry import count, logger
from shared.uploads import INCOMING, MEDIA, Upload, discard, publish, read_upload, uploads_of
from shop.product import IMAGE_LIMITS, add_image
from shop.products_table import ProductsTable
from shop.settings import settings

_KEY = re.compile(rf"{INCOMING}(?P<product>[0-9a-z]{{13}})/[0-9a-f]{{32}}")

products = ProductsTable(settings().products_table)


def check_product_image(event: dict[str, Any], now: datetime) -> None:
    """Check every file that the bucket tells of, and remove it in the end."""
    for upload in uploads_of(event):
        reason = _refusal(upload, now)
        logger.info("product image", refused=reason)
        count("ImagesRefused" if reason else "ImagesPublished")
        discard(upload.bucket, upload.key)


def _refusal(upload: Upload, now: datetime) -> str | None:
    """Publish the picture and add it to its product, or say why not."""
    key = _KEY.fullmatch(upload.key)
    product = products.get(key["product"]) if key else None
    if product is None:
        return "no-product"
    data = read_upload(upload, IMAGE_LIMITS.max_bytes)
    if data is None:
        return "gone"
    image = check_image(data, IMAGE_LIMITS)
    if isinstance(image, Refusal):
        return image.value
    published = f"{MEDIA}products/{product.id}/{hashlib.sha256(image.data).hexdigest()}.{image.extension}"
    publish(upload.bucket, published, image)
    products.change(product.id, lambda seen: add_image(seen, f"/{published}", now=now))
    return None


handler = background(check_product_image)
