import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Agent } from "@vedette/collector/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { agentsQuery, sitesQuery } from "../../query.ts";
import { useLanguage } from "../../text/index.ts";
import { MiddleCut } from "../../ui/middle-cut.tsx";
import { PlainTable } from "../../ui/plain-table.tsx";
import { ErrorNotice, Notice, RowSkeleton } from "../../ui/state.tsx";
import { TimeText } from "../../ui/time-text.tsx";
import style from "./agent.module.css";
import { EnrolCommand } from "./enrol-command.tsx";

/** A clock this near counts as right, ms. */
const IN_STEP_MS = 250;

/** The sentries: who reports, who is silent, what waits to be sent. */
export default function AgentPage() {
  const { t } = useTranslation();
  const agents = useQuery(agentsQuery);
  const sites = useQuery(sitesQuery);
  const [enrolling, setEnrolling] = useState(false);
  if (agents.data === undefined) {
    return agents.error === null ? <RowSkeleton rows={4} /> : <ErrorNotice error={agents.error} retry={() => void agents.refetch()} />;
  }
  const online = agents.data.filter((a) => a.state === "online").length;
  const column = (name: "agent" | "site" | "state" | "version" | "report" | "outbox" | "clock") => t(`agent.column.${name}`);
  return (
    <>
      <div className={style["head"]}>
        <h1>{t("agent.title")}</h1>
        <Button variant={enrolling ? "default" : "filled"} size="sm" aria-expanded={enrolling} onClick={() => setEnrolling(!enrolling)}>
          {t("agent.enrol")}
        </Button>
      </div>
      {agents.error !== null && <ErrorNotice error={agents.error} retry={() => void agents.refetch()} />}
      {enrolling && (
        <div className={style["box"]}>
          <EnrolCommand sites={sites.data ?? []} />
        </div>
      )}
      {agents.data.length === 0 ? (
        <Notice title={t("agent.none")}>{t("empty.noAgent")}</Notice>
      ) : (
        <>
          <p className={style["sentence"]}>{t("agent.sentence", { count: agents.data.length, online })}</p>
          <PlainTable
            label={t("agent.title")}
            columns={[
              column("agent"),
              column("site"),
              column("state"),
              column("report"),
              column("outbox"),
              column("clock"),
              column("version"),
            ]}
          >
            {agents.data.map((agent) => (
              <AgentRow key={agent.id} agent={agent} site={sites.data?.find((s) => s.id === agent.site)?.name ?? agent.site} />
            ))}
          </PlainTable>
          {online < agents.data.length && <p className={style["note"]}>{t("agent.offlineMeans")}</p>}
        </>
      )}
    </>
  );
}

const SHAPE = { online: "●", offline: "▲", never: "–" } as const;

function AgentRow({ agent, site }: { readonly agent: Agent; readonly site: string }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const oldest = new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "short", maximumFractionDigits: 0 });
  return (
    <tr>
      <td>
        <MiddleCut text={agent.id} />
      </td>
      <td>{site}</td>
      <td>
        <span className={style["state"]} data-state={agent.state}>
          <span aria-hidden="true">{SHAPE[agent.state]}</span> {t(`agent.state.${agent.state}`)}
        </span>
      </td>
      <td>{agent.lastReportAt === null ? "–" : <TimeText at={agent.lastReportAt} />}</td>
      <td>
        {agent.outboxDepth === 0
          ? t("agent.empty")
          : `${t("agent.outbox", { count: agent.outboxDepth })}, ${t("agent.oldest", { time: oldest.format(agent.oldestUnreceiptedMs / 1000) })}`}
      </td>
      <td>
        {agent.offsetMs === null
          ? "–"
          : Math.abs(agent.offsetMs) <= IN_STEP_MS
            ? t("agent.clockNear")
            : t("agent.clockOff", { ms: Math.round(agent.offsetMs) })}
      </td>
      <td>{agent.version}</td>
    </tr>
  );
}
