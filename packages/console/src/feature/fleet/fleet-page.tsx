import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "wouter";
import { agentsQuery, devicesQuery, sitesQuery } from "../../query.ts";
import { useKeys } from "../../ui/keyboard.tsx";
import { useNow } from "../../ui/now.ts";
import { ErrorNotice, Notice, RowSkeleton } from "../../ui/state.tsx";
import { DeviceTable } from "./device-table.tsx";
import { EnrolHint } from "./enrol-hint.tsx";
import { chosenFrom, type Facet, narrow } from "./facet.ts";
import { Facets } from "./facets.tsx";
import style from "./fleet.module.css";
import { FleetSentence } from "./fleet-sentence.tsx";
import { LevelBars } from "./level-bars.tsx";
import { matches, parseSearch, searchQuery } from "./search.ts";
import { SearchField } from "./search-field.tsx";

/** All devices: how the sites stand in one sentence, then which, worst first. */
export function FleetPage() {
  const { t } = useTranslation();
  const [params, setParams] = useSearchParams();
  const text = params.get("q") ?? "";
  const [chosen, setChosen] = useState(() => chosenFrom(params));
  const search = useMemo(() => parseSearch(text), [text]);
  const now = useNow();
  const sites = useQuery(sitesQuery);
  const agents = useQuery(agentsQuery);
  const devices = useInfiniteQuery(devicesQuery(searchQuery(search)));
  const field = useRef<HTMLInputElement>(null);
  useKeys({ "/": () => field.current?.focus() });

  const found = useMemo(
    () => (devices.data?.pages ?? []).flatMap((p) => p.items).filter((d) => matches(search, d, now)),
    [devices.data, search, now],
  );
  const shown = useMemo(() => narrow(found, chosen), [found, chosen]);

  const setText = (next: string) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (next === "") after.delete("q");
        else after.set("q", next);
        return after;
      },
      { replace: true },
    );
  const toggle = (facet: Facet, value: string) => {
    const next = { ...chosen, [facet]: chosen[facet] === value ? null : value };
    setChosen(next);
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [key, each] of Object.entries(next)) {
          if (each === null) after.delete(key);
          else after.set(key, each);
        }
        return after;
      },
      { replace: true },
    );
  };
  const clear = () => {
    setChosen({ status: null, class: null, membership: null });
    setParams({}, { replace: true });
  };

  const empty = text === "" && devices.isSuccess && found.length === 0 && !devices.isPlaceholderData;
  if (sites.error !== null && sites.data === undefined) return <ErrorNotice error={sites.error} retry={() => void sites.refetch()} />;
  return (
    <>
      <h1 className={style["hidden"]}>{t("fleet.title")}</h1>
      {sites.error !== null && <ErrorNotice error={sites.error} retry={() => void sites.refetch()} />}
      {sites.data === undefined ? (
        <RowSkeleton rows={2} height={40} />
      ) : (
        <FleetSentence sites={sites.data} devices={found} whole={text === ""} />
      )}
      {sites.data !== undefined && !empty && <LevelBars sites={sites.data} />}
      {empty && sites.data !== undefined ? (
        <EnrolHint sites={sites.data} waiting={(agents.data ?? []).some((a) => a.state === "online")} />
      ) : (
        <div className={style["columns"]}>
          <Facets devices={found} chosen={chosen} toggle={toggle} />
          <section className={style["list"]} aria-label={t("fleet.title")}>
            <SearchField ref={field} text={text} change={setText} wrong={search.wrong} shown={shown.length} total={found.length} />
            {devices.error !== null && sites.error === null && <ErrorNotice error={devices.error} retry={() => void devices.refetch()} />}
            {devices.data === undefined ? (
              devices.error === null && <RowSkeleton />
            ) : shown.length === 0 ? (
              <Notice title={t("fleet.noMatch")}>
                {t("fleet.noMatchDo")}{" "}
                <Button variant="default" size="compact-sm" onClick={clear}>
                  {t("fleet.clear")}
                </Button>
              </Notice>
            ) : (
              <DeviceTable devices={shown} severalSites={(sites.data?.length ?? 0) > 1} />
            )}
            {devices.hasNextPage && (
              <Button variant="default" mt="md" loading={devices.isFetchingNextPage} onClick={() => void devices.fetchNextPage()}>
                {t("fleet.more")}
              </Button>
            )}
          </section>
        </div>
      )}
    </>
  );
}
