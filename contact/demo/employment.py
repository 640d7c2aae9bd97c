"""The demo's employment service."""

from contact.demo.plan import AdministrationPlan, Story, TopicPlan

_STORIES = (
    Story(
        topic="registration",
        language="fr",
        subject="Comment m’inscrire après la fin de mon contrat",
        lines=(
            "Mon contrat s’est terminé {day}. Comment dois-je m’inscrire ?",
            "L’inscription se fait en ligne, en vingt minutes. Avez-vous reçu l’attestation de votre employeur ?",
            "Oui, avec mon dernier bulletin de paie.",
            "Parfait : elle vous sera demandée à la dernière étape. "
            "Un conseiller vous appellera ensuite sous cinq jours pour faire connaissance.",
            "Très bien, je m’en occupe ce soir. Merci.",
        ),
        note="Inscription à faire en ligne, pièces complètes.",
        outside="Attestation demandée à l’ancien employeur.",
    ),
    Story(
        topic="registration",
        language="fr",
        subject="J’ai manqué mon rendez-vous",
        lines=(
            "J’ai manqué mon rendez-vous {day}, mon enfant était malade. Est-ce que je risque une radiation ?",
            "J’espère que votre enfant va mieux. Pouvez-vous nous envoyer un mot du médecin, même une simple photo ?",
            "Oui, je l’ai. Je vous l’envoie tout de suite.",
            "Merci, l’absence est excusée. Je vous propose un nouveau rendez-vous mardi à 10 h, par téléphone.",
            "Mardi à 10 h, c’est parfait. Merci de votre compréhension.",
        ),
        note="Absence excusée, justificatif vu.",
        outside="Nouveau créneau demandé au conseiller référent.",
    ),
    Story(
        topic="registration",
        language="fr",
        subject="Actualisation oubliée",
        lines=(
            "J’ai oublié de m’actualiser ce mois-ci. Est-ce trop tard ?",
            "Il reste une solution. Avez-vous travaillé, même quelques heures, le mois dernier ?",
            "Non, aucune heure.",
            "Je rouvre votre actualisation jusqu’à demain soir : il suffit de répondre aux questions en ligne.",
        ),
        note="Actualisation rouverte 24 h.",
        outside="Réouverture à valider par l’agence.",
    ),
    Story(
        topic="benefits",
        language="fr",
        subject="Montant de mon allocation",
        lines=(
            "J’ai reçu {amount} € alors que j’attendais davantage. Pouvez-vous m’expliquer ?",
            "Bien sûr. Avez-vous repris une activité pendant le mois ?",
            "Oui, quelques jours en intérim.",
            "C’est la raison : une partie de ce salaire est déduite ce mois-ci, mais vos droits durent plus longtemps.",
            "Je comprends mieux, merci pour l’explication.",
        ),
        note="Cumul partiel expliqué.",
        outside="Bulletin d’intérim attendu de l’agence de travail temporaire.",
    ),
    Story(
        topic="benefits",
        language="fr",
        subject="Paiement en retard",
        lines=(
            "Mon paiement n’est pas arrivé {day} comme d’habitude. J’ai mon loyer à régler.",
            "Je regarde tout de suite. Avez-vous changé de compte bancaire dernièrement ?",
            "Oui, j’ai envoyé mon nouveau RIB la semaine dernière.",
            "Il vient d’être enregistré : le virement de {amount} € part aujourd’hui, vous l’aurez sous deux jours.",
            "Ouf, merci. Je préviens mon propriétaire.",
            "Si besoin, je peux vous envoyer une attestation pour lui. Bonne journée.",
        ),
        note="RIB validé, paiement relancé.",
        outside="Virement relancé auprès du service comptable.",
    ),
    Story(
        topic="benefits",
        language="fr",
        subject="Droits pendant un congé maladie",
        lines=(
            "Je suis en arrêt maladie depuis {day}. Que deviennent mes allocations ?",
            "Prenez soin de vous. Nous avez-vous déjà déclaré cet arrêt ?",
            "Non, je ne savais pas qu’il le fallait.",
            "Je le note pour vous. Vos allocations sont suspendues et l’assurance maladie prend le relais ; "
            "elles reprendront à la fin de l’arrêt.",
        ),
        note="Arrêt maladie déclaré par l’usager.",
        outside="Échange avec l’assurance maladie en cours.",
    ),
    Story(
        topic="training",
        language="fr",
        subject="Financement d’une formation",
        lines=(
            "Je voudrais suivre une formation d’aide-soignante, elle coûte 2 900 €. Peut-elle être financée ?",
            "Très beau projet ! Avez-vous déjà un devis de l’organisme ?",
            "Oui, il est valable jusqu’à la fin du mois.",
            "Déposez-le dans votre espace : nous l’étudions sous dix jours, et le métier est prioritaire ici.",
            "Super, je le dépose aujourd’hui. Merci !",
        ),
        note="Métier en tension, avis favorable.",
        outside="Demande de cofinancement envoyée à la région.",
    ),
    Story(
        topic="training",
        language="fr",
        subject="Stage de remise à niveau en français",
        lines=(
            "Existe-t-il des cours pour améliorer mon français écrit ?",
            "Oui, gratuits et près de chez vous. Préférez-vous le matin ou le soir ?",
            "Le soir, car je garde mes enfants dans la journée.",
            "Une session commence le mois prochain, deux soirs par semaine, {street}. Je vous y inscris ?",
            "Oui, avec joie. Merci beaucoup.",
        ),
        note="Inscription à la session du soir.",
        outside="Place à confirmer par l’organisme de formation.",
    ),
)

EMPLOYMENT = AdministrationPlan(
    slug="emploi-valmont",
    name="Agence de l’emploi de Valmont",
    hue=0,
    signature={"fr": "Agence de l’emploi de Valmont", "en": "Valmont employment agency"},
    administrators=(("marc@emploi.example", "Marc Delvaux"),),
    campaign_slug="inscription",
    campaign={"fr": "Inscription et droits", "en": "Registration and rights"},
    welcome={
        "fr": "Bonjour et bienvenue. Dites-nous où vous en êtes, nous vous aidons à avancer.",
        "en": "Hello and welcome. Tell us where you stand and we will help you move forward.",
    },
    languages=("fr",),
    addresses={"chat": "emploi-inscription", "sms": "36102", "email": "emploi@example.org"},
    queues=({"fr": "Demandeurs d’emploi", "en": "Job seekers"},),
    topics=(
        TopicPlan("registration", {"fr": "M’inscrire, m’actualiser", "en": "Registration"}, "registration"),
        TopicPlan("benefits", {"fr": "Mes allocations", "en": "Benefits"}, "benefits", priority=1),
        TopicPlan("training", {"fr": "Me former", "en": "Training"}, "training"),
    ),
    stories=_STORIES,
)
