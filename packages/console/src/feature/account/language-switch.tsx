import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LANGUAGES, type Language, setLanguage, useLanguage } from "../../text/index.ts";

export function LanguageSwitch() {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <NativeSelect
      // Both names, so that it is found by who reads only one of them.
      label={language === "en" ? `${t("account.language")} · 語言` : `${t("account.language")} · Language`}
      value={language}
      onChange={(e) => void setLanguage(e.currentTarget.value as Language)}
      data={LANGUAGES.map((l) => ({ value: l.id, label: l.name }))}
    />
  );
}
