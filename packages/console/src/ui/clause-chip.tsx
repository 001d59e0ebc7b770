import { useQuery } from "@tanstack/react-query";
import type { Status } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { standardQuery } from "../query.ts";
import { useText } from "../text/index.ts";
import style from "./clause-chip.module.css";
import { GLYPH } from "./status.ts";

interface Props {
  readonly clause: string;
  readonly status: Status;
  readonly href: string;
}

/** A clause by its number, its title on hover; leads to the evidence. */
export function ClauseChip({ clause, status, href }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const standard = useQuery(standardQuery);
  const title = standard.data?.clauses.find((c) => c.id === clause)?.title;
  const words = `${clause}${title === undefined ? "" : ` ${text(title)}`}: ${t(`status.${status}`)}`;
  return (
    <Link href={href} className={style["chip"] ?? ""} data-status={status} title={words} aria-label={words}>
      <span aria-hidden="true">{GLYPH[status]}</span> {clause}
    </Link>
  );
}
