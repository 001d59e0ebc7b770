import { useQuery } from "@tanstack/react-query";
import type { Device, Site } from "@vedette/collector/api";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { eventsQuery } from "../../query.ts";
import { useLanguage } from "../../text/index.ts";
import { useNow } from "../../ui/now.ts";
import { standing } from "../live/feed.ts";
import style from "./fleet.module.css";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Changes counted at most. */
const LIMIT = 500;

interface Props {
  readonly sites: readonly Site[];
  readonly devices: readonly Device[];
  /** The devices are all of the fleet, not the outcome of a search. */
  readonly whole: boolean;
}

/** How the fleet stands, in words and numbers. */
export function FleetSentence({ sites, devices, whole }: Props) {
  const { t } = useTranslation();
  const language = useLanguage();
  // To the hour, so that the question stays the same for a while.
  const from = new Date(Math.floor((useNow() - DAY_MS) / HOUR_MS) * HOUR_MS).toISOString();
  const query = useMemo(() => ({ kind: ["transition", "drift"], from, limit: LIMIT }), [from]);
  const events = useQuery(eventsQuery(query));
  const total = sites.reduce((sum, s) => sum + s.devices, 0);
  const members = sites.reduce((sum, s) => sum + Object.values(s.distribution).reduce((a, b) => a + b, 0), 0);
  const failing = sites.reduce((sum, s) => sum + s.failing, 0);
  const worse = events.data && standing(events.data).filter((e) => e.data.severity === "medium" || e.data.severity === "high").length;
  const undecided = whole ? devices.filter((d) => d.membership === "undecided").length : 0;
  const where =
    sites.length === 1 ? t("fleet.sites", { count: 1, name: sites[0]?.name ?? "" }) : t("fleet.sites", { count: sites.length, name: "" });
  const rest = [
    failing === 0 ? t("fleet.noneFailing") : t("fleet.failing", { count: failing, members }),
    ...(worse === undefined ? [] : [worse === 0 ? t("fleet.noneWorse") : t("fleet.worse", { count: worse })]),
    ...(undecided === 0 ? [] : [t("fleet.undecided", { count: undecided })]),
  ];
  const [comma, stop] = language === "en" ? ["; ", "."] : ["；", "。"];
  return (
    <p className={style["sentence"]}>
      <strong>
        {t("fleet.devices", { count: total })}
        {language === "en" ? " " : "，"}
        {where}
        {stop}
      </strong>{" "}
      {capital(rest.join(comma))}
      {stop}
    </p>
  );
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
