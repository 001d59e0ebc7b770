import type { Site } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import style from "./level-bars.module.css";

const GRADES = ["none", "0", "1", "2", "3"] as const;

/** Members of each site by proven level, one bar a site, numbers in words beside it. */
export function LevelBars({ sites }: { readonly sites: readonly Site[] }) {
  const { t } = useTranslation();
  return (
    <section className={style["bars"]} aria-label={t("fleet.distribution")}>
      <h2 className={style["title"]}>{t("fleet.distribution")}</h2>
      {sites.map((site) => (
        <SiteBar key={site.id} site={site} />
      ))}
    </section>
  );
}

function SiteBar({ site }: { readonly site: Site }) {
  const { t } = useTranslation();
  const parts = GRADES.map((grade) => ({ grade, count: site.distribution[grade] ?? 0 })).filter((p) => p.count > 0);
  const name = (grade: (typeof GRADES)[number]) => (grade === "none" ? t("level.nothingApplies") : t("fleet.atLevel", { level: grade }));
  const grade = (level: number | null) => (level === null ? t("level.none") : String(level));
  return (
    <div className={style["site"]}>
      <span className={style["name"]}>{site.name}</span>
      {parts.length === 0 ? (
        <span className={style["none"]}>{t("fleet.noMembers")}</span>
      ) : (
        <span className={style["bar"]} aria-hidden="true">
          {parts.map((p) => (
            <span key={p.grade} className={style["part"]} data-grade={p.grade} style={{ flexGrow: p.count }}>
              {p.count}
            </span>
          ))}
        </span>
      )}
      <span className={style["words"]}>
        {parts.map((p) => (
          <span key={p.grade} className={style["word"]}>
            <span className={style["key"]} data-grade={p.grade} aria-hidden="true" />
            {name(p.grade)}: {p.count}
          </span>
        ))}
        {parts.length > 0 && (
          <span className={style["lowest"]}>
            {t("fleet.lowest", { proven: grade(site.level.proven), possible: grade(site.level.possible) })}
          </span>
        )}
      </span>
    </div>
  );
}
