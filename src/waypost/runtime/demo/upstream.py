"""The demo's providers: one small server that answers for all samples that are not mocks, each under its slug.

Answers are computed from the request and the date, so they look alive and stay the same within a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

CITIES = {
    "lisbon": ("Lisbon", "PT", 17), "oslo": ("Oslo", "NO", 6), "rotterdam": ("Rotterdam", "NL", 11),
    "athens": ("Athens", "GR", 18), "vienna": ("Vienna", "AT", 11), "dublin": ("Dublin", "IE", 10),
    "nairobi": ("Nairobi", "KE", 19), "lima": ("Lima", "PE", 19), "osaka": ("Osaka", "JP", 16),
    "toronto": ("Toronto", "CA", 9), "hobart": ("Hobart", "AU", 13), "cairo": ("Cairo", "EG", 22),
}  # fmt: skip
RATES = {
    "EUR": 1.0,
    "USD": 1.0832,
    "GBP": 0.8571,
    "JPY": 163.42,
    "CHF": 0.9611,
    "SEK": 11.284,
    "NOK": 11.706,
    "INR": 90.15,
}
PRODUCTS = {
    "LAMP-12": ("Desk lamp", "lighting", 4900), "LAMP-30": ("Floor lamp", "lighting", 12900),
    "CHAIR-4": ("Oak chair", "furniture", 8900), "TABLE-1": ("Oak table", "furniture", 34900),
    "HOSE-20": ("Garden hose, 20 m", "garden", 2900), "POT-7": ("Clay pot", "garden", 1200),
}  # fmt: skip
STOPS = {
    "quay-1": ("North Quay", ["ferry", "tram"]),
    "pier-9": ("South Pier", ["ferry"]),
    "hall-2": ("Market Hall", ["bus", "tram"]),
}
HOLIDAYS = [
    ("01-01", "New Year"),
    ("05-01", "Labour Day"),
    ("12-25", "Christmas Day"),
    ("12-26", "Second Christmas Day"),
]
SKIES = ("clear", "clouds", "rain", "clear", "clouds")


def _pick(*parts: object, below: int) -> int:
    """A number that depends on ``parts`` alone."""
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4]) % below


def _today() -> date:
    return datetime.now(UTC).date()


def _unknown(what: str) -> JSONResponse:
    return JSONResponse({"error": f"unknown_{what}"}, status_code=404)


async def cities(_: Request) -> JSONResponse:
    """``GET /weather/cities``."""
    return JSONResponse(
        {"cities": [{"id": key, "name": name, "country": land} for key, (name, land, _) in CITIES.items()]}
    )


async def current(request: Request) -> JSONResponse:
    """``GET /weather/cities/{city}/current``."""
    city = request.path_params["city"]
    if city not in CITIES:
        return _unknown("city")
    seed = (city, _today(), datetime.now(UTC).hour)
    warmth = CITIES[city][2] + _pick(*seed, below=90) / 10 - 4.5
    wind = 1 + _pick("wind", *seed, below=90) / 10
    sky = SKIES[_pick("sky", *seed, below=5)]
    return JSONResponse({"city": city, "temperature": round(warmth, 1), "wind": round(wind, 1), "sky": sky})


async def forecast(request: Request) -> JSONResponse:
    """``GET /weather/cities/{city}/forecast``."""
    city = request.path_params["city"]
    if city not in CITIES:
        return _unknown("city")
    wanted = request.query_params.get("days", "5")
    count = int(wanted) if wanted.isdigit() and 1 <= int(wanted) <= 5 else 5
    return JSONResponse({"city": city, "days": [_day(city, _today() + timedelta(days=n)) for n in range(count)]})


def _day(city: str, day: date) -> dict[str, Any]:
    low = CITIES[city][2] - 3 - _pick(city, day, below=40) / 10
    sky = SKIES[_pick("sky", city, day, below=5)]
    return {"date": day.isoformat(), "low": round(low, 1), "high": round(low + 8, 1), "sky": sky}


async def rates(request: Request) -> JSONResponse:
    """``GET /currency-rates/rates``."""
    base = request.query_params.get("base", "EUR").upper()
    if base not in RATES:
        return _unknown("currency")
    found = {code: round(rate / RATES[base], 6) for code, rate in RATES.items() if code != base}
    return JSONResponse({"base": base, "date": _today().isoformat(), "rates": found})


async def convert(request: Request) -> JSONResponse:
    """``GET /currency-rates/convert``."""
    query = request.query_params
    source, target = query.get("from", "EUR").upper(), query.get("to", "USD").upper()
    try:
        amount = float(query.get("amount", "1"))
    except ValueError:
        return JSONResponse({"error": "amount_is_no_number"}, status_code=422)
    if source not in RATES or target not in RATES:
        return _unknown("currency")
    result = round(amount * RATES[target] / RATES[source], 2)
    return JSONResponse({"from": source, "to": target, "amount": amount, "result": result})


async def parcel(request: Request) -> JSONResponse:
    """``GET /parcel-tracking/parcels/{number}``."""
    number = request.path_params["number"]
    if not number.startswith("HB-"):
        return _unknown("parcel")
    status = ("announced", "in_transit", "in_transit", "out_for_delivery", "delivered")[_pick(number, below=5)]
    estimate = _today() + timedelta(days=_pick("eta", number, below=4))
    return JSONResponse({"number": number, "status": status, "carrier": "Harbour", "estimate": estimate.isoformat()})


async def parcel_events(request: Request) -> JSONResponse:
    """``GET /parcel-tracking/parcels/{number}/events``."""
    places = ("Rotterdam", "Antwerp", "Lille")
    at = datetime.now(UTC).replace(minute=12, second=0, microsecond=0)
    what = ("arrived_at_hub", "left_hub", "accepted")
    rows = [{"at": (at - timedelta(hours=7 * n)).isoformat(), "place": places[n], "what": what[n]} for n in range(3)]
    return JSONResponse({"number": request.path_params["number"], "events": rows})


async def notify(request: Request) -> JSONResponse:
    """``POST /parcel-tracking/subscriptions``."""
    try:
        body = await request.json()
    except ValueError:
        return JSONResponse({"error": "not_json"}, status_code=400)
    number = body.get("number") if isinstance(body, dict) else None
    if not number:
        return JSONResponse({"error": "number_missing"}, status_code=422)
    return JSONResponse({"id": f"ntf-{_pick(number, below=900)}", "number": number}, status_code=201)


async def products(request: Request) -> JSONResponse:
    """``GET /product-catalogue/products``."""
    words, category = request.query_params.get("q", "").lower(), request.query_params.get("category", "")
    found = [
        _product(sku) for sku, (name, kind, _) in PRODUCTS.items() if words in name.lower() and category in ("", kind)
    ]
    return JSONResponse({"products": found})


async def product(request: Request) -> JSONResponse:
    """``GET /product-catalogue/products/{sku}``."""
    sku = request.path_params["sku"]
    return JSONResponse(_product(sku)) if sku in PRODUCTS else _unknown("product")


def _product(sku: str) -> dict[str, Any]:
    name, category, price = PRODUCTS[sku]
    return {"sku": sku, "name": name, "price": price, "category": category}


async def categories(_: Request) -> JSONResponse:
    """``GET /product-catalogue/categories``."""
    return JSONResponse({"categories": sorted({kind for _, kind, _ in PRODUCTS.values()})})


async def stops(_: Request) -> JSONResponse:
    """``GET /city-transit/stops``."""
    return JSONResponse({"stops": [{"id": key, "name": name, "kinds": kinds} for key, (name, kinds) in STOPS.items()]})


async def departures(request: Request) -> JSONResponse:
    """``GET /city-transit/stops/{id}/departures``."""
    stop = request.path_params["id"]
    if stop not in STOPS:
        return _unknown("stop")
    minute = datetime.now(UTC).minute
    lines = (("F2", "South Pier"), ("T4", "Market Hall"), ("B11", "University"))
    rows = [
        {"line": line, "to": to, "in_minutes": (_pick(stop, line, below=12) - minute) % 12 + 1} for line, to in lines
    ]
    return JSONResponse({"stop": stop, "departures": sorted(rows, key=lambda row: str(row["in_minutes"]).zfill(3))})


async def holidays(request: Request) -> JSONResponse:
    """``GET /public-holidays/holidays/{country}/{year}``."""
    year = request.path_params["year"]
    found = [{"date": f"{year}-{day}", "name": name} for day, name in HOLIDAYS]
    return JSONResponse({"country": request.path_params["country"].upper(), "year": year, "holidays": found})


async def working_day(request: Request) -> JSONResponse:
    """``GET /public-holidays/working-day/{country}/{date}``."""
    try:
        day = date.fromisoformat(request.path_params["date"])
    except ValueError:
        return JSONResponse({"error": "no_date"}, status_code=422)
    free = day.weekday() >= 5 or day.strftime("%m-%d") in dict(HOLIDAYS)
    return JSONResponse({"date": day.isoformat(), "working_day": not free})


def create_upstream() -> Starlette:
    """All samples under their slugs."""
    table: list[tuple[str, str, Callable[..., Any]]] = [
        ("GET", "/weather/cities", cities),
        ("GET", "/weather/cities/{city}/current", current),
        ("GET", "/weather/cities/{city}/forecast", forecast),
        ("GET", "/currency-rates/rates", rates),
        ("GET", "/currency-rates/convert", convert),
        ("GET", "/parcel-tracking/parcels/{number}", parcel),
        ("GET", "/parcel-tracking/parcels/{number}/events", parcel_events),
        ("POST", "/parcel-tracking/subscriptions", notify),
        ("GET", "/product-catalogue/products", products),
        ("GET", "/product-catalogue/products/{sku}", product),
        ("GET", "/product-catalogue/categories", categories),
        ("GET", "/city-transit/stops", stops),
        ("GET", "/city-transit/stops/{id}/departures", departures),
        ("GET", "/public-holidays/holidays/{country}/{year:int}", holidays),
        ("GET", "/public-holidays/working-day/{country}/{date}", working_day),
    ]
    return Starlette(routes=[Route(path, answer, methods=[method]) for method, path, answer in table])
