// A disclosure with a few actions: opens on click, closes on Escape, on a choice and when focus leaves.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon } from "./icons";

export function Menu({ label, children }: { label: string; children: ComponentChildren }) {
  const ref = useRef<HTMLDetailsElement>(null);
  function close() {
    ref.current!.open = false;
  }
  return (
    <details
      class="menu"
      ref={ref}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !ref.current!.open) return;
        event.stopPropagation();
        close();
        ref.current!.querySelector("summary")!.focus();
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget instanceof Node && !ref.current!.contains(event.relatedTarget)) close();
      }}
    >
      <summary class="button quiet icon" aria-label={label} title={label}>
        <Icon name="more" />
      </summary>
      <div class="menu-items" onClick={close}>
        {children}
      </div>
    </details>
  );
}
