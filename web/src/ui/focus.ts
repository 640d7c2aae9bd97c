// Where the keyboard goes on when what it was on is gone.

const CONTROLS = "a[href], button, input, select, textarea, summary";

/** Of what can be reached under *root*, in order. */
function controls(root: Element): HTMLElement[] {
  const found = [...root.querySelectorAll<HTMLElement>(CONTROLS)];
  return found.filter((one) => !(one as HTMLButtonElement).disabled && one.checkVisibility());
}

/** Do *remove*, which takes away what *button* belongs to; the focus goes to what then stands in its place. */
export function removing(button: HTMLElement, remove: () => void): void {
  const root = button.closest("form, dialog") ?? document.body;
  const gone = button.closest("li, .plan-fields, .plan-skill") ?? button;
  const place = controls(root).findIndex((one) => gone.contains(one));
  remove();
  requestAnimationFrame(() => {
    const left = controls(root);
    (left[place] ?? left.at(-1))?.focus();
  });
}

/** Once the page is drawn anew: a focus that fell off goes to the page's main part. */
export function refocus(): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.querySelector("main")?.focus({ preventScroll: true });
  });
}

/** To the first thing that is marked as wrong under *root*, wherever it is folded away. */
export function focusFault(root: Element): void {
  requestAnimationFrame(() => {
    const fault = root.querySelector<HTMLElement>("[aria-invalid=true], .error, ul.alert");
    for (let fold = fault?.closest("details"); fold; fold = fold.parentElement!.closest("details")) fold.open = true;
    if (fault?.ariaInvalid !== "true") fault?.setAttribute("tabindex", "-1");
    fault?.focus();
    fault?.scrollIntoView({ block: "center" });
  });
}
