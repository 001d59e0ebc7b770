import { Button, Code, NativeSelect } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { Site } from "@vedette/collector/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../client.ts";
import { CopyText } from "../../ui/copy-text.tsx";
import { ErrorNotice } from "../../ui/state.tsx";
import { TimeText } from "../../ui/time-text.tsx";
import style from "./agent.module.css";

interface Enrolment {
  readonly id: string;
  readonly token: string;
  readonly expiresAt: string;
}

/** Makes a single-use token and shows the command that uses it; the token goes through standard input, where nobody lists it. */
export function EnrolCommand({ sites }: { readonly sites: readonly Site[] }) {
  const { t } = useTranslation();
  const [site, setSite] = useState(sites[0]?.id ?? "");
  const making = useMutation({ mutationFn: () => client.post<Enrolment>("/enrolments", { site }) });
  const command = `echo '${making.data?.token ?? ""}' | ./vedette agent enroll --token-file - --data ~/.local/share/vedette-agent`;
  return (
    <div className={style["enrol"]}>
      <div className={style["make"]}>
        {sites.length > 1 && (
          <NativeSelect
            label={t("empty.site")}
            value={site}
            onChange={(e) => setSite(e.currentTarget.value)}
            data={sites.map((s) => ({ value: s.id, label: s.name }))}
          />
        )}
        <Button onClick={() => making.mutate()} loading={making.isPending} disabled={site === ""}>
          {t("empty.make")}
        </Button>
      </div>
      {making.error !== null && <ErrorNotice error={making.error} retry={() => making.mutate()} />}
      {making.data !== undefined && (
        <>
          <Code block className={style["command"] ?? ""}>
            {command}
          </Code>
          <div className={style["valid"]}>
            <CopyText text={command} />
            <span>
              {t("empty.valid")} <TimeText at={making.data.expiresAt} form="short" />
            </span>
          </div>
          <p>{t("empty.afterwards")}</p>
          <Code block>./vedette agent run --config agent.yaml</Code>
        </>
      )}
    </div>
  );
}
