// Catching the eye and the ear of somebody who looks elsewhere: a chime, a notification. All can be turned off.
import { settings } from "./settings";

const NOTES_HZ = [659.25, 880];
const NOTE_SECONDS = 0.16;
const VOLUME = 0.08;

let audio: AudioContext | null = null;

export function alertOffer(title: string, body: string): void {
  if (settings.value.hasSound) chime();
  if (settings.value.hasNotifications && document.hidden && Notification.permission === "granted") {
    const shown = new Notification(title, { body, tag: "guichet-offer" });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  }
}

/** Ask once, when the person turns notifications on. False when the browser says no. */
export async function mayNotify(): Promise<boolean> {
  if (!("Notification" in window)) return false;
  return (await Notification.requestPermission()) === "granted";
}

/** Two soft notes. Browsers stay silent until the person has touched the page: then so do we. */
export function chime(): void {
  audio ??= new AudioContext();
  void audio.resume();
  NOTES_HZ.forEach((frequency, index) => {
    const start = audio!.currentTime + index * NOTE_SECONDS;
    const oscillator = new OscillatorNode(audio!, { type: "sine", frequency });
    const gain = new GainNode(audio!, { gain: 0 });
    gain.gain.linearRampToValueAtTime(VOLUME, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_SECONDS * 2);
    oscillator.connect(gain).connect(audio!.destination);
    oscillator.start(start);
    oscillator.stop(start + NOTE_SECONDS * 2);
  });
}
