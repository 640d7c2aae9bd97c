"""The demo's tax service, in its declaration season."""

from contact.demo.plan import AdministrationPlan, Story, TopicPlan
from contact.demo.policy import filing_season

_STORIES = (
    Story(
        topic="income",
        language="fr",
        subject="Frais réels ou déduction de 10 % ?",
        lines=(
            "Je fais 46 km par jour pour aller travailler. Dois-je choisir les frais réels ou la déduction de 10 % ?",
            "Cela dépend de vos dépenses de l’année. Savez-vous à combien se montent vos trajets et vos repas ?",
            "J’ai compté environ {amount} € de trajets, et je déjeune à la cantine.",
            "Merci. Comparez ce total à 10 % de votre salaire annuel : prenez le plus élevé des deux. "
            "Si vous choisissez les frais réels, gardez vos justificatifs trois ans.",
            "C’est très clair, merci beaucoup !",
        ),
        note="Orienté vers le simulateur de frais kilométriques.",
        outside="Question transmise au service d’assiette pour confirmation du barème.",
    ),
    Story(
        topic="income",
        language="fr",
        subject="Première déclaration de ma fille",
        lines=(
            "Ma fille a 19 ans et a travaillé l’été dernier. Doit-elle faire sa propre déclaration ?",
            "Elle peut rester rattachée à votre foyer. A-t-elle gagné plus de 5 000 € pendant l’été ?",
            "Non, un peu moins. Elle est étudiante toute l’année.",
            "Alors rien à ajouter : les jobs d’été des étudiants sont exonérés jusqu’à ce plafond. "
            "Gardez simplement ses fiches de paie.",
        ),
        note="Étudiante rattachée, revenus sous le plafond.",
        outside="Attente du certificat de scolarité demandé à l’établissement.",
    ),
    Story(
        topic="income",
        language="fr",
        subject="Erreur dans ma déclaration envoyée",
        lines=(
            "J’ai validé ma déclaration {day} et j’ai oublié d’y inscrire une pension alimentaire de {amount} €.",
            "Pas d’inquiétude, elle se corrige en ligne jusqu’à la date limite. Arrivez-vous à ouvrir votre espace ?",
            "Oui, j’y suis. Où dois-je cliquer ?",
            "Dans « Déclarer », choisissez « Corriger ma déclaration », puis la rubrique « Charges ». "
            "Vous recevrez un nouvel accusé de réception.",
            "C’est fait, j’ai bien reçu l’accusé. Merci de votre patience.",
            "Avec plaisir. Bonne journée à vous !",
        ),
        note="Correction en ligne faite avec l’usager.",
        outside="Demande de rectification transmise au centre des finances publiques.",
    ),
    Story(
        topic="income",
        language="en",
        subject="First tax return in France",
        lines=(
            "I moved to Valmont last year. Do I have to file a tax return even if tax is taken from my salary?",
            "Welcome! Yes, everyone living here files once a year. Do you already have a tax number?",
            "No, I have never received any letter.",
            "Then please send us a copy of your passport and a proof of address: your number comes in about a week.",
            "Perfect, I will do that today. Thank you!",
        ),
        note="First return, tax number to be created.",
        outside="Waiting for the registration office to create the tax number.",
    ),
    Story(
        topic="credit",
        language="fr",
        subject="Crédit d’impôt pour garde d’enfant",
        lines=(
            "Nous payons une assistante maternelle depuis septembre. Où indiquer les {amount} € versés ?",
            "Bonne nouvelle, cela ouvre droit à un crédit d’impôt. Votre enfant a-t-il moins de six ans ?",
            "Oui, il a deux ans et demi.",
            "Inscrivez la somme, moins les aides reçues, dans la rubrique « Frais de garde ». "
            "Le crédit est de la moitié, dans la limite du plafond.",
            "Merci, je n’aurais pas pensé à retirer les aides.",
        ),
        note="Penser à déduire le complément de garde.",
        outside="Attestation demandée à la caisse qui verse le complément.",
    ),
    Story(
        topic="credit",
        language="fr",
        subject="Crédit d’impôt pour don à une association",
        lines=(
            "J’ai donné {amount} € à une association mais je n’ai pas reçu de reçu fiscal. Puis-je déclarer le don ?",
            "Vous pouvez le déclarer, mais le reçu peut vous être demandé. L’association vous a-t-elle répondu ?",
            "Pas encore, je leur ai écrit {day}.",
            "Déclarez le don maintenant et gardez la trace de votre demande : cela suffira en attendant le reçu.",
        ),
        note="Reçu fiscal en attente, don plausible.",
        outside="L’association doit envoyer le reçu fiscal.",
    ),
    Story(
        topic="credit",
        language="en",
        subject="Home help tax credit",
        lines=(
            "I pay a gardener a few hours a month, {amount} € over the year. Does it count for a tax credit?",
            "Yes, small gardening work at home counts. Did you declare the hours or use a company?",
            "Through a company, they sent me a certificate.",
            "Great: enter the amount of the certificate under “home employment”. Half of it comes back as a credit.",
        ),
        note="Certificate provided by the company.",
        outside="Waiting for the company's corrected certificate.",
    ),
    Story(
        topic="payment",
        language="fr",
        subject="Difficulté à payer le solde",
        lines=(
            "Je dois {amount} € avant la fin du mois et je ne peux pas payer en une fois. Que puis-je faire ?",
            "Merci de nous prévenir à temps, nous allons trouver une solution. Combien pourriez-vous verser par mois ?",
            "Je pourrais en payer un tiers par mois, pas plus.",
            "C’est possible : je vous propose trois mensualités, sans majoration si elles sont respectées. "
            "Vous recevrez l’échéancier sous huit jours.",
            "Vous m’enlevez un poids. Merci infiniment.",
            "Vous avez bien fait de nous écrire. Bon courage à vous.",
        ),
        note="Échéancier en trois mois demandé, premier incident.",
        outside="Échéancier soumis au comptable pour accord.",
    ),
    Story(
        topic="payment",
        language="fr",
        subject="Prélèvement passé deux fois",
        lines=(
            "Ma banque montre deux prélèvements de {amount} € le même jour. Est-ce une erreur ?",
            "Je comprends votre inquiétude, je vérifie. Les deux lignes portent-elles la même référence ?",
            "La première finit par 12, la seconde par 13.",
            "Ce sont deux échéances : la première avait été rejetée {day} et a été présentée de nouveau. Vous n’avez "
            "rien payé en double.",
        ),
        note="Rejet puis nouvelle présentation, pas de double paiement.",
        outside="Confirmation demandée à la banque de l’usager.",
    ),
    Story(
        topic="account",
        language="fr",
        subject="Impossible de me connecter",
        lines=(
            "Je n’arrive plus à me connecter à mon espace, il me dit que mon adresse n’est pas reconnue.",
            "Voyons cela ensemble. Avez-vous changé d’adresse électronique récemment ?",
            "Oui, {day}, chez mon nouveau fournisseur.",
            "C’est la raison. Je vous envoie un courrier avec un code ; il vous permettra d’enregistrer la nouvelle.",
            "D’accord, j’attends le courrier. Merci !",
        ),
        note="Identité vérifiée, code envoyé par courrier.",
        outside="Code en cours d’envoi par le service des accès.",
    ),
    Story(
        topic="account",
        language="en",
        subject="Cannot find my tax notice online",
        lines=(
            "My bank asks for my tax notice but I cannot find it in my online account.",
            "I can help. When you sign in, do you see a menu called “Documents”?",
            "Yes, but it is empty for this year.",
            "It appears after the summer. Last year's notice is under “Previous years”: banks accept it until then.",
        ),
        note="Notice not published yet.",
        outside="Waiting for the publication of the notices.",
    ),
)

TAXES = AdministrationPlan(
    slug="impots-valmont",
    name="Service des impôts de Valmont",
    hue=4,
    signature={"fr": "Service des impôts de Valmont", "en": "Valmont tax service"},
    administrators=(("claire@impots.example", "Claire Montel"), ("marc@impots.example", "Marc Delage")),
    campaign_slug="declaration-2026",
    campaign={"fr": "Déclaration de revenus 2026", "en": "2026 income tax return"},
    welcome={
        "fr": "Bonjour ! Une question sur votre déclaration ? Choisissez un sujet, une personne vous répond.",
        "en": "Hello! A question about your tax return? Choose a topic and a person will answer you.",
    },
    languages=("fr", "en"),
    addresses={"chat": "impots-declaration", "sms": "36101", "email": "impots@example.org"},
    queues=(
        {"fr": "Déclarer", "en": "Filing"},
        {"fr": "Payer et se connecter", "en": "Payments and accounts"},
    ),
    topics=(
        TopicPlan("income", {"fr": "Déclarer mes revenus", "en": "Income declaration"}, "income-tax"),
        TopicPlan("credit", {"fr": "Crédits et réductions d’impôt", "en": "Tax credits"}, "tax-credit"),
        TopicPlan("payment", {"fr": "Difficultés de paiement", "en": "Payment difficulties"}, "payment", 1, 2),
        TopicPlan("account", {"fr": "Mon espace en ligne", "en": "Online account"}, "accounts", 1),
    ),
    stories=_STORIES,
    policy=filing_season,
)
