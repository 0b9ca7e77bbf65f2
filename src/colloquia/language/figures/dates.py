"""What a month and a year look like in English."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
MONTH = "(?:" + "|".join(MONTHS) + ")"
YEAR = r"(?:1[0-9]\d\d|20\d\d)"
