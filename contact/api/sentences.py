"""The sentence a person reads for each code, in their language; it says what to do next."""

# `{0}`, `{1}`: what follows the code, `out_of_range|1|100`.
SENTENCES: dict[str, dict[str, str]] = {
    "not_signed_in": {
        "fr": "Vous n'êtes plus connecté. Connectez-vous pour continuer.",
        "en": "You are not signed in any more. Sign in to go on.",
    },
    "csrf": {
        "fr": "La page n'est plus à jour. Rechargez-la, puis recommencez.",
        "en": "This page is out of date. Reload it and try again.",
    },
    "forbidden": {"fr": "Votre rôle ne permet pas cette action.", "en": "Your role does not allow this."},
    "not_found": {
        "fr": "Introuvable : l'adresse est fausse, ou vous n'y avez pas accès.",
        "en": "Not found: the address is wrong, or you have no access to it.",
    },
    "method_not_allowed": {
        "fr": "Cette adresse n'accepte pas cette méthode.",
        "en": "This address does not take that method.",
    },
    "bad_credentials": {
        "fr": "Identifiant ou mot de passe incorrect. Après dix essais, le compte est bloqué un quart d'heure.",
        "en": "Wrong login or password. After ten tries the account is locked for a quarter of an hour.",
    },
    "conflict": {
        "fr": "Quelqu'un a fait une modification entre-temps. Relisez, puis recommencez la vôtre.",
        "en": "Somebody changed this meanwhile. Read it again, then repeat your change.",
    },
    "offer_gone": {
        "fr": "Cette proposition n'est plus ouverte : elle a expiré ou a été retirée.",
        "en": "This offer is no longer open: it ran out or was withdrawn.",
    },
    "not_yours": {"fr": "Ce travail n'est plus le vôtre.", "en": "This work is no longer yours."},
    "ticket_closed": {
        "fr": "Ce dossier est clos. Rouvrez-le pour répondre.",
        "en": "This ticket is closed. Reopen it to reply.",
    },
    "move_refused": {
        "fr": "Ce dossier ne peut pas passer de cet état à celui-là.",
        "en": "The ticket cannot go from its state to that one.",
    },
    "cannot_reply": {
        "fr": "Aucun canal ne permet de répondre à ce citoyen depuis ce dossier.",
        "en": "No channel of this ticket leads back to the citizen.",
    },
    "cannot_call": {
        "fr": "Ce numéro ne peut pas être appelé d'ici.",
        "en": "This number cannot be called from here.",
    },
    "agent_busy": {
        "fr": "Terminez d'abord vos conversations : un appel demande toute votre attention.",
        "en": "Finish your conversations first: a call takes all your attention.",
    },
    "no_call": {
        "fr": "Personne n'est en ligne.",
        "en": "Nobody is on the line.",
    },
    "softphone_elsewhere": {
        "fr": "Votre téléphone est ouvert dans un autre onglet.",
        "en": "Your telephone is open in another tab.",
    },
    "softphone_off": {
        "fr": "Le téléphone n'est pas configuré pour cette administration.",
        "en": "The telephone is not set up for this administration.",
    },
    "conversation_open": {
        "fr": "Vous avez déjà une conversation en cours.",
        "en": "You already have a conversation going on.",
    },
    "nobody_could_serve": {
        "fr": "Certaines demandes ne trouveraient jamais d'agent. Corrigez le plan, ou confirmez la publication.",
        "en": "Some contacts would never find an agent. Correct the plan, or confirm that it is to be published.",
    },
    "second_person_needed": {
        "fr": "Une autre personne que l'auteur doit publier cette version.",
        "en": "Somebody else than its author has to publish this version.",
    },
    "nothing_before": {
        "fr": "Aucune version n'était en vigueur avant celle-ci.",
        "en": "No version was in force before this one.",
    },
    "cannot_simulate": {
        "fr": "Rien à simuler : il faut des agents autorisés, un motif, et un téléphone qui ouvre au moins un jour.",
        "en": "Nothing to simulate: it takes granted agents, a topic, and a phone that opens on some day.",
    },
    "no_conversation": {"fr": "Aucune conversation n'est en cours.", "en": "There is no conversation yet."},
    "idempotency_key_reused": {
        "fr": "Cette clé a déjà servi pour un autre contenu.",
        "en": "This key was already used for another content.",
    },
    "invalid_request": {"fr": "Certains champs sont à corriger.", "en": "Some fields need correcting."},
    "bad_request": {"fr": "La demande n'a pas pu être lue.", "en": "The request could not be read."},
    "body_too_large": {"fr": "Le contenu envoyé est trop grand.", "en": "What was sent is too large."},
    "unsupported_media_type": {"fr": "Le contenu doit être du JSON.", "en": "The content must be JSON."},
    "too_many": {"fr": "Trop de demandes. Patientez un instant.", "en": "Too many requests. Wait a moment."},
    "unavailable": {
        "fr": "Le service est momentanément indisponible. Rien n'est perdu : recommencez dans un instant.",
        "en": "The service is not available right now. Nothing is lost: try again in a moment.",
    },
    "schema_behind": {
        "fr": "Le service est en cours de mise à jour. Rien n'est perdu : recommencez dans un instant.",
        "en": "The service is being updated. Nothing is lost: try again in a moment.",
    },
    "internal": {
        "fr": "Une erreur est survenue chez nous. Recommencez ; si elle revient, donnez le numéro de demande.",
        "en": "Something went wrong on our side. Try again; if it comes back, give the request number.",
    },
    # Faults of single fields.
    "blank": {"fr": "À remplir.", "en": "Needs some text."},
    "unstorable_characters": {
        "fr": "Contient des caractères interdits.",
        "en": "Contains characters that cannot be kept.",
    },
    "unknown_topic": {"fr": "Ce sujet n'existe pas dans cette campagne.", "en": "The campaign has no such topic."},
    "unknown_agent": {
        "fr": "Cette personne ne sert pas cette campagne.",
        "en": "This person does not serve the campaign.",
    },
    "one_target": {
        "fr": "Choisissez un sujet, un collègue ou une compétence.",
        "en": "Choose a topic, a colleague or a skill.",
    },
    "unknown_language": {
        "fr": "La campagne ne parle pas cette langue.",
        "en": "The campaign does not speak this language.",
    },
    "unknown_queue": {"fr": "Cette file n'existe pas dans le plan.", "en": "The plan has no such queue."},
    "unknown_skill": {"fr": "Compétence inconnue : {0}.", "en": "Unknown skill: {0}."},
    "unknown_id": {
        "fr": "Inconnu dans cette campagne. Un nouvel élément porte un nom commençant par « new- ».",
        "en": "Unknown in this campaign. Something new is called by a name that begins with new-.",
    },
    "missing_from_plan": {
        "fr": "Le plan doit nommer toutes les files et tous les sujets ; un sujet se retire, sans s'effacer.",
        "en": "The plan names every queue and topic of the campaign; a topic is retired, not deleted.",
    },
    "named_twice": {"fr": "Présent deux fois.", "en": "Named twice."},
    "first_step_at_zero": {
        "fr": "La première étape commence à 0 seconde.",
        "en": "The first step begins at 0 seconds.",
    },
    "steps_not_ascending": {
        "fr": "Chaque étape commence après la précédente.",
        "en": "Each step begins after the one before.",
    },
    "too_many_items": {"fr": "{0} éléments au plus.", "en": "At most {0} items."},
    "too_few_items": {"fr": "Au moins {0} élément.", "en": "At least {0} item."},
    "not_a_list": {"fr": "Doit être une liste.", "en": "Must be a list."},
    "not_a_yes_or_no": {"fr": "Doit être vrai ou faux.", "en": "Must be true or false."},
    "not_a_team": {
        "fr": "1 à 40 lettres, chiffres, espaces, « - » ou « _ ».",
        "en": "1 to 40 letters, digits, blanks, - or _.",
    },
    "less_than_all": {"fr": "Les parts font moins de 100 %.", "en": "The shares are less than 100%."},
    "more_than_all": {"fr": "Les parts dépassent 100 %.", "en": "The shares are more than 100%."},
    "unknown_outsourcer": {
        "fr": "Ce prestataire n'est pas habilité pour cette campagne.",
        "en": "This outsourcer has no grant for the campaign.",
    },
    "overflow_to_itself": {"fr": "Une file ne déborde pas vers elle-même.", "en": "A queue overflows to another one."},
    "not_a_skill_code": {
        "fr": "2 à 40 lettres minuscules, chiffres ou « - », en commençant par une lettre.",
        "en": "2 to 40 lower-case letters, digits or -, beginning with a letter.",
    },
    "said_too_long": {"fr": "Environ {0} s à dire : {1} s au plus.", "en": "About {0} s to say: at most {1} s."},
    "emergency_number": {
        "fr": "Un numéro d'urgence ne se propose pas dans un menu : il est déjà annoncé.",
        "en": "A menu does not offer an emergency number: it is named already.",
    },
    "not_told_apart": {
        "fr": "À la voix, ce choix ne se distingue pas d'un autre : donnez-lui un mot à lui.",
        "en": "By voice this option cannot be told from another: give it a word of its own.",
    },
    "closes_before_opening": {"fr": "La fermeture vient après l'ouverture.", "en": "Closing comes after opening."},
    "not_a_time": {"fr": "Une heure s'écrit 09:30.", "en": "A time is written 09:30."},
    "not_a_date": {"fr": "Une date s'écrit 2026-12-31.", "en": "A date is written 2026-12-31."},
    "not_a_moment": {"fr": "Un moment s'écrit 2026-12-31T09:30.", "en": "A moment is written 2026-12-31T09:30."},
    "not_an_instant": {
        "fr": "Un instant s'écrit 2026-12-31T09:30:00Z, avec son fuseau.",
        "en": "An instant is written 2026-12-31T09:30:00Z, with its time zone.",
    },
    "not_in_future": {"fr": "Ce moment est déjà passé.", "en": "This moment has passed."},
    "overlapping_hours": {"fr": "Ces heures en recouvrent d'autres.", "en": "These hours overlap others."},
    "relay_shorter_than_phone": {
        "fr": "Le relais pour personnes sourdes doit être ouvert dès que le téléphone l'est.",
        "en": "The relay service must be open whenever the telephone is.",
    },
    "outside_season": {"fr": "Cette date est hors de la saison.", "en": "This date lies outside the season."},
    "overlapping_periods": {"fr": "Cette période en recouvre une autre.", "en": "This period overlaps another."},
    "ends_before_beginning": {"fr": "La fin vient après le début.", "en": "The end comes after the beginning."},
    "cap_below_target": {
        "fr": "L'attente maximale ne peut être plus courte que l'attente visée.",
        "en": "The longest wait cannot be shorter than the target.",
    },
    "exit_above_entry": {
        "fr": "Un mode finit sous l'attente qui le commence, sinon il s'ouvre et se ferme sans cesse.",
        "en": "A mode ends below the wait that begins it, or it would begin and end all the time.",
    },
    "mode_below_milder": {
        "fr": "Un mode plus strict commence et finit à une attente plus longue que le précédent.",
        "en": "A stricter mode begins and ends at a longer wait than the one before.",
    },
    "no_alternative_left": {
        "fr": "Rien de ce qui est proposé ne garde la place de ces appelants : ajoutez une voie à leur portée.",
        "en": "Nothing that is offered keeps these callers' place: add a way that they can use.",
    },
    "unusable_on_line": {
        "fr": "Ces appelants ne peuvent pas utiliser cette voie.",
        "en": "These callers cannot use this way.",
    },
    "channel_is_off": {"fr": "Ce canal est fermé plus haut.", "en": "This channel is off above."},
    "no_deadlines": {
        "fr": "Aucune date limite n'est fixée : ajoutez-en à la saison, ou retirez cette exemption.",
        "en": "No deadline is set: add some to the season, or take this exemption away.",
    },
    "shorter_than_window": {
        "fr": "Ces heures sont plus courtes qu'un créneau de rappel.",
        "en": "These hours are shorter than a callback window.",
    },
    "stock_of_last_resort": {
        "fr": "Certains appelants n'ont que le rappel : il en faut au moins un par quart d'heure.",
        "en": "Some callers have nothing but the callback: there must be at least one per quarter of an hour.",
    },
    "placeholder_missing": {"fr": "Ce texte doit contenir {{{0}}}.", "en": "This text must contain {{{0}}}."},
    "placeholder_unknown": {
        "fr": "Rien ne remplacera {{{0}}} dans ce texte.",
        "en": "Nothing would be filled in for {{{0}}} in this text.",
    },
    "unknown_code": {"fr": "Ce code de clôture n'existe pas.", "en": "There is no such wrap-up code."},
    "too_short": {"fr": "Douze caractères au moins.", "en": "At least twelve characters."},
    "too_long": {"fr": "{0} caractères au plus.", "en": "At most {0} characters."},
    "required": {"fr": "Ce champ est obligatoire.", "en": "This field is required."},
    "invalid": {"fr": "Cette valeur n'est pas acceptée.", "en": "This value is not accepted."},
    "not_text": {"fr": "Doit être du texte.", "en": "Must be text."},
    "not_an_id": {"fr": "Doit être un identifiant (UUID).", "en": "Must be an id (UUID)."},
    "not_a_whole_number": {"fr": "Doit être un nombre entier.", "en": "Must be a whole number."},
    "not_an_object": {"fr": "Doit être un objet JSON.", "en": "Must be a JSON object."},
    "not_a_key": {"fr": "8 à 64 lettres, chiffres, « - » ou « _ ».", "en": "8 to 64 letters, digits, - or _."},
    "not_a_choice": {"fr": "Choisissez parmi : {0}.", "en": "Choose one of: {0}."},
    "out_of_range": {"fr": "De {0} à {1}.", "en": "From {0} to {1}."},
    "unknown_field": {"fr": "Ce champ n'existe pas.", "en": "There is no such field."},
    "invalid_json": {"fr": "Le contenu n'est pas du JSON correct.", "en": "The content is not correct JSON."},
    "too_deep": {
        "fr": "Le contenu est trop imbriqué : {0} niveaux au plus.",
        "en": "The content is nested too deeply: at most {0} levels.",
    },
    "too_many_values": {
        "fr": "Le contenu a trop d'éléments : {0} au plus.",
        "en": "The content has too many items: at most {0}.",
    },
    "duplicate_name": {"fr": "Un champ est donné deux fois.", "en": "A field is given twice."},
    "name_too_long": {"fr": "Un nom de champ dépasse {0} caractères.", "en": "A field's name is longer than {0}."},
    "number_too_large": {"fr": "Un nombre est trop grand.", "en": "A number is too large."},
    "reason_of_pause": {
        "fr": "Une pause a un motif ; les autres états n'en ont pas.",
        "en": "A pause has a reason; other states have none.",
    },
    # Words of the page that tells an error.
    "request_number": {"fr": "Numéro de demande : {0}", "en": "Request number: {0}"},
    "to_console": {"fr": "Aller à la console", "en": "Go to the console"},
}


def sentence(code: str, language: str) -> str:
    """The sentence for *code*, which what the sentence has to name may follow: `too_long|200`."""
    name, *named = code.split("|")
    return SENTENCES[name][language].format(*named)
