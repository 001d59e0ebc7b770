import { Button, Popover, TextInput } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Clocks } from "../../query.ts";
import { useLanguage } from "../../text/index.ts";
import { useNow } from "../../ui/now.ts";
import { fromLocalInput, short, toLocalInput } from "../../ui/time.ts";
import style from "./clock.module.css";
import { useClocks } from "./clocks.ts";

/** "as of 3 Mar, 14:00, known 4 Mar" */
export function useClockWords(): (clocks: Clocks) => string {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow();
  return ({ at, knownAt }) => {
    const parts = [];
    if (at !== undefined) parts.push(t("clock.asOf", { at: short(Date.parse(at), now, language) }));
    if (knownAt !== undefined) parts.push(t("clock.knownAt", { knownAt: short(Date.parse(knownAt), now, language) }));
    return parts.length === 0 ? t("clock.now") : parts.join(language === "en" ? ", " : "，");
  };
}

export function ClockControl() {
  const { t } = useTranslation();
  const [clocks, setClocks] = useClocks();
  const words = useClockWords();
  const [opened, setOpened] = useState(false);
  const past = clocks.at !== undefined || clocks.knownAt !== undefined;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={300} trapFocus returnFocus shadow="sm">
      <Popover.Target>
        <button
          type="button"
          className={style["clock"]}
          data-past={past}
          onClick={() => setOpened(!opened)}
          aria-label={`${t("clock.label")}: ${words(clocks)}`}
        >
          <IconClock size={15} stroke={1.8} aria-hidden="true" />
          <span>{words(clocks)}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("clock.label")}>
        <ClockForm
          clocks={clocks}
          apply={(next) => {
            setClocks(next);
            setOpened(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function ClockForm({ clocks, apply }: { readonly clocks: Clocks; readonly apply: (clocks: Clocks) => void }) {
  const { t } = useTranslation();
  const local = (at: string | undefined) => (at === undefined ? "" : toLocalInput(Date.parse(at)));
  const [at, setAt] = useState(local(clocks.at) || toLocalInput(Date.now()));
  const [knownAt, setKnownAt] = useState(local(clocks.knownAt));
  const [wrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const time = fromLocalInput(at);
    setWrong(time === undefined);
    if (time !== undefined) apply({ at: time, knownAt: fromLocalInput(knownAt) });
  };
  return (
    <form onSubmit={submit} className={style["form"]}>
      <TextInput
        type="datetime-local"
        step={1}
        size="sm"
        label={t("clock.at")}
        value={at}
        onChange={(e) => setAt(e.currentTarget.value)}
        error={wrong ? t("clock.invalid") : null}
        data-autofocus
      />
      <TextInput
        type="datetime-local"
        step={1}
        size="sm"
        label={t("clock.known")}
        description={t("clock.knownHint")}
        value={knownAt}
        onChange={(e) => setKnownAt(e.currentTarget.value)}
      />
      <div className={style["buttons"]}>
        <Button type="submit" size="sm">
          {t("clock.apply")}
        </Button>
        <Button variant="default" size="sm" onClick={() => apply({})}>
          {t("clock.back")}
        </Button>
      </div>
    </form>
  );
}

/** Worn by the page while it does not show now. */
export function ClockBand({ applies }: { readonly applies: boolean }) {
  const { t } = useTranslation();
  const [clocks, setClocks] = useClocks();
  const words = useClockWords();
  if (clocks.at === undefined && clocks.knownAt === undefined) return null;
  return (
    <div className={style["band"]} role="status">
      <span>
        {applies ? (
          <>
            {t("clock.band")}: {words(clocks)} <span className={style["rest"]}>{t("clock.bandRest")}</span>
          </>
        ) : (
          t("clock.bandOther", { clock: words(clocks) })
        )}
      </span>
      <Button size="compact-sm" variant="default" onClick={() => setClocks({})}>
        {t("clock.back")}
      </Button>
    </div>
  );
}
