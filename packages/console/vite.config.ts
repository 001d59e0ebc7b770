import process from "node:process";
import react from "@vitejs/plugin-react";
import { defineConfig, loadEnv } from "vite";

/** The collector serves dist/: index.html for every screen, assets/ with names that hold their content's hash. */
export default defineConfig(({ command, mode }) => {
  // Whoever starts the build may have set it otherwise (tests do), and React would come in its slow form.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    plugins: [react()],
    build: {
      target: "es2023",
      // Without inlined files the page needs no data: source and every asset can be cached.
      assetsInlineLimit: 0,
      // Browsers of the target need no polyfill.
      modulePreload: { polyfill: false },
    },
    server: {
      // `vite` beside a running `vedette up --demo`: pages from here, the API from there.
      proxy: {
        "/api": { target: loadEnv(mode, ".", "VEDETTE_")["VEDETTE_URL"] ?? "http://127.0.0.1:8420", ws: true, rewriteWsOrigin: true },
      },
    },
  };
});
