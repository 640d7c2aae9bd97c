"""The demo's people: who signs in, what they know, and the first names and surnames of invented citizens."""

from typing import NamedTuple

PASSWORD = "valmont-demo-2026"
OUTSOURCER = "Accueil & Cie"
POOL = "valmont"
OPERATOR = "operateur@guichet.example"
SUPERVISOR = ("sophie@accueil.example", "Sophie Lambert")
EVERYWHERE = ("impots-valmont", "emploi-valmont", "ville-valmont")


class AgentPlan(NamedTuple):
    """An agent, the administrations that granted them their campaign, and how well they know each subject (1 to 5)."""

    login: str
    name: str
    languages: list[str]
    administrations: tuple[str, ...]
    skills: dict[str, int]


_TAXES, _EMPLOYMENT, _CITY = (("impots-valmont",), ("emploi-valmont",), ("ville-valmont",))
_FR, _BOTH = ["fr"], ["fr", "en"]

AGENTS = (
    AgentPlan("amelie@accueil.example", "Amélie Roche", _BOTH, _TAXES, {"income-tax": 4, "tax-credit": 2}),
    AgentPlan("bruno@accueil.example", "Bruno Castel", _FR, _CITY, {"civil-status": 4, "school": 3, "waste": 3}),
    AgentPlan(
        "chloe@accueil.example",
        "Chloé Vasseur",
        _BOTH,
        EVERYWHERE,
        {"income-tax": 3, "accounts": 3, "registration": 3, "benefits": 2, "civil-status": 3, "school": 2},
    ),
    AgentPlan("david@accueil.example", "David Nguyen", _BOTH, _TAXES, {"payment": 5, "accounts": 4}),
    AgentPlan("elise@accueil.example", "Élise Garnier", _FR, _TAXES, {"tax-credit": 4, "income-tax": 3, "payment": 1}),
    AgentPlan("farid@accueil.example", "Farid Benali", _FR, _EMPLOYMENT, {"registration": 4, "benefits": 4}),
    AgentPlan("gaelle@accueil.example", "Gaëlle Le Goff", _FR, _EMPLOYMENT, {"training": 5, "registration": 2}),
    AgentPlan("hugo@accueil.example", "Hugo Martel", _BOTH, _CITY, {"waste": 4, "school": 2, "civil-status": 1}),
    AgentPlan("ines@accueil.example", "Inès Moreau", _BOTH, _CITY, {"school": 5, "civil-status": 3}),
    AgentPlan(
        "julien@accueil.example",
        "Julien Picard",
        _FR,
        EVERYWHERE,
        {"payment": 3, "tax-credit": 3, "benefits": 3, "training": 2, "waste": 3},
    ),
    AgentPlan(
        "karima@accueil.example",
        "Karima Haddad",
        _BOTH,
        ("impots-valmont", "emploi-valmont"),
        {"accounts": 3, "tax-credit": 3, "income-tax": 2, "benefits": 3, "training": 3},
    ),
    AgentPlan("louis@accueil.example", "Louis Bertin", _FR, _EMPLOYMENT, {"benefits": 2, "training": 1}),
)

FIRST_NAMES = [
    "Adèle",
    "Antoine",
    "Aya",
    "Baptiste",
    "Camille",
    "Clara",
    "Damien",
    "Denise",
    "Emma",
    "Fatou",
    "Gabriel",
    "Hélène",
    "Ibrahim",
    "Jeanne",
    "Kenza",
    "Léo",
    "Lina",
    "Manon",
    "Mathis",
    "Mehdi",
    "Nora",
    "Oscar",
    "Paulette",
    "Quentin",
    "Rose",
    "Samir",
    "Simone",
    "Théo",
    "Valérie",
    "Yanis",
    "Zoé",
]
SURNAMES = [
    "Aubrac",
    "Barbier",
    "Besson",
    "Carlier",
    "Chevrel",
    "Diallo",
    "Dumontel",
    "Fauvel",
    "Gaillot",
    "Hamelin",
    "Jourdan",
    "Kermadec",
    "Lacaze",
    "Lemoine",
    "Mercadier",
    "Navarre",
    "Ollivier",
    "Perrault",
    "Quillet",
    "Rambert",
    "Sauvage",
    "Tessier",
    "Urbain",
    "Valade",
    "Weber",
    "Yvert",
    "Zidani",
]
CHILDREN = ["Lou", "Noé", "Jade", "Sacha", "Alma", "Milo", "Rayan", "Iris"]
STREETS = (
    "rue des Tilleuls",
    "rue du Lavoir",
    "avenue de la Gare",
    "place du Marché",
    "allée des Vignes",
    "chemin du Moulin",
)
DAYS = {"fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi"], "en": ["last Monday", "last Tuesday", "last Friday"]}

WRAP_UP_CODES = (
    ("answered", {"fr": "Réponse apportée", "en": "Answered"}),
    ("transferred", {"fr": "Transmis à un autre service", "en": "Transferred elsewhere"}),
    ("document_awaited", {"fr": "Pièce attendue", "en": "Document awaited"}),
    ("callback_agreed", {"fr": "Rappel convenu", "en": "Callback agreed"}),
    ("other", {"fr": "Autre", "en": "Other"}),
)
