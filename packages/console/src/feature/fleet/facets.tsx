import type { Device, Status } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { StatusMark } from "../../ui/status-mark.tsx";
import { type Chosen, countsOf, FACETS, type Facet } from "./facet.ts";
import style from "./fleet.module.css";
import { useClassName } from "./use-class-name.ts";

interface Props {
  readonly devices: readonly Device[];
  readonly chosen: Chosen;
  readonly toggle: (facet: Facet, value: string) => void;
}

export function Facets({ devices, chosen, toggle }: Props) {
  const { t } = useTranslation();
  const className = useClassName();
  const titles = { status: t("fleet.facetStatus"), class: t("fleet.facetClass"), membership: t("fleet.facetMembership") };
  const word = (facet: Facet, value: string) => {
    if (facet === "status") return <StatusMark status={value as Status} />;
    return facet === "class" ? className(value) : t(`membership.${value as Device["membership"]}`);
  };
  return (
    <aside className={style["facets"]} aria-label={t("fleet.facets")}>
      {FACETS.filter((facet) => chosen[facet] !== null || countsOf(devices, facet, chosen).length > 0).map((facet) => (
        <fieldset key={facet} className={style["facet"]}>
          <legend>{titles[facet]}</legend>
          {countsOf(devices, facet, chosen).map(({ value, count }) => (
            <button
              key={value}
              type="button"
              aria-pressed={chosen[facet] === value}
              onClick={() => toggle(facet, value)}
              title={facet === "membership" ? t(`membershipHint.${value as Device["membership"]}`) : undefined}
            >
              <span>{word(facet, value)}</span>
              <span className={style["count"]}>{count}</span>
            </button>
          ))}
        </fieldset>
      ))}
    </aside>
  );
}
