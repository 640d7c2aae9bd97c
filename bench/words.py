"""A vocabulary as a language has one: few words said all the time, many said hardly ever (Zipf), in French's sound."""

from random import Random

# The most frequent first. The first ones are in about half of all messages; search leaves out those a language always
# says (articles and the like), so none of them is here.
_FIRST = """
bonjour dossier demande merci déclaration impôt attestation document rendez-vous compte remboursement paiement
adresse numéro délai facture formulaire prélèvement courrier avis revenus allocation inscription carte mairie
service espace personnel justificatif situation famille enfant logement taxe habitation échéance acompte erreur
connexion mot passe identifiant téléphone réponse attente urgence réclamation décision recours prestation droit
calcul montant versement retard pénalité majoration crédit emploi formation contrat employeur salaire retraite congé
maladie naissance mariage décès acte extrait passeport identité permis véhicule stationnement école cantine crèche
inscription scolaire transport travaux urbanisme voisin éclairage déchets collecte voirie eau assainissement
"""
_SYLLABLES = """
ba be bi bo ca co cu da de di do fa fi fo ga gi go jou la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro
sa se si so ta te ti to va ve vi vo tion ment eur ance oir elle ette age ique iste
"""
_NAMES = """
Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux David
Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure André
"""
_FORENAMES = """
Camille Léa Zoé Inès Jade Louis Hugo Nadia Samir Chloé Bruno Amélie Karim Élodie Yann Maïwenn
"""


def vocabulary(words: int) -> list[str]:
    """*words* different words, the most frequent first."""
    random, syllables = Random(1), _SYLLABLES.split()
    found = dict.fromkeys(_FIRST.split())
    while len(found) < words:
        found["".join(random.choices(syllables, k=random.randint(2, 5)))] = None
    return list(found)


def sentences(count: int, known: list[str]) -> list[str]:
    """*count* texts of 8 to 30 words; the word of rank n is drawn in proportion to 1/n."""
    random = Random(2)
    return [" ".join(_often(random, known) for _ in range(random.randint(8, 30))) for _ in range(count)]


def names(count: int) -> list[str]:
    """*count* people, two of three with one of thirty names (Martin most of all), the others with rare ones."""
    random, common, first = Random(3), _NAMES.split(), _FORENAMES.split()
    rare = [word.capitalize() for word in vocabulary(4_000)[200:]]
    return [f"{random.choice(first)} {_often(random, common) if n % 3 else random.choice(rare)}" for n in range(count)]


def _often(random: Random, known: list[str]) -> str:
    """One of *known*, in proportion to 1/rank."""
    return known[int(len(known) ** random.random()) - 1]
