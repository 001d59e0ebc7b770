import type { Level, Verdict } from "@vedette/collector/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ClauseChip } from "../../ui/clause-chip.tsx";
import { STATUSES } from "../../ui/status.ts";
import { devicePath, useClocks } from "../clock/clocks.ts";
import style from "./level-stairs.module.css";

const CHIPS = 10;
const STEPS = [1, 2, 3] as const;

interface Props {
  readonly device: string;
  readonly level: Level;
  readonly verdicts: readonly Verdict[];
}

/** Proven, possible and observable as stairs of their own, never one number, and what stands before the next step. */
export function LevelStairs({ device, level, verdicts }: Props) {
  const { t } = useTranslation();
  const { checked, of } = level.observable;
  return (
    <section aria-label={t("level.word")}>
      <h2 className={style["title"]}>{t("level.word")}</h2>
      <Stair name={t("level.proven")} hint={t("level.provenHint")} grade={level.proven} />
      <Stair name={t("level.possible")} hint={t("level.possibleHint")} grade={level.possible} />
      <Stair
        name={t("level.observable")}
        hint={t("level.observableHint")}
        grade={level.observable.level}
        note={t("level.ofChecked", { k: checked, n: of })}
      />
      <Blocking device={device} level={level} verdicts={verdicts} />
    </section>
  );
}

interface StairProps {
  readonly name: string;
  readonly hint: string;
  readonly grade: number | null;
  readonly note?: string;
}

function Stair({ name, hint, grade, note }: StairProps) {
  const { t } = useTranslation();
  return (
    <div className={style["stair"]} title={hint}>
      <span className={style["name"]}>{name}</span>
      <span className={style["grade"]}>{grade ?? t("level.none")}</span>
      <span className={style["steps"]} aria-hidden="true">
        {STEPS.map((step) => (
          <span key={step} data-step={step} data-reached={grade !== null && grade >= step} />
        ))}
      </span>
      <span className={style["note"]}>{note}</span>
    </div>
  );
}

function Blocking({ device, level, verdicts }: Props) {
  const { t } = useTranslation();
  const [clocks] = useClocks();
  const [all, setAll] = useState(false);
  if (level.blocking.length === 0)
    return <p className={style["blocking"]}>{level.proven === 3 ? t("level.blockingTop") : t("level.nothingApplies")}</p>;
  const statusOf = new Map(verdicts.map((v) => [v.clause, v.status]));
  const status = (clause: string) => statusOf.get(clause) ?? "notchecked";
  const ordered = level.blocking.toSorted((a, b) => STATUSES.indexOf(status(a)) - STATUSES.indexOf(status(b)));
  const rest = ordered.length - CHIPS;
  return (
    <div className={style["blocking"]}>
      <p>
        {t("level.blocking", { level: (level.proven ?? 0) + 1 })}: {ordered.length}
      </p>
      <div className={style["chips"]}>
        {(all ? ordered : ordered.slice(0, CHIPS)).map((clause) => (
          <ClauseChip key={clause} clause={clause} status={status(clause)} href={devicePath(device, clocks, { clause })} />
        ))}
        {rest > 0 && (
          <button type="button" className={style["more"]} onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? "−" : `+${rest}`}
          </button>
        )}
      </div>
    </div>
  );
}
