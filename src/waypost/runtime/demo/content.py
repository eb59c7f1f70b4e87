"""What the demo consists of: two teams, ten APIs, their plans, a few apps and subscriptions. Our own writing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HARBOUR, MERIDIAN = "harbour-logistics", "meridian-commerce"
TEAMS = {
    HARBOUR: ("Harbour Logistics", "Parcels, warehouses and everything that moves in the harbour city."),
    MERIDIAN: ("Meridian Commerce", "The shop, its payments, and the data that others build on."),
}
PEOPLE = {
    "rosa.lindqvist@demo.example": ("Rosa Lindqvist", {HARBOUR: "owner"}),
    "tomas.okafor@demo.example": ("Tomás Okafor", {MERIDIAN: "owner"}),
    "mei.tanaka@demo.example": ("Mei Tanaka", {HARBOUR: "developer", MERIDIAN: "viewer"}),
}
PLATFORM = "platform-api"


def _plan(
    name: str, description: str, per_minute: int, quota: tuple[int, str], *, cents: int = 0, approval: bool = False
) -> dict[str, Any]:
    price = {"amount_cents": cents, "currency": "EUR", "period": "month"} if cents else None
    version = {
        "rate_limits": [{"requests": per_minute, "seconds": 60}],
        "quota": {"requests": quota[0], "window": quota[1]},
        "price": price,
        "approval": approval,
        "features": ["Support by e-mail"] if cents else [],
    }
    return {"name": name, "description": description, "version": version}


FREE = _plan("Free", "To try it out and for small projects.", 60, (2_000, "day"))
STANDARD = _plan("Standard", "For products that depend on it.", 600, (500_000, "month"), cents=4_900)
REVIEWED = _plan(
    "Business", "After a short review of what you build.", 1_200, (2_000_000, "month"), cents=19_900, approval=True
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One demo API. ``mock`` answers from the definition's examples instead of the demo upstream."""

    slug: str
    team: str
    category: str
    tags: tuple[str, ...]
    summary: str
    plans: tuple[dict[str, Any], ...] = (FREE, STANDARD)
    visibility: str = "public"
    mock: bool = False
    calls: tuple[tuple[str, str, str, int], ...] = field(default=())  # method, path template, example path, weight


SAMPLES = (
    Sample(
        "weather", MERIDIAN, "Geography & weather", ("weather", "forecast", "open data"),
        "Current conditions and a five-day forecast for cities.",
        calls=(
            ("GET", "/cities", "/cities", 2),
            ("GET", "/cities/{city}/current", "/cities/lisbon/current", 9),
            ("GET", "/cities/{city}/forecast", "/cities/oslo/forecast", 5),
        ),
    ),
    Sample(
        "currency-rates", MERIDIAN, "Finance", ("currency", "conversion"),
        "Daily reference rates of thirty currencies and conversions between them.",
        calls=(("GET", "/rates", "/rates", 6), ("GET", "/convert", "/convert", 8)),
    ),
    Sample(
        "parcel-tracking", HARBOUR, "Logistics", ("parcels", "tracking"),
        "Where a parcel is and when it will arrive.",
        plans=(FREE, STANDARD, REVIEWED),
        calls=(
            ("GET", "/parcels/{number}", "/parcels/HB-204417", 9),
            ("GET", "/parcels/{number}/events", "/parcels/HB-204417/events", 6),
            ("POST", "/subscriptions", "/subscriptions", 1),
        ),
    ),
    Sample(
        "warehouse-stock", HARBOUR, "Logistics", ("stock", "warehouse"),
        "Stock levels and reservations of four warehouses.", visibility="internal", mock=True,
        calls=(
            ("GET", "/warehouses", "/warehouses", 3),
            ("GET", "/warehouses/{id}/stock/{sku}", "/warehouses/rtm/stock/LAMP-12", 7),
        ),
    ),
    Sample(
        "payments", MERIDIAN, "Finance", ("payments", "ledger", "sandbox"),
        "Take payments, refund them, and read the ledger. A sandbox.", plans=(REVIEWED,), mock=True,
        calls=(("POST", "/payments", "/payments", 4), ("GET", "/payments/{id}", "/payments/pay-9001", 6)),
    ),
    Sample(
        "product-catalogue", MERIDIAN, "Commerce", ("products", "search", "shop"),
        "Articles, prices and pictures of the shop.",
        calls=(
            ("GET", "/products", "/products", 8),
            ("GET", "/products/{sku}", "/products/LAMP-12", 9),
            ("GET", "/categories", "/categories", 2),
        ),
    ),
    Sample(
        "loyalty-points", MERIDIAN, "Commerce", ("loyalty", "members", "preview"),
        "Members, their points, and what points can be exchanged for.", visibility="internal", mock=True,
    ),
    Sample(
        "city-transit", HARBOUR, "Mobility", ("transit", "departures", "open data"),
        "Stops, lines and departures of buses, trams and ferries.",
        calls=(("GET", "/stops", "/stops", 3), ("GET", "/stops/{id}/departures", "/stops/quay-1/departures", 9)),
    ),
    Sample(
        "public-holidays", HARBOUR, "Reference data", ("calendar", "open data"),
        "Public holidays of European countries, and whether a date is a working day.", plans=(FREE,),
    ),
    Sample(
        PLATFORM, HARBOUR, "Platform", ("hub", "automation"),
        "This hub's own API: everything that the portal does, for programs.", visibility="internal", plans=(FREE,),
    ),
)  # fmt: skip

# App name, owner (team slug or person's e-mail), subscriptions (API slug, plan index).
APPS: tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...] = (
    ("Shop checkout", MERIDIAN, (("parcel-tracking", 1), ("warehouse-stock", 1), ("currency-rates", 1))),
    ("Driver app", HARBOUR, (("weather", 1), ("city-transit", 0), ("product-catalogue", 0), ("payments", 0))),
    ("Trip planner", "mei.tanaka@demo.example", (("weather", 0), ("city-transit", 1), ("public-holidays", 0))),
)
