// Everything the page says, in French and English.

const WORDS = {
  title: ["Téléphones", "Telephones"],
  intro: [
    "Chaque carte est le téléphone d'une personne : appelez, lisez ce qui est dit, appuyez sur les touches, parlez en écrivant.",
    "Each card is somebody's telephone: call, read what is said, press keys, speak by typing.",
  ],
  add: ["Ajouter un téléphone", "Add a telephone"],
  remove: ["Retirer", "Remove"],
  removeThis: ["Retirer ce téléphone", "Remove this telephone"],
  nothing: ["", ""],
  language: ["English", "Français"],
  to: ["Numéro du destinataire", "Number to reach"],
  withheld: ["Masquer mon numéro", "Hide my number"],
  call: ["Appeler", "Call"],
  answer: ["Répondre", "Answer"],
  decline: ["Refuser", "Decline"],
  hangup: ["Raccrocher", "Hang up"],
  keys: ["Touches du téléphone", "Telephone keys"],
  "*": ["étoile", "star"],
  "#": ["dièse", "hash"],
  speak: ["Ce que vous dites", "What you say"],
  say: ["Dire", "Say"],
  heard: ["Ce qui est dit", "What is said"],
  aloud: ["Lire à voix haute", "Read aloud"],
  texts: ["Messages", "Messages"],
  message: ["Votre message", "Your message"],
  picture: ["Une image (facultatif)", "A picture (optional)"],
  send: ["Envoyer", "Send"],
  idle: ["Libre", "Free"],
  dialing: ["Appel du {0}…", "Calling {0}…"],
  ringing: ["Appel entrant du {0}", "Incoming call from {0}"],
  talking: ["En communication avec le {0}", "In a call with {0}"],
  over: ["Appel terminé", "Call ended"],
  "ended-busy": ["Occupé", "Busy"],
  "ended-no-answer": ["Pas de réponse", "No answer"],
  "ended-failed": ["Ce numéro n'est pas attribué", "This number is not in service"],
  "ended-canceled": ["Appel manqué", "Missed call"],
  lost: ["Connexion perdue, nouvel essai…", "Connection lost, trying again…"],
  line: ["La voix", "The voice"],
  you: ["Vous", "You"],
  other: ["Votre correspondant", "The other person"],
  music: ["musique", "music"],
  beep: ["bip", "beep"],
  pressed: ["touche {0}", "key {0}"],
  tones: ["on entend la touche {0}", "key {0} is heard"],
  from: ["De {0}", "From {0}"],
  sent: ["À {0}", "To {0}"],
  attached: ["une image jointe", "a picture attached"],
  bad_number: ["Ce numéro n'existe pas.", "This number does not exist."],
  not_a_customer: ["Ce numéro ne reçoit pas de message.", "This number takes no messages."],
  empty_text: ["Écrivez un message ou joignez une image.", "Write a message or attach a picture."],
  too_much_media: ["Cette image est trop lourde (5 Mo au plus).", "This picture is too large (5 MB at most)."],
  busy: ["Ce téléphone est déjà en ligne.", "This telephone is already in a call."],
  no_call: ["L'appel est déjà terminé.", "The call is already over."],
  refused: ["Ce n'est pas possible.", "This cannot be done."],
};

const stored = localStorage.getItem("phone-language");
let index = (stored ?? navigator.language).startsWith("fr") ? 0 : 1;

export const language = () => (index === 0 ? "fr" : "en");

/** Change over to the other language. */
export function turn() {
  index = 1 - index;
  localStorage.setItem("phone-language", language());
}

/** The words of *code*, with what they name; a code that has none says that it cannot be done. */
export function word(code, ...named) {
  const told = WORDS[code] ?? WORDS.refused;
  return named.reduce((text, one, position) => text.replace(`{${position}}`, one), told[index]);
}

/** Fill whatever names a word. */
export function fill(root) {
  for (const one of root.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
}
