"""Words as a machine compares them, whoever spelled them."""

import unicodedata


def plain(text: str) -> str:
    """In lower case, without accents, ligatures and punctuation, one blank between two words."""
    folded = unicodedata.normalize("NFKD", text.casefold()).replace("œ", "oe").replace("æ", "ae")
    kept = "".join(one if one.isalnum() else " " for one in folded if not unicodedata.combining(one))
    return " ".join(kept.split())
