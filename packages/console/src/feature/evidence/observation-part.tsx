import { useQuery } from "@tanstack/react-query";
import type { Evidence, Observation } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { ProblemResponse } from "../../client.ts";
import { observationQuery } from "../../query.ts";
import { MiddleCut } from "../../ui/middle-cut.tsx";
import { ErrorNotice, Notice, RowSkeleton } from "../../ui/state.tsx";
import { TimeText } from "../../ui/time-text.tsx";
import style from "./evidence.module.css";
import { FactTable } from "./fact-table.tsx";
import { RawBytes } from "./raw-bytes.tsx";

/** "443/tcp on 198.18.0.7" */
export function subjectText(subject: Observation["subject"]): string {
  const { kind, address, port, transport, bssid, ssid } = subject as Observation["subject"] & Readonly<Record<string, unknown>>;
  switch (kind) {
    case "endpoint":
      return `${port}/${transport} · ${address}`;
    case "host":
      return String(address);
    case "bss":
      return `${ssid} · ${bssid}`;
    default:
      return kind;
  }
}

interface Props {
  readonly device: string;
  readonly id: string;
  /** What the verdict quotes of it, one for each part that decides. */
  readonly quoted: readonly Evidence[];
}

/** One observation: what it decided, who made it and when, and its raw bytes. */
export function ObservationPart({ device, id, quoted }: Props) {
  const { t } = useTranslation();
  const found = useQuery(observationQuery(device, id));
  const observation = found.data;
  return (
    <section className={style["observation"]}>
      {quoted.map((q, i) => (
        <FactTable key={i} facts={q.facts} />
      ))}
      {observation === undefined && found.error === null && <RowSkeleton rows={3} height={24} />}
      {found.error !== null &&
        (found.error instanceof ProblemResponse && found.error.status === 404 ? (
          <Notice title={t("evidence.gone")} />
        ) : (
          <ErrorNotice error={found.error} retry={() => void found.refetch()} />
        ))}
      {observation !== undefined && observation !== null && <Seen observation={observation} />}
    </section>
  );
}

function Seen({ observation }: { readonly observation: Observation }) {
  const { t } = useTranslation();
  const { agent, probe, probeVersion, subject, observedAt, storedAt, fault, facts, evidence } = observation;
  return (
    <>
      <dl className={style["who"]}>
        <dt>{t("evidence.who")}</dt>
        <dd>
          {t("evidence.agent")} <MiddleCut text={agent} /> · {t("evidence.probe")} {probe},{" "}
          {t("evidence.version", { version: probeVersion })}
        </dd>
        <dt>{t("evidence.subject")}</dt>
        <dd>{subjectText(subject)}</dd>
        <dt>{t("evidence.when")}</dt>
        <dd>
          <TimeText at={observedAt} form="absolute" />
        </dd>
        <dt>{t("evidence.known")}</dt>
        <dd>
          <TimeText at={storedAt} form="absolute" />
        </dd>
        <dt>{t("evidence.observation")}</dt>
        <dd className={style["id"]}>{observation.id}</dd>
      </dl>
      {fault !== null && <Notice title={`${fault.phase}: ${fault.code}`}>{fault.message}</Notice>}
      {evidence.length === 0 ? (
        <p className={style["soft"]}>{t("evidence.noRaw")}</p>
      ) : (
        evidence.map((piece, i) => <RawBytes key={i} piece={piece} />)
      )}
      {facts !== null && (
        <details className={style["all"]}>
          <summary>{t("evidence.allFacts")}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse */}
          <pre className={style["bytes"]} tabIndex={0}>
            {JSON.stringify(facts, null, 2)}
          </pre>
        </details>
      )}
    </>
  );
}
