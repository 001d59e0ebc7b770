import { useTranslation } from "react-i18next";
import { en } from "../../text/en.ts";

/** The word for a class of device; a class that is newer than the console is shown as it is. */
export function useClassName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => (Object.hasOwn(en.class, name) ? t(`class.${name as keyof typeof en.class}`) : name);
}
