"""One answer of /metrics, read."""

from prometheus_client.parser import text_string_to_metric_families


class Figures:
    """Its samples; `sum` adds up those of a name whose labels include the given ones."""

    def __init__(self, text: str) -> None:
        self.samples = [one for family in text_string_to_metric_families(text) for one in family.samples]

    def sum(self, name: str, **labels: str) -> float:
        found = [one for one in self.samples if one.name == name and labels.items() <= one.labels.items()]
        return sum(one.value for one in found)
