import { useQuery } from "@tanstack/react-query";
import type { Aspect } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { standardQuery } from "../../query.ts";
import { useText } from "../../text/index.ts";
import { AXIS_PX, EVENT_PX, laneHeight } from "./draw.ts";
import type { Lane } from "./lane.ts";
import style from "./timeline.module.css";

interface Props {
  readonly lanes: readonly Lane[];
  readonly open: ReadonlySet<Aspect>;
  readonly toggle: (aspect: Aspect) => void;
  readonly show: (clause: string) => void;
}

/** Names of the lanes, as high as what is painted beside them; an aspect opens and closes. */
export function LaneLabels({ lanes, open, toggle, show }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const standard = useQuery(standardQuery);
  return (
    <div className={style["labels"]}>
      <div style={{ height: AXIS_PX }} />
      <div className={style["events"]} style={{ height: EVENT_PX }}>
        {t("timeline.events")}
      </div>
      {lanes.map((lane) => {
        if (lane.clause === null) {
          const name = t(`aspect.${lane.aspect}`);
          return (
            <button
              key={lane.key}
              type="button"
              style={{ height: laneHeight(lane) }}
              aria-expanded={open.has(lane.aspect)}
              onClick={() => toggle(lane.aspect)}
            >
              <span aria-hidden="true">{open.has(lane.aspect) ? "▾" : "▸"}</span> {name}
            </button>
          );
        }
        const { clause } = lane;
        const title = standard.data?.clauses.find((c) => c.id === clause)?.title;
        return (
          <button
            key={lane.key}
            type="button"
            className={style["clause"]}
            style={{ height: laneHeight(lane) }}
            onClick={() => show(clause)}
            title={title && text(title)}
          >
            {clause} {title !== undefined && <span>{text(title)}</span>}
          </button>
        );
      })}
    </div>
  );
}
