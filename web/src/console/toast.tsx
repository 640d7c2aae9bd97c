// Short confirmations and failures at the edge of the screen; failures stay until they are closed.
import { signal } from "@preact/signals";
import { announce, announceUrgently } from "../ui/announcer";
import { Icon } from "../ui/icons";
import { t } from "../i18n/console";
import { explain } from "./session";

interface Toast {
  id: number;
  text: string;
  isFailure: boolean;
}

const SHOWN_SECONDS = 5;
const toasts = signal<readonly Toast[]>([]);
let lastId = 0;

export function tell(text: string): void {
  const id = add(text, false);
  announce(text);
  setTimeout(() => close(id), SHOWN_SECONDS * 1000);
}

export function tellFailure(error: unknown, text = explain(error)): void {
  add(text, true);
  announceUrgently(text);
}

function add(text: string, isFailure: boolean): number {
  toasts.value = [...toasts.value.filter((toast) => toast.text !== text), { id: ++lastId, text, isFailure }];
  return lastId;
}

function close(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  if (!toasts.value.length) return null;
  return (
    <aside class="toasts" aria-label={t("notices")}>
      {toasts.value.map(({ id, text, isFailure }) => (
        <div key={id} class={isFailure ? "toast failure" : "toast"}>
          <Icon name={isFailure ? "warning" : "check"} />
          <p>{text}</p>
          <button type="button" class="button quiet icon" aria-label={t("close")} onClick={() => close(id)}>
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </aside>
  );
}
