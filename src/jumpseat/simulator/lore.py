"""What there is to say about first names."""

from __future__ import annotations

from collections.abc import Mapping

_LORE: Mapping[str, tuple[str, str]] = {
    "heiner": (
        "It is a German short form of Heinrich, the ruler of the home; the dramatist Heiner Müller bore it",
        "Это немецкая краткая форма имени Генрих: «heim» — дом и «rihhi» — правитель, «правитель дома»",
    ),
    "anna": (
        "It goes back to the Hebrew Hannah, “grace”, and reads the same in both directions",
        "Оно восходит к древнееврейскому «Ханна» — «милость» — и читается одинаково в обе стороны",
    ),
    "ivan": (
        "It is the Slavic form of John: “God is gracious”",
        "Это славянская форма имени Иоанн: «Бог милостив»",
    ),
    "maria": ("It goes back to the Hebrew Miriam", "Оно восходит к древнееврейскому имени Мириам"),
    "robin": (
        "It began as a pet form of Robert, “bright fame”, and is also a small bird's",
        "Когда-то это была ласковая форма имени Роберт, «блестящая слава»; так зовут и птицу зарянку",
    ),
    "alice": (
        "It comes from Adelheid, “of noble kind”, and everybody thinks of Wonderland",
        "Оно происходит от имени Адельхайд — «благородная», и все вспоминают Страну чудес",
    ),
    "peter": ("It is Greek for a rock", "По-гречески это «камень»"),
}
_SAME: Mapping[str, str] = {
    "хайнер": "heiner",
    "хейнер": "heiner",
    "анна": "anna",
    "иван": "ivan",
    "мария": "maria",
    "робин": "robin",
    "алиса": "alice",
    "петр": "peter",
    "пётр": "peter",
}


def about(name: str) -> tuple[str, str]:
    """A true sentence or two about a name, in English and in Russian."""
    lowered = name.lower()
    known = _LORE.get(_SAME.get(lowered, lowered))
    count = len(name)
    english = f"it has {count} letters, begins with {name[0]} and reads {name[::-1].capitalize()} backwards"
    russian = f"букв в нём: {count}, первая — {name[0]}, а задом наперёд выходит {name[::-1].capitalize()}"
    if known:
        return f"{known[0]}. And {english}", f"{known[1]}. А ещё: {russian}"
    return english[0].upper() + english[1:], russian[0].upper() + russian[1:]
