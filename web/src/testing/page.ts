// What a page has and a test under Node has not: imported before the modules that are tested.
import { WebSocket } from "ws";

/** The browser's storage. */
export class Shelf implements Storage {
  private readonly kept = new Map<string, string>();
  get length() {
    return this.kept.size;
  }
  key = (index: number) => [...this.kept.keys()][index] ?? null;
  getItem = (name: string) => this.kept.get(name) ?? null;
  setItem = (name: string, value: string) => void this.kept.set(name, value);
  removeItem = (name: string) => void this.kept.delete(name);
  clear = () => this.kept.clear();
}

const page = new EventTarget();
Object.assign(globalThis, {
  window: globalThis,
  name: "",
  navigator: {},
  WebSocket,
  location: new URL("http://localhost/console"),
  history: { pushState: () => undefined },
  localStorage: new Shelf(),
  sessionStorage: new Shelf(),
  addEventListener: page.addEventListener.bind(page),
  removeEventListener: page.removeEventListener.bind(page),
  dispatchEvent: page.dispatchEvent.bind(page),
  document: Object.assign(new EventTarget(), { hidden: false, documentElement: { lang: "" } }),
});

type Answer = { status?: number; body: unknown };

/** The server: answers each request by its method and path, or leaves it hanging until the test answers. */
export function serve(answer: (asked: string, body: unknown) => Answer | Promise<Answer>): void {
  globalThis.fetch = async (path, init) => {
    const sent = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined;
    const { status = 200, body } = await answer(`${init?.method} ${String(path)}`, sent);
    return new Response(JSON.stringify(body), { status });
  };
}

export const refused = (status: number, code: string): Answer => ({ status, body: { error: { code, message: code } } });
