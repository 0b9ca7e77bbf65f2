"""Units of measure: what each measures, and how many of the base unit it is worth."""

import re
from dataclasses import dataclass
from fractions import Fraction

from colloquia.language.lexicon import word_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit, e.g. the hour: 3,600 seconds."""

    symbol: str
    dimension: str
    size: Fraction
    """In the base unit of its dimension: seconds, months, metres, …"""
    zero: Fraction = Fraction(0)
    """Where its scale begins, in the base unit; 0 for all but temperatures."""
    exact: bool = True
    """Whether a change into another unit comes out even; else it is rounded as it is made."""


def _table(text: str) -> dict[str, Unit]:
    """Read `dimension symbol size@zero names …`, a unit a line; `~`: it doesn't come out even."""
    units: dict[str, Unit] = {}
    for line in text.strip().splitlines():
        dimension, symbol, measure, *names = line.split(" ")
        size, _, zero = measure.partition("@")
        unit = Unit(
            symbol=symbol.replace("_", " "),
            dimension=dimension,
            size=Fraction(size.removeprefix("~")),
            zero=Fraction(zero or 0),
            exact=not size.startswith("~"),
        )
        units |= {name.replace("_", " "): unit for name in (*names, symbol)}
    return units


# Months and days have no fixed ratio, so they are two dimensions: `calendar` and `time`. Tons and
# gallons differ from country to country: they are measured in nothing but themselves.
_UNITS = _table(
    """
time s 1 seconds second secs sec
time min 60 minutes minute mins
time h 3600 hours hour hrs hr
time days 86400 day
time weeks 604800 week
time fortnights 1209600 fortnight
calendar months 1 month
calendar years 12 year yrs
calendar decades 120 decade
calendar centuries 1200 century
length mm 1/1000 millimetres millimetre millimeters millimeter
length cm 1/100 centimetres centimetre centimeters centimeter
length m 1 metres metre meters meter
length km 1000 kilometres kilometre kilometers kilometer
length inches ~0.0254 inch
length ft ~0.3048 feet foot
length yards ~0.9144 yard
length miles ~1609.344 mile
mass mg 1/1000000 milligrams milligram
mass g 1/1000 grams gram grammes
mass kg 1 kilograms kilogram kilos kilo
mass tonnes 1000 tonne
mass oz ~0.028349523 ounces ounce
mass lb ~0.45359237 pounds pound lbs
ton tons 1 ton
volume ml 1/1000 millilitres millilitre milliliters milliliter
volume l 1 litres litre liters liter
volume m³ 1000 cubic_metres cubic_metre cubic_meters
gallon gallons 1 gallon
area m² 1 square_metres square_metre square_meters
area hectares 10000 hectare ha
area km² 1000000 square_kilometres square_kilometre square_kilometers
area acres ~4046.8564 acre
area sq_mi ~2589988 square_miles square_mile
speed km/h 1 kilometres_per_hour kilometers_per_hour kph
speed mph ~1.609344 miles_per_hour
speed knots ~1.852 knot
power W 1 watts watt
power kW 1000 kilowatts kilowatt
power MW 1000000 megawatts megawatt
share % 1/100 percent per_cent percentage_points
degree degrees 1 degree
temperature K 1 kelvin
temperature °C 1@273.15 degrees_Celsius degrees_centigrade Celsius
temperature °F ~5/9@255.3722 degrees_Fahrenheit Fahrenheit
money-dollar $ 1 dollars dollar
money-euro € 1 euros euro
money-pound £ 1
money-yen ¥ 1 yen
money-cent cents 1 cent
"""
)
COUNT = Unit(symbol="", dimension="count", size=Fraction(1))
TIMES = Unit(symbol="times", dimension="times", size=Fraction(1))
PER_CENT = _UNITS["%"]
HOURS, DAYS, YEARS = _UNITS["h"], _UNITS["days"], _UNITS["years"]
KM, KM_PER_HOUR = _UNITS["km"], _UNITS["km/h"]
PART = Unit(symbol="of the whole", dimension="share", size=Fraction(1))

# A symbol this short needs a figure in digits before it: "5 m", not "five m".
_SYMBOLS = word_set("s h m g l W K ha")
_LONG = sorted((name for name in _UNITS if name not in _SYMBOLS), key=len, reverse=True)
#: A unit's name or symbol behind a number.
UNIT = (
    rf"(?:(?:{'|'.join(re.escape(name) for name in _LONG)})(?![\w°])"
    rf"|(?<=\d[\s\u00a0\u202f])(?:{'|'.join(sorted(_SYMBOLS))})(?!\w)|(?<=\d)[mgh](?!\w))"
)

_NAMED = re.compile(rf"(?<![\w]){UNIT}", re.IGNORECASE)


def unit_named(name: str) -> Unit | None:
    """Return the unit of a name or symbol as written, or None."""
    plain = re.sub(r"\s+", " ", name.strip())
    return _UNITS.get(plain) or _UNITS.get(plain.lower())


def units_in(text: str) -> tuple[Unit, ...]:
    """Return the units a text names, in order: minutes, in "how long is that in minutes"."""
    named = (unit_named(name) for name in _NAMED.findall(text))
    return tuple(dict.fromkeys(unit for unit in named if unit is not None))


def units_of(dimension: str) -> tuple[Unit, ...]:
    """Return the units that measure a dimension, the smallest first."""
    found = {unit for unit in _UNITS.values() if unit.dimension == dimension}
    return tuple(sorted(found, key=lambda unit: unit.size))
