import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Aspect, Verdict } from "@vedette/collector/api";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { type Clause, standardQuery } from "../../query.ts";
import { useKeys } from "../../ui/keyboard.tsx";
import { devicePath, useClocks } from "../clock/clocks.ts";
import { ASPECTS } from "../timeline/lane.ts";
import { VerdictRow } from "./verdict-row.tsx";
import style from "./verdict-table.module.css";

interface Props {
  readonly device: string;
  readonly verdicts: readonly Verdict[];
}

/** Open: somebody has to do something, or know more. */
export function isOpen(verdict: Verdict): boolean {
  return verdict.status === "fail" || verdict.status === "unknown" || verdict.status === "error";
}

/** All clauses by aspect; what passes or was not looked at is folded until asked for. */
export function VerdictTable({ device, verdicts }: Props) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [clocks] = useClocks();
  const standard = useQuery(standardQuery);
  const [unfolded, setUnfolded] = useState<ReadonlySet<Aspect>>(new Set());
  const [current, setCurrent] = useState<string | null>(null);
  const table = useRef<HTMLTableElement>(null);
  const clauseOf = new Map((standard.data?.clauses ?? []).map((c) => [c.id, c]));
  const groups = ASPECTS.map((aspect) => {
    const own = verdicts.filter((v) => clauseOf.get(v.clause)?.aspect === aspect);
    return { aspect, shown: unfolded.has(aspect) ? own : own.filter(isOpen), quiet: own.filter((v) => !isOpen(v)).length };
  }).filter((g) => g.shown.length + g.quiet > 0);
  const all = groups.every((g) => unfolded.has(g.aspect));
  const foldAll = () => setUnfolded(all ? new Set() : new Set(ASPECTS));
  const fold = (aspect: Aspect) =>
    setUnfolded((before) => (before.has(aspect) ? new Set([...before].filter((a) => a !== aspect)) : new Set(before).add(aspect)));
  const order = groups.flatMap((g) => g.shown);
  const at = order.findIndex((v) => v.clause === current);
  const step = (by: number) => setCurrent(order[Math.min(Math.max(at + by, 0), order.length - 1)]?.clause ?? null);
  const open = (verdict: Verdict | undefined) => {
    if (verdict === undefined) return;
    setCurrent(verdict.clause);
    go(devicePath(device, clocks, { clause: verdict.clause }));
  };
  useKeys({
    j: () => step(1),
    k: () => step(at < 0 ? 1 : -1),
    Enter: () => open(order[at]),
    e: () => open(order[at] ?? order[0]),
    f: foldAll,
  });
  useEffect(() => {
    table.current?.querySelector("[data-current=true]")?.scrollIntoView({ block: "nearest" });
  });
  const count = (status: Verdict["status"]) => verdicts.filter((v) => v.status === status).length;
  return (
    <>
      <div className={style["head"]}>
        <div>
          <h2>{t("device.verdicts")}</h2>
          <p className={style["soft"]}>
            {t("device.verdictSentence", {
              fail: count("fail"),
              unknown: count("unknown"),
              pass: count("pass"),
              rest: count("notchecked") + count("notapplicable"),
            })}
          </p>
        </div>
        <Button variant="default" size="compact-sm" aria-pressed={all} onClick={foldAll}>
          {all ? t("device.showOpen") : t("device.showAll")}
        </Button>
      </div>
      <table className={style["table"]} ref={table}>
        <thead>
          <tr>
            <th scope="col">{t("device.column.clause")}</th>
            <th scope="col">{t("device.column.status")}</th>
            <th scope="col">{t("device.column.reason")}</th>
            <th scope="col">{t("device.column.since")}</th>
          </tr>
        </thead>
        {groups.map(({ aspect, shown, quiet }) => (
          <tbody key={aspect}>
            <tr className={style["group"]}>
              <th colSpan={4} scope="colgroup">
                {quiet === 0 ? (
                  t(`aspect.${aspect}`)
                ) : (
                  <button type="button" aria-expanded={unfolded.has(aspect)} onClick={() => fold(aspect)}>
                    <span aria-hidden="true">{unfolded.has(aspect) ? "▾" : "▸"}</span> {t(`aspect.${aspect}`)}
                    {!unfolded.has(aspect) && <span className={style["quiet"]}>{t("device.quiet", { count: quiet })}</span>}
                  </button>
                )}
              </th>
            </tr>
            {shown.map((verdict) => (
              <VerdictRow
                key={verdict.clause}
                verdict={verdict}
                clause={clauseOf.get(verdict.clause) as Clause}
                current={verdict.clause === current}
                href={devicePath(device, clocks, { clause: verdict.clause })}
              />
            ))}
          </tbody>
        ))}
      </table>
    </>
  );
}
