import { useTranslation } from "react-i18next";
import style from "./evidence.module.css";

/** One fact in a few words: lists with commas, what has parts as JSON. */
export function factText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (Array.isArray(value))
    return value.length === 0 ? "–" : value.map((v) => (typeof v === "object" ? JSON.stringify(v) : String(v))).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** "notAfter" -> "not after" */
export function factName(key: string): string {
  return key.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
}

export function FactTable({ facts }: { readonly facts: Readonly<Record<string, unknown>> }) {
  const { t } = useTranslation();
  return (
    <table className={style["facts"]}>
      <thead className={style["hidden"]}>
        <tr>
          <th scope="col">{t("evidence.fact")}</th>
          <th scope="col">{t("evidence.value")}</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(facts).map(([key, value]) => (
          <tr key={key}>
            <th scope="row">{factName(key)}</th>
            <td>{factText(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
