import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "wouter";
import { client, ProblemResponse } from "../../client.ts";
import { assessmentQuery, deviceQuery, sitesQuery } from "../../query.ts";
import { ErrorNotice, Notice, RowSkeleton } from "../../ui/state.tsx";
import { worstOf } from "../../ui/status.ts";
import { StatusMark } from "../../ui/status-mark.tsx";
import { pathWith, useClocks, useDrawer } from "../clock/clocks.ts";
import { EvidenceDrawer } from "../evidence/evidence-drawer.tsx";
import { TimelinePanel } from "../timeline/timeline-panel.tsx";
import { AttributeLine } from "./attribute-line.tsx";
import style from "./device.module.css";
import { IdentityPart } from "./identity-part.tsx";
import { LevelStairs } from "./level-stairs.tsx";
import { VerdictTable } from "./verdict-table.tsx";
import { WherePart } from "./where-part.tsx";

/** One device: what it is, where, how far it is, since when, and why. */
export default function DevicePage({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const [clocks] = useClocks();
  const [, setParams] = useSearchParams();
  const drawer = useDrawer();
  const found = useQuery(deviceQuery(id));
  const assessment = useQuery(assessmentQuery(id, clocks));
  const checking = useMutation({ mutationFn: () => client.post(`/devices/${encodeURIComponent(id)}/check`, {}) });
  const sites = useQuery(sitesQuery);
  const device = found.data;
  if (device === undefined)
    return found.error === null ? <RowSkeleton rows={10} /> : <ErrorNotice error={found.error} retry={() => void found.refetch()} />;
  const site = sites.data?.find((s) => s.id === device.site)?.name ?? device.site;
  const closeDrawer = () =>
    setParams((before) => new URLSearchParams([...before].filter(([key]) => key !== "clause" && key !== "observation")), { replace: true });
  const then = assessment.error instanceof ProblemResponse && assessment.error.status === 404;
  const shown = then ? undefined : assessment.data;
  const counts = shown === undefined ? device.counts : countsOf(shown.verdicts.map((v) => v.status));
  return (
    <>
      <nav className={style["trail"]} aria-label={t("device.fleet")}>
        <Link href={pathWith("/", clocks)}>{t("device.fleet")}</Link> / {site}
      </nav>
      <div className={style["head"]}>
        <div>
          <h1>{device.name}</h1>
          <AttributeLine device={device} />
        </div>
        <div className={style["act"]}>
          <StatusMark status={worstOf(counts)} />
          <Button
            variant="default"
            size="sm"
            leftSection={<IconRefresh size={15} aria-hidden="true" />}
            loading={checking.isPending}
            onClick={() => checking.mutate()}
          >
            {t("device.check")}
          </Button>
        </div>
      </div>
      {checking.isSuccess && (
        <p className={style["soft"]} role="status">
          {t("device.checking")}
        </p>
      )}
      {checking.error !== null && <ErrorNotice error={checking.error} retry={() => checking.mutate()} />}
      {found.error !== null && <ErrorNotice error={found.error} retry={() => void found.refetch()} />}
      {then && <Notice title={t("device.notThen")} />}
      {assessment.error !== null && !then && <ErrorNotice error={assessment.error} retry={() => void assessment.refetch()} />}
      <div className={style["parts"]}>
        {shown !== undefined ? (
          <LevelStairs device={id} level={shown.level} verdicts={shown.verdicts} />
        ) : (
          <div>{!then && <RowSkeleton rows={4} />}</div>
        )}
        <WherePart device={device} site={site} />
        <IdentityPart device={device} />
      </div>
      <section className={style["part"]}>
        <h2>{t("timeline.title")}</h2>
        <TimelinePanel device={id} />
      </section>
      {shown !== undefined && (
        <section className={style["part"]}>
          <VerdictTable device={id} verdicts={shown.verdicts} />
        </section>
      )}
      {(drawer.clause !== null || drawer.observation !== null) && (
        <EvidenceDrawer
          key={drawer.clause ?? drawer.observation}
          device={id}
          clause={drawer.clause}
          observation={drawer.observation}
          event={null}
          close={closeDrawer}
        />
      )}
    </>
  );
}

function countsOf<T extends string>(statuses: readonly T[]): Record<T, number> {
  const counts = {} as Record<T, number>;
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
