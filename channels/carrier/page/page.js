// The page: as many telephones as its address names (`?n=+33612345678&n=…`).
// `&to=+33…`: the number that the first is about to dial.

import { Phone } from "./phone.js";
import { fill, language, turn, word } from "./words.js";

const template = document.getElementById("phone");
const place = document.getElementById("phones");
const phones = [];

/** A mobile number that hardly anybody else has. */
function anyNumber() {
  return `+336${String(10000000 + Math.floor(Math.random() * 89999999))}`;
}

/** The address says which telephones there are, so that a reload has them again. */
function remember() {
  const query = new URLSearchParams(phones.map((one) => ["n", one.number]));
  history.replaceState(null, "", `?${query}`);
}

function add(number) {
  if (phones.some((one) => one.number === number)) return;
  const phone = new Phone(number, template, (removed) => {
    phones.splice(phones.indexOf(removed), 1);
    removed.element.remove();
    remember();
    document.getElementById("add").focus();
  });
  phones.push(phone);
  place.append(phone.element);
  remember();
}

function speak() {
  document.documentElement.lang = language();
  document.title = word("title");
  fill(document);
  const button = document.getElementById("language");
  button.textContent = word("language");
  button.lang = language() === "fr" ? "en" : "fr";
  for (const phone of phones) phone.words();
}

async function directory() {
  const answer = await fetch("/phone/directory.json");
  for (const { number, name } of await answer.json()) {
    document.getElementById("directory").append(new Option(name, number));
  }
}

document.getElementById("add").onclick = () => {
  add(anyNumber());
  phones.at(-1).$(".dial input").focus();
};
document.getElementById("language").onclick = () => {
  turn();
  speak();
};
/** A number of the page's address, where a plus sign may have become a blank. */
const numbers = (name) => named.getAll(name).map((one) => one.trim().replace(/^(?=\d)/, "+"));
const named = new URLSearchParams(location.search);
const [asked, called] = [numbers("n"), numbers("to")];
for (const number of asked.length ? asked : [anyNumber()]) add(number);
if (called.length) phones[0].$(".dial input").value = called[0];
speak();
directory();
