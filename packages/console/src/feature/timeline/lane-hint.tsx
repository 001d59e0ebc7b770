import type { Text } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../../text/index.ts";
import { useNow } from "../../ui/now.ts";
import { StatusMark } from "../../ui/status-mark.tsx";
import { short } from "../../ui/time.ts";
import type { Scene } from "./draw.ts";
import style from "./timeline.module.css";

export interface Hover {
  readonly x: number;
  readonly y: number;
  readonly title: string;
  readonly status: Scene["lanes"][number]["segments"][number]["status"] | null;
  readonly partly: boolean;
  readonly reason: Text;
  readonly from: number;
  readonly to: number | null;
}

const WIDTH = 340;

/** What is under the pointer, in one sentence. */
export function LaneHint({ hover, width, reason }: { readonly hover: Hover; readonly width: number; readonly reason: string }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow();
  return (
    <div
      className={style["tip"]}
      style={{
        left: Math.min(Math.max(hover.x - WIDTH / 2, 0), Math.max(width - WIDTH, 0)),
        top: hover.y + 16,
        width: Math.min(WIDTH, width),
      }}
    >
      <div className={style["tipHead"]}>
        {hover.status !== null && <StatusMark status={hover.status} />}
        <span>{hover.title}</span>
        <span className={style["soft"]}>
          {short(hover.from, now, language)}
          {hover.to !== hover.from && <> – {hover.to === null ? t("timeline.now") : short(hover.to, now, language)}</>}
        </span>
      </div>
      {reason}
      {hover.partly && <span className={style["soft"]}> ({t("timeline.partly")})</span>}
    </div>
  );
}
