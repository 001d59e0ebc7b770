import { SegmentedControl } from "@mantine/core";
import type { Observation } from "@vedette/collector/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import style from "./evidence.module.css";
import { bytesOf, hexOf, isText, textOf } from "./hex.ts";

type Piece = Observation["evidence"][number];

export function RawBytes({ piece }: { readonly piece: Piece }) {
  const { t } = useTranslation();
  const bytes = bytesOf(piece.content);
  const [form, setForm] = useState<"text" | "hex">(isText(bytes) ? "text" : "hex");
  return (
    <figure className={style["raw"]}>
      <figcaption>
        <span>
          {piece.label} · {t("evidence.bytes", { count: bytes.length })}
          {piece.truncated && ` · ${t("evidence.truncated")}`}
        </span>
        <SegmentedControl
          size="xs"
          aria-label={t("evidence.raw")}
          value={form}
          onChange={(value) => setForm(value === "hex" ? "hex" : "text")}
          data={[
            { value: "text", label: t("evidence.text") },
            { value: "hex", label: t("evidence.hex") },
          ]}
        />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse */}
      <pre className={style["bytes"]} tabIndex={0}>
        {form === "hex" ? hexOf(bytes) : textOf(bytes)}
      </pre>
    </figure>
  );
}
