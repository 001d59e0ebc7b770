import type { Verdict } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Clause } from "../../query.ts";
import { useText } from "../../text/index.ts";
import { StatusMark } from "../../ui/status-mark.tsx";
import { TimeText } from "../../ui/time-text.tsx";
import style from "./verdict-table.module.css";

interface Props {
  readonly verdict: Verdict;
  readonly clause: Clause;
  readonly current: boolean;
  readonly href: string;
}

export function VerdictRow({ verdict, clause, current, href }: Props) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <tr data-current={current} aria-current={current ? "true" : undefined}>
      <td className={style["clause"]}>
        <Link href={href}>
          <span className={style["number"]}>{verdict.clause}</span> {text(clause.title)}
        </Link>
      </td>
      <td>
        <StatusMark status={verdict.status} />
        {(verdict.basis === "attested" || verdict.basis === "combined") && (
          <span className={style["attested"]}>{t("device.attested")}</span>
        )}
      </td>
      <td className={style["reason"]}>{text(verdict.reason)}</td>
      <td className={style["since"]}>
        <TimeText at={verdict.since} />
      </td>
    </tr>
  );
}
