"""Dates as services count them: months and years later, and the texts under which birth dates of a span are told."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def add_years(day: date, years: int) -> date:
    """The day that many years later or earlier; of 29 February in a common year the last of the month (民法典第二百零二条)."""
    year = day.year + years
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))


def add_months(day: date, months: int) -> date:
    """The day that many months later or earlier; where the month is too short its last day."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def text_days(first: date, last: date) -> list[str]:
    """Every text under which a birth from `first` to `last` may be told: each day, its month where the day is not known, its year where the month is not."""
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    months = sorted({(day.year, day.month) for day in days})
    years = sorted({day.year for day in days})
    vague = [text for year, month in months for text in (f"{year:04d}-{month:02d}", f"{year:04d}-{month:02d}-00")]
    return [*(day.isoformat() for day in days), *vague, *(text for year in years for text in (f"{year:04d}", f"{year:04d}-00-00"))]
