"""A product: as it is sent in, as it is kept, and as it is shown to whom."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.fields import PlainLines, PlainText
from shared.images import ImageLimits, ImageType
from shared.problems import ProblemError, invalid
from shop.ids import ProductId

MIN_PRICE = 50
"""Minor units; Stripe charges no less in any of the shop's currencies
(https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""

MAX_PRICE = 10_000_000
"""Minor units."""

MAX_STOCK = 1_000_000
MAX_IMAGES = 8

IMAGE_LIMITS = ImageLimits(
    max_bytes=5 * 1024 * 1024, max_width=4096, max_height=4096, min_width=64, min_height=64
)
"""What a product's picture may be."""

Category = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
"""A word for addresses, such as `t-shirts`."""

ImagePath = Annotated[
    str, StringConstraints(pattern=r"^/media/products/[0-9a-z]{13}/[0-9a-f]{64}\.[a-z]{3,4}$")
]
"""Path of a picture on the creator's site."""

Stock = Annotated[int, Field(ge=0, le=MAX_STOCK)]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Status(StrEnum):
    """Who can see a product. Nothing is ever deleted: orders refer to it."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Value(BaseModel):
    """A frozen model that takes no members besides its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Content(Value):
    """What an editor writes of a product.

    Args:
        price: minor units of the shop's currency.
        digital: there is nothing to send.
    """

    title: PlainText = Field(max_length=120)
    description: PlainLines = Field(max_length=4_000)
    category: Category
    price: int = Field(ge=MIN_PRICE, le=MAX_PRICE)
    digital: bool = False


class NewProduct(Content):
    """A product as it is first sent in. Without a stock there are as many as anyone wants."""

    stock: Stock | None = None


class Edit(Content):
    """New content of the product that the editor saw.

    Args:
        images: those of its pictures that stay, in their order; left out, all stay.
    """

    version: Version
    images: tuple[ImagePath, ...] | None = Field(default=None, max_length=MAX_IMAGES)


class Move(Value):
    """A new status of the product that the editor saw."""

    version: Version
    status: Status


class Restock(Value):
    """A new stock, if the stock still is what the editor saw; None is without limit."""

    stock: Stock | None
    seen: Stock | None


class NewImage(Value):
    """A picture that an editor wants to upload."""

    type: ImageType


class Product(Value):
    """A product as it is stored.

    Args:
        version: counts changes of all but the stock, from 1.
        currency: the shop's when the price was written.
        stock: how many are left for new orders; None is without limit.
    """

    id: ProductId
    status: Status
    version: int
    title: str
    description: str
    category: str
    price: int
    currency: str
    digital: bool
    stock: int | None = None
    images: tuple[str, ...] = ()
    created_at: datetime
    changed_at: datetime

    def has(self, quantity: int) -> bool:
        """Whether so many can be ordered."""
        return self.stock is None or self.stock >= quantity


class ProductPage(Value):
    """A page of products for editors; the last one has no cursor."""

    products: tuple[Product, ...]
    next_cursor: str | None


class ShownProduct(Value):
    """What everybody learns of a product."""

    id: str
    title: str
    description: str
    category: str
    price: int
    currency: str
    digital: bool
    in_stock: bool
    images: tuple[str, ...]


class ShownPage(Value):
    """A page of the shop; the last one has no cursor."""

    products: tuple[ShownProduct, ...]
    next_cursor: str | None


def shown(product: Product) -> ShownProduct:
    """The public's view: whether there is any left, but not how many."""
    return ShownProduct(
        id=product.id,
        title=product.title,
        description=product.description,
        category=product.category,
        price=product.price,
        currency=product.currency,
        digital=product.digital,
        in_stock=product.has(1),
        images=product.images,
    )


def open_product(content: NewProduct, *, product_id: str, currency: str, now: datetime) -> Product:
    """The draft that a new product begins as."""
    return Product(
        **content.model_dump(),
        id=product_id,
        status=Status.DRAFT,
        version=1,
        currency=currency,
        created_at=now,
        changed_at=now,
    )


def edit(product: Product, wanted: Edit, *, currency: str, now: datetime) -> Product:
    """The product with new content.

    Raises:
        ProblemError: 409 `changed`, the editor saw another version; 422, a picture is not one of its own.
    """
    _same(product, wanted.version)
    images = product.images if wanted.images is None else wanted.images
    strange = [number for number, path in enumerate(images) if path not in product.images]
    if strange or len(set(images)) < len(images):
        raise invalid(
            [(f"/images/{n}", "is not a picture of this product") for n in strange]
            or [("/images", "names a picture twice")]
        )
    content = wanted.model_dump(include=set(Content.model_fields))
    return _changed(product, now, **content, currency=currency, images=images)


def move(product: Product, wanted: Move, *, now: datetime) -> Product:
    """The product with another status.

    Raises:
        ProblemError: 409 `changed`, the editor saw another version.
    """
    _same(product, wanted.version)
    return _changed(product, now, status=wanted.status)


def add_image(product: Product, path: str, *, now: datetime) -> Product:
    """The product with one picture more; unchanged when it has it already or has as many as it may."""
    if path in product.images or len(product.images) >= MAX_IMAGES:
        return product
    return _changed(product, now, images=(*product.images, path))


def _changed(product: Product, now: datetime, **values: object) -> Product:
    return product.model_copy(update={**values, "version": product.version + 1, "changed_at": now})


def _same(product: Product, version: int) -> None:
    if product.version != version:
        raise changed(product.version)


def changed(version: int) -> ProblemError:
    """409: another version was seen than the one that is there."""
    return ProblemError(
        409,
        "changed",
        "It has changed",
        f"It is at version {version} now. Read it again before you change it.",
        version=version,
    )
