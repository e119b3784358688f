"""How fast sfactl is, as ratios of whole processes that run in turn: each measurement beside its floor."""
