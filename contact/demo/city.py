"""The demo's city."""

from contact.demo.plan import AdministrationPlan, Story, TopicPlan

_STORIES = (
    Story(
        topic="civil-status",
        language="fr",
        subject="Copie d’acte de naissance",
        lines=(
            "J’ai besoin d’une copie de mon acte de naissance pour mon mariage. Comment faire ?",
            "Toutes nos félicitations ! Êtes-vous né ou née à Valmont ?",
            "Oui, j’y suis née.",
            "Alors nous vous l’envoyons gratuitement sous cinq jours. Elle doit avoir moins de trois mois le jour J.",
            "Parfait, le mariage est dans six semaines. Merci !",
        ),
        note="Copie intégrale, envoi postal.",
        outside="Acte demandé aux archives.",
    ),
    Story(
        topic="civil-status",
        language="fr",
        subject="Rendez-vous pour un passeport",
        lines=(
            "Nous partons en vacances dans deux mois. Reste-t-il des rendez-vous pour un passeport ?",
            "Oui, il en reste. Est-ce une première demande ou un renouvellement ?",
            "Un renouvellement pour moi et une première demande pour {child}.",
            "Je vous réserve deux créneaux qui se suivent, mercredi à 14 h. Pensez aux photos et au timbre de 86 €.",
            "Mercredi, c’est noté. Merci pour votre aide.",
        ),
        note="Deux créneaux réservés.",
        outside="Titre en cours de fabrication.",
    ),
    Story(
        topic="civil-status",
        language="en",
        subject="Registering a birth",
        lines=(
            "Our baby was born {day}. How long do we have to register the birth?",
            "Congratulations! You have five days after the birth. Was your child born in Valmont?",
            "Yes, at the Valmont hospital.",
            "Then come to the town hall with the hospital certificate and one identity card: it takes fifteen minutes.",
            "Wonderful, we will come tomorrow morning. Thank you!",
        ),
        note="Legal deadline explained.",
        outside="Waiting for the hospital's certificate.",
    ),
    Story(
        topic="school",
        language="fr",
        subject="Inscription à l’école maternelle",
        lines=(
            "{child} entre en petite section en septembre. Quand commencent les inscriptions ?",
            "Elles sont ouvertes jusqu’à la fin du mois. Habitez-vous déjà à Valmont ?",
            "Oui, {street}, depuis l’an dernier.",
            "Votre école de secteur est celle des Tilleuls. "
            "Il nous faut le livret de famille et un justificatif de domicile.",
            "Je vous envoie tout cela ce soir. Merci beaucoup.",
        ),
        note="Secteur école des Tilleuls.",
        outside="Place à confirmer par la directrice de l’école.",
    ),
    Story(
        topic="school",
        language="fr",
        subject="Facture de cantine",
        lines=(
            "La facture de cantine compte des repas alors que {child} était en classe verte.",
            "Nous allons corriger cela. Vous souvenez-vous des dates de la sortie ?",
            "Oui, du lundi au vendredi de la semaine dernière.",
            "C’est vérifié avec l’école : {amount} € seront retirés de la prochaine facture.",
            "Merci, c’est rapide !",
        ),
        note="Avoir à porter sur la prochaine facture.",
        outside="Liste des absents demandée à l’école.",
    ),
    Story(
        topic="school",
        language="en",
        subject="After-school care",
        lines=(
            "Is there after-school care on Wednesdays for a seven-year-old?",
            "Yes, until 6.30 pm. Would you need every Wednesday or only some of them?",
            "Every other Wednesday would be enough.",
            "That is possible. The price depends on your family income, 9 € a day at most. I am sending you the form.",
        ),
        note="After-school form sent.",
        outside="Waiting for the leisure centre to confirm the place.",
    ),
    Story(
        topic="waste",
        language="fr",
        subject="Bac jaune non collecté",
        lines=(
            "Le bac jaune n’a pas été vidé {day}, {street}. Toute la rue est concernée.",
            "Merci de nous prévenir. Y a-t-il des travaux ou des voitures qui gênent le passage ?",
            "Oui, une tranchée au début de la rue depuis lundi.",
            "Je comprends : le camion passera demain par l’autre côté. Vous pouvez laisser les bacs dehors.",
            "Merci, je préviens les voisins.",
        ),
        note="Travaux signalés au prestataire de collecte.",
        outside="Passage demandé au prestataire de collecte.",
    ),
    Story(
        topic="waste",
        language="fr",
        subject="Enlèvement d’un canapé",
        lines=(
            "Comment se débarrasser d’un vieux canapé ? Je n’ai pas de voiture.",
            "Nous pouvons venir le chercher gratuitement. Êtes-vous en maison ou en immeuble ?",
            "En immeuble, au deuxième étage, {street}.",
            "Il faudra le descendre la veille au soir. Je vous propose jeudi matin ; un voisin peut-il vous aider ?",
            "Oui, mon voisin est d’accord. Jeudi me convient.",
            "C’est réservé. Merci de faire le tri avec nous !",
        ),
        note="Enlèvement réservé jeudi.",
        outside="Créneau à confirmer par l’équipe des encombrants.",
    ),
    Story(
        topic="waste",
        language="en",
        subject="New recycling bin",
        lines=(
            "Our recycling bin is broken, the lid fell off {day}. Can we get a new one?",
            "Of course, it is free. Could you tell us the number printed on the side of the bin?",
            "It says 4471, and we live at {street}.",
            "Thank you. A new bin will be delivered within ten days, and the old one taken away.",
        ),
        note="Bin to be replaced.",
        outside="Waiting for the delivery team.",
    ),
)

CITY = AdministrationPlan(
    slug="ville-valmont",
    name="Ville de Valmont",
    signature={"fr": "Mairie de Valmont", "en": "Valmont town hall"},
    administrator=("nadia@ville.example", "Nadia Ferrand"),
    campaign_slug="mairie",
    campaign={"fr": "Votre mairie", "en": "Your town hall"},
    welcome={
        "fr": "Bonjour ! État civil, école, déchets : la mairie vous répond.",
        "en": "Hello! Civil status, school, waste: the town hall is here for you.",
    },
    languages=("fr", "en"),
    addresses={"chat": "ville-mairie", "sms": "36103", "email": "mairie@example.org"},
    queues=({"fr": "Accueil de la mairie", "en": "Town hall reception"},),
    topics=(
        TopicPlan("civil-status", {"fr": "État civil et papiers", "en": "Civil status"}, "civil-status"),
        TopicPlan("school", {"fr": "École et périscolaire", "en": "School enrolment"}, "school"),
        TopicPlan("waste", {"fr": "Déchets et collecte", "en": "Waste collection"}, "waste"),
    ),
    stories=_STORIES,
)
