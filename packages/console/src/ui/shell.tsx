import { ActionIcon } from "@mantine/core";
import { IconKeyboard } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { ClockBand, ClockControl } from "../feature/clock/clock-control.tsx";
import { pathWith, useClocks } from "../feature/clock/clocks.ts";
import { useLive } from "../feature/live/live-context.tsx";
import type { Me } from "../query.ts";
import { BrandMark } from "./brand-mark.tsx";
import { HelpDialog } from "./help-dialog.tsx";
import { useKeys } from "./keyboard.tsx";
import style from "./shell.module.css";

const SCREENS = [
  { path: "/", name: "nav.fleet" },
  { path: "/live", name: "nav.live" },
  { path: "/agents", name: "nav.agents" },
  { path: "/account", name: "nav.account" },
] as const;

/** The frame of every screen: where one can go, the clock, whether the feed is live. */
export function Shell({ me, children }: { readonly me: Me; readonly children: ReactNode }) {
  const { t } = useTranslation();
  const [location, go] = useLocation();
  const [clocks] = useClocks();
  const [help, setHelp] = useState(false);
  const current = location.startsWith("/device") ? "/" : location;
  useKeys({
    "g f": () => go(pathWith("/", clocks)),
    "g d": () => go(pathWith("/", clocks)),
    "g l": () => go(pathWith("/live", clocks)),
    "g a": () => go(pathWith("/agents", clocks)),
    "?": () => setHelp(true),
  });
  return (
    <div className={style["shell"]}>
      <a href="#content" className={style["skip"]}>
        {t("nav.skip")}
      </a>
      <header className={style["head"]}>
        <Link href={pathWith("/", clocks)} className={style["brand"] ?? ""} aria-label="Vedette">
          <BrandMark size={24} />
          <span>Vedette</span>
        </Link>
        <nav className={style["nav"]} aria-label={t("nav.main")}>
          {SCREENS.map(({ path, name }) => (
            <Link
              key={path}
              href={pathWith(path, clocks)}
              aria-current={current === path ? "page" : undefined}
              title={path === "/account" ? me.name : undefined}
            >
              {t(name)}
            </Link>
          ))}
        </nav>
        <div className={style["right"]}>
          <LiveSign />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={30}
            onClick={() => setHelp(true)}
            aria-label={t("help.open")}
            className={style["help"] ?? ""}
          >
            <IconKeyboard size={18} stroke={1.6} />
          </ActionIcon>
          <ClockControl />
        </div>
      </header>
      <ClockBand applies={location.startsWith("/device")} />
      <main id="content" className={style["content"]} tabIndex={-1}>
        {children}
      </main>
      <HelpDialog opened={help} close={() => setHelp(false)} />
    </div>
  );
}

function LiveSign() {
  const { t } = useTranslation();
  const { phase } = useLive();
  return (
    <span className={style["live"]} data-phase={phase} role="status">
      <span aria-hidden="true">{phase === "open" ? "●" : "○"}</span> {t(`live.phase.${phase}`)}
    </span>
  );
}
