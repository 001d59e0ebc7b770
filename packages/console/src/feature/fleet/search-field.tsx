import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import style from "./fleet.module.css";
import type { Search } from "./search.ts";

interface Props {
  readonly ref: Ref<HTMLInputElement>;
  readonly text: string;
  readonly change: (text: string) => void;
  readonly wrong: Search["wrong"];
  readonly shown: number;
  readonly total: number;
}

export function SearchField({ ref, text, change, wrong, shown, total }: Props) {
  const { t } = useTranslation();
  const [first] = wrong;
  return (
    <div className={style["search"]}>
      <TextInput
        ref={ref}
        type="search"
        aria-label={t("fleet.search")}
        placeholder={t("fleet.searchHint")}
        value={text}
        onChange={(e) => change(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape" || e.key === "Enter") e.currentTarget.blur();
        }}
        leftSection={<IconSearch size={16} stroke={1.6} aria-hidden="true" />}
        rightSection={text === "" ? null : <CloseButton size="sm" aria-label={t("fleet.clear")} onClick={() => change("")} />}
        error={first === undefined ? null : t("fleet.notUnderstood", { word: first.word, fix: t(`fleet.${first.fix}`) })}
      />
      <span className={style["shown"]} role="status">
        {t("fleet.shown", { shown, total })}
      </span>
    </div>
  );
}
