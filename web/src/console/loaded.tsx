// What a page reads once: shown when it came, with a way to try again when it did not.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n/console";
import { api, explain } from "./session";

interface LoadedProps<T> {
  path: string;
  children: (answer: T, reload: () => Promise<void>) => ComponentChildren;
}

export function Loaded<T>({ path, children }: LoadedProps<T>) {
  const answer = useSignal<T | null>(null);
  const failure = useSignal("");
  async function load() {
    failure.value = "";
    try {
      answer.value = await api.get<T>(path);
    } catch (error) {
      failure.value = explain(error);
    }
  }
  useEffect(() => void load(), [path]);
  if (failure.value) {
    return (
      <div class="stack" role="alert">
        <p class="alert">{failure.value}</p>
        <button type="button" class="button" onClick={() => void load()}>
          {t("try_again")}
        </button>
      </div>
    );
  }
  if (answer.value === null) return <p role="status">{t("loading")}</p>;
  return <>{children(answer.value, load)}</>;
}
