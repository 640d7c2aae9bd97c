// Builds the three pages (console, chat, docs); in development, serves them at the addresses Flask gives them.
import { defineConfig, type Plugin } from "vite";

const API = process.env.GUICHET_URL ?? "http://127.0.0.1:8000";

function pageAddresses(): Plugin {
  return {
    name: "page-addresses",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const page = /^\/(console|chat|docs)(?=[/?]|$)(?!\.html)/.exec(request.url ?? "");
        if (page) request.url = `/${page[1]}.html`;
        next();
      });
    },
  };
}

export default defineConfig({
  plugins: [pageAddresses()],
  server: {
    proxy: {
      "/api": API,
      "/openapi.json": API,
      "/socket.io": { target: API, ws: true },
    },
  },
  build: {
    target: "es2022",
    // Inlined files would need `data:` in more of the Content-Security-Policy than images.
    assetsInlineLimit: 0,
    // Swagger UI, of the docs page alone.
    chunkSizeWarningLimit: 1600,
    rolldownOptions: { input: ["console.html", "chat.html", "docs.html"] },
  },
});
