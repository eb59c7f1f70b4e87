import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const hub = process.env.HUB_URL ?? "http://127.0.0.1:8000";
const fromHub = ["/api", "/healthz", "/readyz"];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: false,
    proxy: Object.fromEntries(fromHub.map((path) => [path, { target: hub, changeOrigin: false }])),
  },
  build: {
    outDir: "../src/waypost/interaction/web/dist",
    emptyOutDir: true,
    target: "es2022",
    sourcemap: false,
    // The polyfill is an inline script, which the Content-Security-Policy forbids.
    modulePreload: { polyfill: false },
    // Scalar brings a whole API client; it is loaded only where a reference is opened.
    chunkSizeWarningLimit: 4000,
  },
  test: { environment: "node", isolate: false, include: ["src/**/*.test.{ts,tsx}"] },
});
