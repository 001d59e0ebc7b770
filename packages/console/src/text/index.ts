/** Language: as chosen, else as the browser prefers. The choice stays in this browser. */
import type { Text } from "@vedette/collector/api";
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { en } from "./en.ts";
import { zhTW } from "./zh-TW.ts";

export type Language = "en" | "zh-TW";
export const LANGUAGES: readonly { readonly id: Language; readonly name: string }[] = [
  { id: "en", name: "English" },
  { id: "zh-TW", name: "繁體中文" },
];

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const KEY = "vedette.language";

function preferred(): Language {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "en" || chosen === "zh-TW") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh-TW" : "en";
}

export async function startText(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, "zh-TW": { translation: zhTW } },
    lng: preferred(),
    fallbackLng: "en",
    // React escapes what it renders.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
  await i18next.changeLanguage(language);
}

export function useLanguage(): Language {
  return useTranslation().i18n.language === "zh-TW" ? "zh-TW" : "en";
}

/** Picks from a text that the collector gives in both languages. */
export function useText(): (text: Text) => string {
  const language = useLanguage();
  return (text) => text[language];
}
