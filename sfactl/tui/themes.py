"""The colours. Nothing is said by colour alone, and no two that matter differ only in red and green."""

from typing import Final

from textual.theme import Theme

from sfactl.i18n import N_

THEMES: Final = (
    Theme(
        name="sfactl-dark", primary="#4c9be8", secondary="#7aa2c7", accent="#e8a33d", warning="#e8a33d",
        error="#e0685a", success="#5fb3a1", foreground="#dfe4ea", background="#11161c", surface="#161c24",
        panel="#1f2833", dark=True,
    ),
    Theme(
        name="sfactl-light", primary="#0b5cad", secondary="#41698f", accent="#a85c00", warning="#a85c00",
        error="#b3261e", success="#00705a", foreground="#1b2430", background="#f5f7fa", surface="#ffffff",
        panel="#dde4ec", dark=False,
    ),
    Theme(
        name="sfactl-contrast", primary="#ffff00", secondary="#00ffff", accent="#ffff00", warning="#ffff00",
        error="#ffff00", success="#00ffff", foreground="#ffffff", background="#000000", surface="#000000",
        panel="#000000", dark=True, text_alpha=1.0,
        variables={
            "block-cursor-foreground": "#000000", "block-cursor-background": "#ffff00",
            "block-cursor-blurred-foreground": "#000000", "block-cursor-blurred-background": "#ffffff",
            "footer-key-foreground": "#ffff00", "footer-background": "#000000", "border": "#ffffff",
            "foreground-muted": "#ffffff", "text": "#ffffff", "text-muted": "#ffffff",
        },
    ),
    Theme(
        name="sfactl-safe", primary="#56b4e9", secondary="#0072b2", accent="#e69f00", warning="#e69f00",
        error="#d55e00", success="#56b4e9", foreground="#e6e6e6", background="#101418", surface="#171c22",
        panel="#222a33", dark=True,
    ),
)  # fmt: skip

OF_SETTING: Final = {
    "dark": "sfactl-dark", "light": "sfactl-light", "contrast": "sfactl-contrast", "colour-blind": "sfactl-safe",
}  # fmt: skip
"""The words of `[screens] theme` in the settings file."""

NAMES: Final = {
    "sfactl-dark": N_("dark"),
    "sfactl-light": N_("light"),
    "sfactl-contrast": N_("high contrast"),
    "sfactl-safe": N_("safe for the colour-blind"),
}
