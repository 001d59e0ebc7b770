import type { Device } from "@vedette/collector/api";
import { Fragment, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { ClauseChip } from "../../ui/clause-chip.tsx";
import { useKeys } from "../../ui/keyboard.tsx";
import { MiddleCut } from "../../ui/middle-cut.tsx";
import { worstOf } from "../../ui/status.ts";
import { StatusMark } from "../../ui/status-mark.tsx";
import { TimeText } from "../../ui/time-text.tsx";
import { devicePath, useClocks } from "../clock/clocks.ts";
import style from "./device-table.module.css";
import { byUrgency, MEMBERSHIPS } from "./facet.ts";
import { LevelCell } from "./level-cell.tsx";
import { useClassName } from "./use-class-name.ts";

const CHIPS = 2;

interface Props {
  readonly devices: readonly Device[];
  readonly severalSites: boolean;
}

/** Members first, then those that nobody decided on, then the environment; in each the worst on top. */
export function DeviceTable({ devices, severalSites }: Props) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [clocks] = useClocks();
  const [current, setCurrent] = useState<string | null>(null);
  const body = useRef<HTMLTableElement>(null);
  const groups = MEMBERSHIPS.map((membership) => ({
    membership,
    rows: devices.filter((d) => d.membership === membership).toSorted(byUrgency),
  })).filter((g) => g.rows.length > 0);
  const order = groups.flatMap((g) => g.rows);
  const at = order.findIndex((d) => d.id === current);
  const step = (by: number) => setCurrent(order[Math.min(Math.max(at + by, 0), order.length - 1)]?.id ?? null);
  const open = (clause?: string) => {
    const device = order[at];
    if (device !== undefined) go(devicePath(device.id, clocks, clause === undefined ? {} : { clause }));
  };
  useKeys({
    j: () => step(1),
    k: () => step(at < 0 ? 1 : -1),
    Enter: () => open(),
    e: () => open(order[at]?.failing[0] ?? order[at]?.level.blocking[0]),
  });
  useEffect(() => {
    body.current?.querySelector("[data-current=true]")?.scrollIntoView({ block: "nearest" });
  });
  const columns = severalSites ? 9 : 8;
  return (
    <table className={style["table"]} ref={body}>
      <thead>
        <tr>
          <th scope="col" className={style["headStatus"]}>
            {t("fleet.column.status")}
          </th>
          <th scope="col" className={style["headName"]}>
            {t("fleet.column.name")}
          </th>
          <th scope="col" className={style["headModel"]}>
            {t("fleet.column.model")}
          </th>
          {severalSites && (
            <th scope="col" className={style["headSite"]}>
              {t("fleet.column.site")}
            </th>
          )}
          <th scope="col" className={style["headClass"]}>
            {t("fleet.column.class")}
          </th>
          <th scope="col" className={style["headLevel"]} title={t("fleet.levelHead")}>
            {t("fleet.column.level")}
          </th>
          <th scope="col" className={style["headFailing"]}>
            {t("fleet.column.failing")}
          </th>
          <th scope="col" className={style["headAddresses"]}>
            {t("fleet.column.addresses")}
          </th>
          <th scope="col" className={style["headSeen"]}>
            {t("fleet.column.seen")}
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.map(({ membership, rows }) => (
          <Fragment key={membership}>
            <tr className={style["group"]}>
              <th colSpan={columns} scope="colgroup">
                {t(`membership.${membership}`)} <span className={style["groupCount"]}>{rows.length}</span>
                <span className={style["groupHint"]}>{t(`membershipHint.${membership}`)}</span>
              </th>
            </tr>
            {rows.map((device) => (
              <DeviceRow
                key={device.id}
                device={device}
                severalSites={severalSites}
                current={device.id === current}
                href={(more) => devicePath(device.id, clocks, more)}
              />
            ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly device: Device;
  readonly severalSites: boolean;
  readonly current: boolean;
  readonly href: (more?: Readonly<Record<string, string>>) => string;
}

function DeviceRow({ device, severalSites, current, href }: RowProps) {
  const { t } = useTranslation();
  const className = useClassName();
  const more = device.failing.length - CHIPS;
  return (
    <tr data-current={current} aria-current={current ? "true" : undefined} data-gone={device.vanishedAt !== null}>
      <td className={style["status"]}>
        <StatusMark status={worstOf(device.counts)} />
      </td>
      <td className={style["name"]}>
        <Link href={href()}>
          <MiddleCut text={device.name} tail={8} />
        </Link>
      </td>
      <td className={style["model"]}>
        <span title={`${device.vendor} ${device.model}`}>
          {device.model || "–"} <span className={style["vendor"]}>{device.vendor}</span>
        </span>
      </td>
      {severalSites && <td className={style["site"]}>{device.site}</td>}
      <td className={style["class"]}>{className(device.class)}</td>
      <td className={style["level"]}>
        <LevelCell level={device.level} />
      </td>
      <td className={style["failing"]}>
        <span className={style["chips"]}>
          {device.failing.slice(0, CHIPS).map((clause) => (
            <ClauseChip key={clause} clause={clause} status="fail" href={href({ clause })} />
          ))}
          {more > 0 && <span title={device.failing.slice(CHIPS).join(", ")}>{t("fleet.moreClauses", { count: more })}</span>}
        </span>
      </td>
      <td className={style["address"]}>
        <span title={device.addresses.join("\n")}>
          {device.addresses[0] ?? "–"}
          {device.addresses.length > 1 && ` +${device.addresses.length - 1}`}
        </span>
      </td>
      <td className={style["seen"]}>
        {device.vanishedAt === null ? (
          <TimeText at={device.lastSeenAt} />
        ) : (
          <>
            {t("fleet.vanished")} <TimeText at={device.vanishedAt} />
          </>
        )}
      </td>
    </tr>
  );
}
