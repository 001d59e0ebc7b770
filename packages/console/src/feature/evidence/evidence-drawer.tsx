import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { Event, Verdict } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { client } from "../../client.ts";
import { assessmentQuery, deviceQuery, standardQuery } from "../../query.ts";
import { useText } from "../../text/index.ts";
import { CopyText } from "../../ui/copy-text.tsx";
import { Drawer } from "../../ui/drawer.tsx";
import { ErrorNotice, Notice, RowSkeleton } from "../../ui/state.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { TimeText } from "../../ui/time-text.tsx";
import { devicePath, useClocks } from "../clock/clocks.ts";
import { ClauseText } from "./clause-text.tsx";
import style from "./evidence.module.css";
import { ObservationPart } from "./observation-part.tsx";

interface Props {
  readonly device: string;
  readonly clause: string | null;
  /** One observation, where there is no clause. */
  readonly observation: string | null;
  /** What led here, on the live screen. */
  readonly event: Event | null;
  readonly close: () => void;
}

/** Why a verdict is as it is: the reason, what decided it, who saw it and when, the bytes, and what to do. */
export function EvidenceDrawer({ device, clause, observation, event, close }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const [clocks] = useClocks();
  const [location] = useLocation();
  const standard = useQuery(standardQuery);
  const known = useQuery(deviceQuery(device));
  const title = standard.data?.clauses.find((c) => c.id === clause)?.title;
  const onDevice = location.startsWith("/device");
  const link = `${window.location.origin}${devicePath(device, clocks, { ...(clause === null ? {} : { clause }), ...(observation === null || clause !== null ? {} : { observation }) })}`;
  const checking = useMutation({ mutationFn: () => client.post(`/devices/${encodeURIComponent(device)}/check`, {}) });
  return (
    <Drawer
      close={close}
      title={
        <>
          {clause === null ? t("evidence.title") : `${clause} ${title === undefined ? "" : text(title)}`}
          <span className={style["device"]}>{known.data?.name}</span>
        </>
      }
    >
      <div className={style["buttons"]}>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconRefresh size={14} aria-hidden="true" />}
          loading={checking.isPending}
          disabled={checking.isSuccess}
          onClick={() => checking.mutate()}
        >
          {t("device.check")}
        </Button>
        <CopyText text={link} label={t("evidence.copyLink")} />
        {!onDevice && <Link href={devicePath(device, clocks)}>{t("evidence.open")}</Link>}
      </div>
      {checking.isSuccess && (
        <p className={style["soft"]} role="status">
          {t("device.checking")}
        </p>
      )}
      {checking.error !== null && <ErrorNotice error={checking.error} retry={() => checking.mutate()} />}
      {event !== null && <p className={style["event"]}>{text(event.data.reason)}</p>}
      {clause === null ? (
        observation !== null && (
          <ObservationPart device={device} id={observation} quoted={event?.data.evidence.filter((e) => e.id === observation) ?? []} />
        )
      ) : (
        <VerdictPart device={device} clause={clause} />
      )}
    </Drawer>
  );
}

function VerdictPart({ device, clause }: { readonly device: string; readonly clause: string }) {
  const { t } = useTranslation();
  const [clocks] = useClocks();
  const assessment = useQuery(assessmentQuery(device, clocks));
  const standard = useQuery(standardQuery);
  const verdict = assessment.data?.verdicts.find((v) => v.clause === clause);
  const asked = standard.data?.clauses.find((c) => c.id === clause);
  if (assessment.error !== null && assessment.data === undefined)
    return <ErrorNotice error={assessment.error} retry={() => void assessment.refetch()} />;
  if (assessment.data === undefined) return <RowSkeleton rows={5} />;
  return (
    <>
      {verdict === undefined ? <Notice title={t("state.missing")} /> : <Reason verdict={verdict} />}
      {verdict !== undefined && <Quoted device={device} verdict={verdict} />}
      {asked !== undefined && <ClauseText clause={asked} />}
    </>
  );
}

function Reason({ verdict }: { readonly verdict: Verdict }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <section className={style["reason"]} data-status={verdict.status}>
      <StatusMark status={verdict.status} />
      <p>{text(verdict.reason)}</p>
      <p className={style["soft"]}>
        {t("evidence.since")} <TimeText at={verdict.since} form="short" />
        {verdict.observedAt !== null && (
          <>
            {" · "}
            {t("evidence.looked")} <TimeText at={verdict.observedAt} form="short" />
          </>
        )}
        {" · "}
        {t("evidence.known")} <TimeText at={verdict.recordedAt} form="short" />
      </p>
    </section>
  );
}

function Quoted({ device, verdict }: { readonly device: string; readonly verdict: Verdict }) {
  const { t } = useTranslation();
  const observations = Map.groupBy(
    verdict.evidence.filter((e) => e.kind === "observation"),
    (e) => e.id,
  );
  const others = verdict.evidence.filter((e) => e.kind !== "observation");
  return (
    <section>
      <h3 className={style["heading"]}>
        {t("evidence.decisive")}{" "}
        <span className={style["soft"]}>
          {Object.hasOwn(BASIS, verdict.basis) ? t(`basis.${verdict.basis as keyof typeof BASIS}`) : verdict.basis}
        </span>
      </h3>
      {verdict.evidence.length === 0 && <p className={style["soft"]}>{t("evidence.noFacts")}</p>}
      {[...observations].map(([id, quoted]) => (
        <ObservationPart key={id} device={device} id={id} quoted={quoted} />
      ))}
      {others.map((e) => (
        <p key={`${e.kind}${e.id}`} className={style["id"]}>
          {e.kind} {e.id}
        </p>
      ))}
    </section>
  );
}

const BASIS = { observed: 1, correlated: 1, attested: 1, combined: 1, none: 1 } as const;
