// Where one is in the console: the address bar is the truth, links change it without a reload.
import { computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

const path = signal(location.pathname);
addEventListener("popstate", () => (path.value = location.pathname));

/** `["tickets", "<id>"]` for /console/tickets/<id>. */
export const place = computed(() => path.value.replace(/\/+$/, "").split("/").slice(2));

/** On a narrow screen only one pane shows; following a link to a ticket shows the ticket. */
export type Pane = "work" | "tickets" | "ticket" | "details";
export const pane = signal<Pane>(location.pathname.includes("/tickets/") ? "ticket" : "work");

export function go(to: string): void {
  if (to !== location.pathname) history.pushState(null, "", to);
  path.value = location.pathname;
  if (to.includes("/tickets/")) pane.value = "ticket";
}

export const ticketPath = (id: string) => `/console/tickets/${id}`;

interface LinkProps {
  to: string;
  children: ComponentChildren;
  class?: string;
  isCurrent?: boolean;
  label?: string;
}

export function Link({ to, children, class: name, isCurrent, label }: LinkProps) {
  return (
    <a
      href={to}
      class={name}
      aria-current={isCurrent ? "page" : undefined}
      aria-label={label}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
