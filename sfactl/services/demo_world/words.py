"""Names of the demo: invented people, places and companies, and some that software stumbles over."""

STEMS = (
    "Alder", "Bram", "Calder", "Dorn", "Elsin", "Farrow", "Garnet", "Hollin", "Ister", "Jarro", "Kestrel",
    "Larkin", "Marlo", "Norwin", "Oster", "Pell", "Quill", "Rowan", "Selwyn", "Tarn", "Umber", "Varley",
    "Winmar", "Yarrow", "Zephyr", "Corvin", "Hazel", "Lindel", "Mistral", "Sable",
)  # fmt: skip
ENDINGS = ("mere", "combe", "holt", "stead", "fell", "garth", "haven", "crest", "gate", "moor")
SURNAMES = (
    "Abara", "Brandvold", "Castellano", "Dubois", "Eriksen", "Fujimoto", "Galvão", "Hennessy", "Ibáñez",
    "Jensen", "Kowalczyk", "Lefèvre", "McAllister", "Núñez", "O'Neill", "Papadopoulos", "Quintero", "Ramírez",
    "Søndergaard", "Takahashi", "Ueda", "Vogel", "Whitaker", "Ximénez", "Young", "Zielińska", "van der Berg",
    "D'Angelo", "Müller", "Nwosu", "Park", "Singh", "Tran", "Yazzie", "Begaye", "Chen", "Okonkwo", "Haddad",
)  # fmt: skip
FIRST_NAMES = (
    "Adaeze", "Amir", "Beatriz", "Brooke", "Carlos", "Chloé", "Dana", "Dmitri", "Elena", "Ethan", "Fatima",
    "Frank", "Grace", "Gustavo", "Hana", "Ian", "Ingrid", "Jamal", "Jo", "Keiko", "Lars", "Leila", "Marcus",
    "Mei", "Nadia", "Noah", "Olga", "Owen", "Paloma", "Quentin", "Rafael", "Ruth", "Sanjay", "Tess", "Uma",
    "Víctor", "Wendy", "Xavier", "Yusuf", "Zoë",
)  # fmt: skip

NAME_PATTERNS = {
    "Hospital": ("{place} Regional Hospital", "{place} Medical Center", "{place} Children's Clinic"),
    "Laboratory": ("{place} Diagnostics", "{place} Reference Labs", "{stem} & {surname} Bioscience"),
    "Pharmacy": ("{surname} Pharmacies of {place}", "{place} Compounding", "{place} Drug & Vaccine"),
    "University": ("University of {place}", "{place} College of Medicine", "{place} Polytechnic"),
    "Food processing": ("{surname} & Sons Meats, {place}", "{place} Creamery", "{place} Frozen Foods"),
    "Grocery": ("{place} Markets", "{place} Co-op Grocers", "{surname}'s Fresh Food, {place}"),
    "Restaurants": ("{place} Kitchens", "The {place} Table", "{surname}'s of {place}"),
}
INDUSTRY_WEIGHTS = {
    "Hospital": 22, "Laboratory": 17, "Pharmacy": 12, "University": 8, "Food processing": 17, "Grocery": 13,
    "Restaurants": 11,
}  # fmt: skip

AWKWARD_ACCOUNTS = (
    ("=SUM Industries", "Food processing"),
    ("+Plus Pharma", "Pharmacy"),
    ("-80 Degrees Storage", "Laboratory"),
    ("@Home Meals", "Restaurants"),
    ("[bold]Frost[/bold] Foods", "Food processing"),
    ("[Northlight] Labs", "Laboratory"),
    ("O'Hara & O'Hara Ice Cream, \"The Original\"", "Food processing"),
    ("Clínica Ñandú", "Hospital"),
    ("Käserei Übelhör", "Food processing"),
    ("Łąka Piekarnia", "Restaurants"),
    ("冷鮮物流", "Food processing"),
    ("さくら冷蔵センター", "Grocery"),
    ("مختبرات النور", "Laboratory"),
    ("Null & Void Catering", "Restaurants"),
    ("True, False; Partners | Grocers", "Grocery"),
    ("C:\\Temp Cold Stores <Main>", "Grocery"),
    ("100 % Fresh {Daily}", "Restaurants"),
    (
        "The Very Old and Most Honourable Association of Independent Dairy Farmers and Cheesemakers of the "
        "Upper Valley",
        "Food processing",
    ),
)
AWKWARD_CONTACTS = (
    "Bobby “Tables” O'Drop", "王小明", "Ana María de la Ó", "Nguyễn Thị Ánh", "X Æ", "Null", "[Red] Schäfer",
    "Þórdís Ægisdóttir", "-Dash Pérez", "Şule Çağlar",
)  # fmt: skip

JOB_TITLES = {
    "Hospital": ("Pharmacy director", "Biomedical engineer", "Head of purchasing", "Transfusion manager"),
    "Laboratory": ("Lab manager", "Head of operations", "Quality manager"),
    "Pharmacy": ("Owner", "Pharmacist in charge", "Head of purchasing"),
    "University": ("Core facility manager", "Procurement officer", "Principal investigator"),
    "Food processing": ("Plant manager", "Head of quality", "Maintenance lead"),
    "Grocery": ("Head of store equipment", "Energy manager", "Operations director"),
    "Restaurants": ("Executive chef", "Owner", "Head of purchasing"),
}

COORDINATES = {
    "Seattle": (47.606, -122.332), "Spokane": (47.659, -117.426), "Portland": (45.515, -122.678), "Boise": (43.615, -116.202),
    "Los Angeles": (34.052, -118.244), "San Diego": (32.716, -117.161), "Sacramento": (38.582, -121.494),
    "Fresno": (36.738, -119.787), "Oakland": (37.804, -122.271), "Phoenix": (33.448, -112.074), "Tucson": (32.223, -110.975),
    "Albuquerque": (35.084, -106.650), "Santa Fe": (35.687, -105.938), "Las Vegas": (36.170, -115.140),
    "El Paso": (31.762, -106.485), "Chicago": (41.878, -87.630), "Detroit": (42.331, -83.046), "Cleveland": (41.499, -81.694),
    "Milwaukee": (43.039, -87.907), "Indianapolis": (39.768, -86.158), "Minneapolis": (44.978, -93.265),
    "Kansas City": (39.100, -94.579), "Omaha": (41.257, -95.935), "Des Moines": (41.587, -93.625), "Houston": (29.760, -95.370),
    "Dallas": (32.777, -96.797), "San Antonio": (29.425, -98.494), "New Orleans": (29.951, -90.072), "Tulsa": (36.154, -95.993),
    "Boston": (42.360, -71.059), "New York": (40.713, -74.006), "Newark": (40.736, -74.172), "Hartford": (41.766, -72.673),
    "Philadelphia": (39.953, -75.165), "Atlanta": (33.749, -84.388), "Miami": (25.762, -80.192), "Tampa": (27.951, -82.457),
    "Charlotte": (35.227, -80.843), "Nashville": (36.163, -86.782),
}  # fmt: skip
"""Where the middle of each city is, in degrees."""


def near(city: str, number: int) -> tuple[str, str]:
    """A place in or around a city, as its number has it: latitude and longitude."""
    latitude, longitude = COORDINATES[city]
    return f"{latitude + (number * 37 % 61 - 30) / 60:.4f}", f"{longitude + (number * 53 % 71 - 35) / 60:.4f}"


CITIES = {
    "NW": (("Seattle", "WA", "981", "206"), ("Spokane", "WA", "992", "509"), ("Portland", "OR", "972", "503"),
           ("Boise", "ID", "837", "208")),
    "PC": (("Los Angeles", "CA", "900", "213"), ("San Diego", "CA", "921", "619"),
           ("Sacramento", "CA", "958", "916"), ("Fresno", "CA", "937", "559"), ("Oakland", "CA", "946", "510")),
    "SW": (("Phoenix", "AZ", "850", "602"), ("Tucson", "AZ", "857", "520"), ("Albuquerque", "NM", "871", "505"),
           ("Santa Fe", "NM", "875", "505"), ("Las Vegas", "NV", "891", "702"), ("El Paso", "TX", "799", "915")),
    "GL": (("Chicago", "IL", "606", "312"), ("Detroit", "MI", "482", "313"), ("Cleveland", "OH", "441", "216"),
           ("Milwaukee", "WI", "532", "414"), ("Indianapolis", "IN", "462", "317")),
    "PL": (("Minneapolis", "MN", "554", "612"), ("Kansas City", "MO", "641", "816"),
           ("Omaha", "NE", "681", "402"), ("Des Moines", "IA", "503", "515")),
    "GC": (("Houston", "TX", "770", "713"), ("Dallas", "TX", "752", "214"), ("San Antonio", "TX", "782", "210"),
           ("New Orleans", "LA", "701", "504"), ("Tulsa", "OK", "741", "918")),
    "NE": (("Boston", "MA", "021", "617"), ("New York", "NY", "100", "212"), ("Newark", "NJ", "071", "973"),
           ("Hartford", "CT", "061", "860"), ("Philadelphia", "PA", "191", "215")),
    "SE": (("Atlanta", "GA", "303", "404"), ("Miami", "FL", "331", "305"), ("Tampa", "FL", "336", "813"),
           ("Charlotte", "NC", "282", "704"), ("Nashville", "TN", "372", "615")),
}  # fmt: skip
"""Per territory: city, state, first digits of the postal code, area code."""

PROJECTS = {
    "Medical refrigeration": ("Vaccine storage", "Blood bank renewal", "Pharmacy refrigerators", "Plasma storage"),
    "Laboratory freezers": ("Ultra-low freezers", "Cryogenic storage", "Sample archive", "Freezer replacement"),
    "Food cooling": ("Blast chilling", "Walk-in cold room", "Display cases", "Condensing units"),
    "Monitoring": ("Temperature monitoring", "Wireless sensors", "Alarm and dial-out", "Audit-proof records"),
    "Service and parts": ("Maintenance contract", "Calibration round", "Requalification", "Spare parts frame"),
}
PLACES = (
    "new wing", "second site", "main building", "north campus", "central kitchen", "loading dock", "clinic 4",
    "distribution center", "research floor", "phase 2", "all branches", "pilot",
)  # fmt: skip
NEXT_STEPS = (
    "Call the purchasing department", "Send the revised offer", "Visit the site with an engineer",
    "Wait for the budget meeting", "Agree on delivery dates", "Show the monitoring software",
    "Get the terms signed", "Find out who decides",
)  # fmt: skip
