"""The bundle that the demo company sells: a catalogue as a policy says it."""

from typing import Final

CODE: Final = "COLD-CHAIN"
NAME: Final = "Cold chain for a clinic"
FAMILY: Final = "Medical refrigeration"
PRICE_E4: Final = 490 * 10_000
COST_E4: Final = 310 * 10_000

CATALOGUE: Final = """\
# What a clinic needs to keep vaccines and blood cold, and to prove it.

[attributes]
PH-60 = { litres = 60, units = 1 }
MR-220 = { litres = 220, units = 1 }
MR-440 = { litres = 440, units = 1 }
MR-700 = { litres = 700, units = 1 }
BB-240 = { litres = 240, units = 1 }
LF-150 = { frozen_litres = 150, units = 1 }
PF-90 = { frozen_litres = 90, units = 1 }
TS-10 = { thermometers = 1, sensors = 1 }
TS-20 = { thermometers = 1, sensors = 1 }
TH-30 = { sensors = 1 }
DO-5 = { sensors = 1 }
GW-100 = { slots = 100 }
GW-400 = { slots = 400 }

[[bundle]]
product = "COLD-CHAIN"

[[bundle.feature]]
code = "fridges"
name = "Refrigerators"
min = 1
option = [
    { product = "PH-60", max = 10 },
    { product = "MR-220", max = 10, default = 1 },
    { product = "MR-440", max = 10 },
    { product = "MR-700", max = 6 },
    { product = "BB-240", max = 4 },
]

[[bundle.feature]]
code = "freezers"
name = "Freezers"
option = [{ product = "LF-150", max = 6 }, { product = "PF-90", max = 4 }]

[[bundle.feature]]
code = "sensors"
name = "Sensors"
min = 1
option = [
    { product = "TS-10", max = 100 },
    { product = "TS-20", max = 100, default = 1 },
    { product = "TH-30", max = 50 },
    { product = "DO-5", max = 50 },
]

[[bundle.feature]]
code = "gateway"
name = "Gateway"
min = 1
max = 1
option = [{ product = "GW-100", max = 4, default = 1 }, { product = "GW-400", max = 2 }]

[[bundle.feature]]
code = "software"
name = "Monitoring software"
min = 1
max = 1
option = [{ product = "SW-S", max = 6, default = 1, included = 1 }, { product = "SW-E", max = 3 }]

[[bundle.feature]]
code = "service"
name = "Service"
max = 3
option = [
    { product = "SV-BAS", max = 6 },
    { product = "SV-PLS", max = 6 },
    { product = "CAL-3", max = 20 },
    { product = "VAL-IQ", max = 3 },
    { product = "INS-1", max = 10, default = 1 },
]

[[bundle.feature]]
code = "parts"
name = "Parts"
option = [{ product = "BT-9", max = 20 }]

[[rule]]
code = "watched"
bundle = "COLD-CHAIN"
sum = "units"
no_more_than = "thermometers"
message = "Each refrigerator and each freezer has a temperature sensor of its own."

[[rule]]
code = "slots"
sum = "sensors"
no_more_than = "slots"
message = "The gateways must take all the sensors."

[[rule]]
code = "one-wiring"
excludes = ["TS-10", "TS-20"]
message = "Wired and wireless temperature sensors are not mixed."

[[rule]]
code = "plasma-battery"
bundle = "COLD-CHAIN"
when = "PF-90"
requires = "BT-9"
message = "A plasma freezer needs a backup battery."

[[rule]]
code = "one-service"
excludes = ["SV-BAS", "SV-PLS"]
message = "One kind of maintenance is enough."
"""
