"""The simulator's words in French and English, and how each writes numbers."""

from math import isinf

LANGUAGES = ("fr", "en")
_NARROW = "\u202f"
_WORDS: dict[str, tuple[str, str]] = {
    "simulation": ("Simulation", "Simulation"),
    "seed": ("graine", "seed"),
    "days": ("jours", "days"),
    "hours": ("heures", "hours"),
    "warm_up": ("mise en régime écartée", "warm-up left out"),
    "contents": ("Dans cette page", "On this page"),
    "outcome": ("Ce qu'il est advenu des contacts", "What became of the contacts"),
    "outcome_note": (
        "± : intervalle de confiance à 95 %, par moyennes de lots ; « – » quand il y a trop peu de jours pour le dire. "
        "Attente : de tous ceux qui ont été admis, jusqu'à la réponse ou l'abandon.",
        "±: 95 % confidence interval by batch means; “–” where there are too few days to tell. "
        "Wait: of all who were admitted, until answered or given up.",
    ),
    "kind": ("Contacts", "Contacts"),
    "all": ("Tous ceux en ligne", "All who hold the line"),
    "arrived": ("Arrivés", "Arrived"),
    "redials": ("dont rappels", "of which redials"),
    "answered": ("Répondus", "Answered"),
    "abandoned": ("Abandons", "Gave up"),
    "deflected": ("Déviés", "Deflected"),
    "waiting": ("Attendent encore", "Still waiting"),
    "abandon_share": ("Part d'abandons", "Share giving up"),
    "wait_share": ("Part qui attend", "Share that waits"),
    "mean_wait": ("Attente moyenne", "Mean wait"),
    "percentiles": ("Attente des répondus : 50 / 80 / 95 %", "Wait of the answered: 50 / 80 / 95 %"),
    "service_level": ("Répondus à temps", "Answered in time"),
    "within": ("sous", "within"),
    "handling": ("Durée de traitement", "Handling"),
    "agents": ("Agents", "Agents"),
    "figure": ("Donnée", "Figure"),
    "value": ("Valeur", "Value"),
    "occupancy": ("Part du temps occupée", "Share of time busy"),
    "present_hours": ("Heures de présence", "Hours present"),
    "offers_missed": ("Propositions sans réponse", "Offers unanswered"),
    "offers_declined": ("Propositions refusées", "Offers declined"),
    "by_day": ("Au fil de la journée (moyenne par jour)", "Through the day (mean of a day)"),
    "by_time": ("Au fil de la simulation", "Through the run"),
    "admitted": ("Admis", "Let in"),
    "exempt": ("dont exemptés", "of which exempt"),
    "returning": ("dont revenants", "of which returning"),
    "hung_up": ("Partis pendant le menu", "Left in the menu"),
    "admitted_share": ("Part admise", "Share let in"),
    "first_admitted_share": ("Part admise au premier appel", "Share let in at the first call"),
    "mode_changes": ("Changements de mode", "Mode changes"),
    "admitted_by": ("Admis : {0}", "Let in: {0}"),
    "deflected_by": ("Déviés : {0}", "Deflected: {0}"),
    "rule_override": ("décision d'un superviseur", "a supervisor's hand"),
    "rule_closed": ("ligne fermée", "line closed"),
    "rule_idle": ("agent libre", "agent idle"),
    "rule_exempt": ("exemption", "exemption"),
    "rule_returning": ("revient après un refus", "back after a refusal"),
    "rule_sticky": ("même réponse que peu avant", "same answer as shortly before"),
    "rule_floor": ("part réservée", "reserved share"),
    "rule_mode": ("mode", "mode"),
    "rule_bucket": ("débit", "rate"),
    "rule_wait_cap": ("attente trop longue", "wait too long"),
    "admission": ("La régulation", "The throttle"),
    "admission_note": (
        "Abandons : de ceux qui ont été admis et sont restés jusqu'à la file. "
        "Un appelant exempté que prend un agent libre compte parmi les exemptés, sous la règle de l'agent libre.",
        "Giving up: of those let in who stayed until the queue. "
        "An exempt caller whom an idle agent takes counts as exempt, under the idle agent's rule.",
    ),
    "ways": ("Les autres voies", "Other ways"),
    "ways_note": (
        "Prises : celles qui sont venues à un agent ; une voie prise en vain n'en est pas.",
        "Taken: those that came to an agent; one that was taken in vain is not among them.",
    ),
    "campaign": ("Campagne", "Campaign"),
    "way": ("Voie", "Way"),
    "offered": ("Proposées", "Offered"),
    "taken": ("Prises", "Taken"),
    "served": ("Servies", "Served"),
    "way_callback": ("rappel", "callback"),
    "way_sms_link": ("lien par SMS", "link by SMS"),
    "way_chat": ("messagerie", "chat"),
    "way_voicemail": ("message vocal", "voicemail"),
    "modes": ("Changements de mode, un par un", "Mode changes, one by one"),
    "mode": ("Mode", "Mode"),
    "mode_open": ("ouvert", "open"),
    "mode_advise": ("conseil", "advise"),
    "mode_throttle": ("régulation", "throttle"),
    "mode_essential_only": ("essentiel seulement", "essential only"),
    "live_note": ("Sans le courrier, qui n'attend pas en ligne.", "Without letters, for which nobody holds the line."),
    "from": ("À partir de", "From"),
    "queue": ("En attente", "Waiting"),
    "present": ("Agents présents", "Agents present"),
    "busy": ("Agents occupés", "Agents busy"),
    "each_day": ("Jour par jour", "Day by day"),
    "day": ("Jour", "Day"),
    "announced": ("Attentes annoncées", "Announced waits"),
    "announced_note": (
        "Ce que chaque personne en attente a entendu, face à ce qui est arrivé ; ceux qui ont raccroché comptent, "
        "pour l'attente qu'ils auraient eue. Erreur : annoncé moins vécu.",
        "What everybody who waited was told, against what happened; those who hung up count too, "
        "for the wait they would have had. Error: told less lived.",
    ),
    "method": ("Méthode", "Method"),
    "expected": ("La nôtre (débit mesuré)", "Ours (measured rate)"),
    "by_length": ("Longueur × durée ÷ agents", "Length × handling ÷ agents"),
    "by_last_served": ("Dernier servi", "Last served"),
    "contacts": ("Contacts jugés", "Contacts judged"),
    "mean_error": ("Erreur moyenne", "Mean error"),
    "absolute_error": ("Erreur absolue", "Absolute error"),
    "square_error": ("Erreur quadratique", "Root mean square error"),
    "kept_share": ("Fourchette annoncée tenue (pas plus long)", "Announced range kept (no longer)"),
    "covered_share": ("Dans la fourchette annoncée", "Within the announced range"),
    "calibration": ("Annoncé et vécu, par dixième", "Told and lived, by tenth"),
    "tenth": ("Dixième", "Tenth"),
    "told": ("annoncé", "told"),
    "lived": ("vécu", "lived"),
    "told_seconds": ("Attente annoncée (s)", "Announced wait (s)"),
    "lived_seconds": ("Attente vécue (s)", "Wait that came (s)"),
    "exact": ("exact", "exact"),
    "time_of_day": ("Heure", "Time of day"),
    "run_hours": ("Heures depuis le début", "Hours since the start"),
    "contacts_an_interval": ("Contacts par intervalle", "Contacts per interval"),
    "people": ("Personnes", "People"),
    "wait_seconds": ("Attente moyenne (s)", "Mean wait (s)"),
    "chart_contacts": (
        "Courbes des contacts arrivés, répondus et perdus par intervalle. Les chiffres sont dans le tableau « {0} ».",
        "Lines of contacts arrived, answered and lost per interval. The figures are in the table “{0}”.",
    ),
    "chart_agents": (
        "Courbes des agents présents et occupés et des contacts en attente. Les chiffres sont dans le tableau « {0} ».",
        "Lines of agents present and busy, and of contacts waiting. The figures are in the table “{0}”.",
    ),
    "chart_waits": (
        "Attente moyenne et part répondue à temps. Les chiffres sont dans le tableau « {0} ».",
        "Mean wait and share answered in time. The figures are in the table “{0}”.",
    ),
    "chart_announced": (
        "Attente vécue selon l'attente annoncée, pour trois méthodes ; la diagonale est l'annonce exacte. "
        "Les chiffres sont dans le tableau « {0} ».",
        "Wait that came against wait announced, for three methods; the diagonal is an exact announcement. "
        "The figures are in the table “{0}”.",
    ),
    "files": ("Les fichiers", "The files"),
    "files_note": (
        "Tout ce qui précède se recalcule à partir du journal : app.py simulate --log",
        "All of the above can be recomputed from the log: app.py simulate --log",
    ),
    "needed": ("Agents nécessaires pour répondre à", "Agents needed to answer"),
    "interval": ("Intervalle", "Interval"),
    "skill": ("Compétence", "Skill"),
    "per_hour": ("Par heure", "Per hour"),
    "load": ("Charge (erlangs)", "Load (erlangs)"),
    "rostered": ("Au planning", "Rostered"),
    "everyone": ("toutes, mutualisées", "all, pooled"),
    "lost": ("Abandons et déviés", "Gave up or deflected"),
}


def word(key: str, language: str) -> str:
    """The word in the language."""
    return _WORDS[key][LANGUAGES.index(language)]


def number(value: float | None, language: str, digits: int = 0, unit: str = "") -> str:
    """As people write it: 1 234,5 in French and 1,234.5 in English; – for none."""
    if value is None:
        return "–"
    told = f"{value:,.{digits}f}"
    if language == "fr":
        told = told.translate(str.maketrans(",.", f"{_NARROW},"))
    return f"{told}{_NARROW}{unit}" if unit else told


def share(value: float | None, language: str, digits: int = 1) -> str:
    """A share of one, in per cent."""
    return number(None if value is None else 100 * value, language, digits, "%")


def seconds(value: float | None, language: str, like: float | None = None) -> str:
    """Seconds, as minutes from ten of them and hours from two of those on; in the unit that *like* would have."""
    if value is None or isinf(value):
        return "–" if value is None else "∞"
    size = value if like is None else like
    if size >= 7_200:
        return number(value / 3_600, language, 1, "h")
    if size >= 600:
        return number(value / 60, language, 1, "min")
    return number(value, language, 0 if value == int(value) else 1, "s")


def clock(value: float) -> str:
    """A time of day, or hours of a run beyond it."""
    return f"{int(value) // 3_600:02d}:{int(value) % 3_600 // 60:02d}"
