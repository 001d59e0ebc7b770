import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { client } from "../../client.ts";
import { meQuery } from "../../query.ts";
import { Notice } from "../../ui/state.tsx";
import style from "./account.module.css";
import { LanguageSwitch } from "./language-switch.tsx";
import { PasswordForm } from "./password-form.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

export default function AccountPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const me = useQuery(meQuery).data;
  const leaving = useMutation({
    mutationFn: () => client.delete("/session"),
    onSettled: () => {
      queries.clear();
      queries.setQueryData(meQuery.queryKey, null);
    },
  });
  if (me === undefined || me === null) return null;
  return (
    <div className={style["page"]}>
      <div className={style["head"]}>
        <h1>{t("account.title")}</h1>
        <Button variant="default" size="sm" onClick={() => leaving.mutate()} loading={leaving.isPending}>
          {t("account.signOut")}
        </Button>
      </div>
      <p>
        {t("account.signedIn", { name: me.name, tenant: me.tenant })}
        <br />
        <span className={style["roles"]}>
          {me.grants
            .map(({ role, site }) => (site === null ? t("account.role", { role }) : t("account.roleAt", { role, site })))
            .join(", ")}
        </span>
      </p>
      {me.mustChangePassword && <Notice title={t("account.must")} />}
      <section className={style["part"]}>
        <LanguageSwitch />
        <ThemeSwitch />
      </section>
      {me.kind === "user" && (
        <section className={style["part"]}>
          <h2>{t("account.password")}</h2>
          <PasswordForm />
        </section>
      )}
    </div>
  );
}
