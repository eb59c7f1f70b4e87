import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const hub = process.env.HUB_URL ?? "http://127.0.0.1:8080";
const fromHub = ["/api", "/oauth", "/.well-known", "/healthz", "/readyz"];

const dist = fileURLToPath(new URL("../src/waypost/interaction/web/dist", import.meta.url));
const compress = promisify(brotliCompress);

/** Puts a `.br` beside each script and style: the hub sends it to browsers that take it, a quarter of the bytes. */
const packed: Plugin = {
  name: "packed",
  apply: "build",
  async closeBundle() {
    const names = (await readdir(`${dist}/assets`)).filter((name) => /\.(js|css)$/.test(name));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
    await Promise.all(
      names.map(async (name) => {
        const file = `${dist}/assets/${name}`;
        await writeFile(`${file}.br`, await compress(await readFile(file), { params }));
      }),
    );
  },
};

export default defineConfig({
  plugins: [react(), packed],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    port: 5173,
    strictPort: true, // scripts/dev.py sends people here
    proxy: Object.fromEntries(fromHub.map((path) => [path, { target: hub, changeOrigin: false }])),
  },
  build: {
    outDir: dist,
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
