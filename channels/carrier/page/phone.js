// One telephone: a card, and the socket to the line behind it.

import { fill, language, word } from "./words.js";

const KEYS = "123456789*0#";
const RETRY_MS = 1000;

/** `+33612345678` as `06 12 34 56 78`. */
export function readable(number) {
  return number.startsWith("+33") ? `0${number.slice(3)}`.replace(/(\d\d)(?=\d)/g, "$1\u00a0") : number;
}

export class Phone {
  constructor(number, template, onRemove) {
    this.number = number;
    this.seen = 0;
    this.shown = new Set();
    this.call = "";
    this.element = template.content.firstElementChild.cloneNode(true);
    this.$ = (selector) => this.element.querySelector(selector);
    this.$("h2").textContent = readable(number);
    this.$("h2").id = `phone-${number.slice(1)}`;
    this.element.setAttribute("aria-labelledby", this.$("h2").id);
    this.$(".remove").onclick = () => {
      this.isRemoved = true;
      this.socket?.close();
      onRemove(this);
    };
    this.listen();
    this.words();
    this.state("idle");
    this.connect();
  }

  /** What a person does on the card. */
  listen() {
    const form = (selector, act) => {
      this.$(selector).onsubmit = (event) => {
        event.preventDefault();
        act(event.target);
      };
    };
    form(".dial", (dial) => {
      this.other = dial.to.value;
      this.send({ do: "call", to: dial.to.value, withheld: dial.withheld.checked ? "anonymous" : null });
    });
    form(".say", (say) => {
      this.send({ do: "say", text: say.text.value });
      say.reset();
    });
    form(".text", (text) => this.text(text));
    for (const wish of ["answer", "decline", "hangup"]) this.$(`.${wish}`).onclick = () => this.send({ do: wish });
    for (const key of KEYS) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = key;
      button.onclick = () => this.send({ do: "press", digits: key });
      this.$(".keys").append(button);
    }
    // In a call the keyboard's own digits work too, wherever on this card one does not write.
    this.element.onkeydown = (event) => {
      const isWriting = event.target.matches("input:not([type=checkbox]), textarea");
      if (isWriting || this.element.dataset.state !== "busy" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.length === 1 && KEYS.includes(event.key)) this.send({ do: "press", digits: event.key });
    };
    this.$(".aloud").onchange = () => window.speechSynthesis?.cancel();
  }

  async text(form) {
    const told = { do: "text", to: form.to.value, body: form.body.value, media: [] };
    for (const file of form.picture.files) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      told.media.push([file.type, btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""))]);
    }
    // Kept until the company has taken it: `sms` clears the form.
    this.sending = form;
    this.send(told);
  }

  words() {
    fill(this.element);
    this.$(".remove").setAttribute("aria-label", word("removeThis"));
    this.$(".keys").setAttribute("aria-label", word("keys"));
    this.$(".voice").setAttribute("aria-label", word("heard"));
    this.$(".texts").setAttribute("aria-label", word("texts"));
    for (const button of this.$(".keys").children) {
      if ("*#".includes(button.textContent)) button.setAttribute("aria-label", word(button.textContent));
    }
    if (this.saying) this.$(".state").textContent = word(...this.saying);
  }

  connect() {
    const origin = location.origin.replace(/^http/, "ws");
    this.socket = new WebSocket(`${origin}/carrier/phones/${encodeURIComponent(this.number)}?since=${this.seen}`);
    this.socket.onopen = () => this.alert("");
    this.socket.onmessage = (message) => this.happen(JSON.parse(message.data));
    this.socket.onclose = () => {
      if (this.isRemoved) return;
      this.alert(word("lost"));
      setTimeout(() => this.connect(), RETRY_MS);
    };
  }

  send(told) {
    this.alert("");
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(told));
    else this.alert(word("lost"));
  }

  alert(text) {
    this.$(".alert").textContent = text;
  }

  /** `idle`, `ringing` or `busy`: what can be done now. The focus follows the button that took its place. */
  state(name, ...saying) {
    const hadFocus = this.element.contains(document.activeElement) && document.activeElement.closest("[data-when]");
    this.element.dataset.state = name;
    for (const part of this.element.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== name;
    this.saying = saying.length ? saying : ["idle"];
    this.$(".state").textContent = word(...this.saying);
    if (hadFocus?.hidden) this.$(name === "busy" ? ".hangup" : name === "ringing" ? ".answer" : ".dial input").focus();
  }

  /** An event of the line. */
  happen(event) {
    if (event.seq) this.seen = event.seq;
    const act = {
      dialing: () => this.state("busy", "dialing", readable(event.other)),
      ringing: () => this.ring(event),
      answered: () => this.talk(),
      heard: () => this.hear(event),
      said: () => this.write(".voice", "mine", word("you"), event.text),
      pressed: () => this.write(".voice", "mine", word("you"), word("pressed", event.text)),
      ended: () => this.end(event),
      sms: () => this.sms(event),
      refused: () => this.refuse(event.code),
    }[event.type];
    act?.();
    if (event.type === "dialing") this.other = event.other;
  }

  /** What was asked cannot be done. In a call that the company knows no more (it was restarted), the card ends it too. */
  refuse(code) {
    if (code === "no_call" && this.element.dataset.state !== "idle") this.end({ status: "completed" });
    this.alert(word(code));
  }

  ring(event) {
    this.other = event.other;
    this.state("ringing", "nothing");
    this.alert(word("ringing", readable(event.other)));
  }

  talk() {
    this.alert("");
    this.state("busy", "talking", readable(this.other ?? ""));
    const began = Date.now();
    clearInterval(this.timer);
    this.timer = setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      this.$(".clock").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }, 1000);
  }

  end(event) {
    clearInterval(this.timer);
    this.$(".clock").textContent = "";
    this.alert("");
    window.speechSynthesis?.cancel();
    const why = event.status === "completed" ? "over" : `ended-${event.status}`;
    this.state("idle", why);
    this.write(".voice", "note", "", word(why));
  }

  hear(event) {
    const who = { say: "line", play: "line", tone: "line", speech: "other", digits: "other" }[event.kind];
    const what = { play: `♪ ${event.text === "music" ? word("music") : event.text}`, digits: word("tones", event.text) };
    if (event.kind === "tone" && event.text === "ringing") return;
    const text = what[event.kind] ?? (event.text === "beep" ? word("beep") : event.text);
    this.write(".voice", event.kind, word(who), text, event.language);
    if (this.$(".aloud").checked && ["say", "speech"].includes(event.kind)) this.readAloud(text, event.language);
  }

  readAloud(text, lang) {
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = lang ?? language();
    window.speechSynthesis.speak(utterance);
  }

  sms(event) {
    if (this.shown.has(event.sid)) return;
    this.shown.add(event.sid);
    const who = word(event.way === "in" ? "from" : "sent", readable(event.other ?? ""));
    const pictures = event.media.length ? ` [${word("attached")}]` : "";
    this.write(".texts", event.way === "in" ? "say" : "mine", who, `${event.body}${pictures}`);
    if (event.way === "out" && this.sending) {
      this.sending.body.value = this.sending.picture.value = "";
      this.sending = null;
    }
    if (!this.$(".text").to.value) this.$(".text").to.value = event.other;
  }

  write(log, kind, who, text, lang) {
    const line = document.createElement("p");
    line.className = kind;
    if (who) line.append(Object.assign(document.createElement("b"), { textContent: `${who} : ` }));
    const words = Object.assign(document.createElement("span"), { textContent: text });
    if (lang) words.lang = lang;
    line.append(words);
    this.$(log).append(line);
    this.$(log).scrollTop = this.$(log).scrollHeight;
  }
}
