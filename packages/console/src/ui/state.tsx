import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { ProblemResponse, Unreachable } from "../client.ts";
import style from "./state.module.css";

interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly tone?: "quiet" | "bad";
}

/** One sentence that says what is so, and what to do next. */
export function Notice({ title, children, tone = "quiet" }: NoticeProps) {
  return (
    <div className={style["notice"]} data-tone={tone} role={tone === "bad" ? "alert" : undefined}>
      <strong>{title}</strong>
      {children !== undefined && <div className={style["next"]}>{children}</div>}
    </div>
  );
}

/** An error of a query, in the words of its cause. */
export function ErrorNotice({ error, retry }: { readonly error: Error; readonly retry: () => void }) {
  const { t } = useTranslation();
  const again = (
    <Button variant="default" size="compact-sm" onClick={retry}>
      {t("state.retry")}
    </Button>
  );
  if (error instanceof Unreachable) {
    return (
      <Notice title={t("state.unreachable")} tone="bad">
        {t("state.unreachableDo")} {again}
      </Notice>
    );
  }
  const status = error instanceof ProblemResponse ? error.status : 0;
  if (status === 403) return <Notice title={t("state.forbidden")}>{t("state.forbiddenDo")}</Notice>;
  if (status === 404) {
    return (
      <Notice title={t("state.missing")}>
        <Link href="/">{t("state.missingDo")}</Link> {error.message}
      </Notice>
    );
  }
  return (
    <Notice title={t(status === 503 ? "state.notReady" : "state.broken")} tone="bad">
      {error.message} {again}
    </Notice>
  );
}

/** Rows that are still to come. */
export function RowSkeleton({ rows = 8, height = 34 }: { readonly rows?: number; readonly height?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("state.loading")} className={style["rows"]}>
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={height - 8} radius={4} />
      ))}
    </div>
  );
}
