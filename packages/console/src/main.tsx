import "@mantine/core/styles.css";
import "./style/base.css";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { startText } from "./text/index.ts";

/** The scheme is set before anything is drawn: no flash of the other one. */
function startScheme(): void {
  const chosen = localStorage.getItem("mantine-color-scheme-value");
  const dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
}

startScheme();
await startText();
const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App />);
