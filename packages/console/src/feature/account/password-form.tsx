import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { client, ProblemResponse } from "../../client.ts";
import { meQuery } from "../../query.ts";
import style from "./account.module.css";

/** Changing the password ends every session: the sign-in screen follows. */
export function PasswordForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const differ = again !== "" && again !== password;
  const changing = useMutation({
    mutationFn: () => client.put("/me/password", { current, password }),
    onSuccess: () => queries.resetQueries({ queryKey: meQuery.queryKey }),
  });
  const wrong = (field: string) =>
    changing.error instanceof ProblemResponse && (changing.error.field ?? "password") === field ? changing.error.message : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!differ) changing.mutate();
  };
  return (
    <form className={style["form"]} onSubmit={submit}>
      <PasswordInput
        label={t("account.current")}
        autoComplete="current-password"
        value={current}
        onChange={(e) => setCurrent(e.currentTarget.value)}
        error={wrong("current")}
        required
      />
      <PasswordInput
        label={t("account.fresh")}
        autoComplete="new-password"
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
        error={wrong("password")}
        required
      />
      <PasswordInput
        label={t("account.again")}
        autoComplete="new-password"
        value={again}
        onChange={(e) => setAgain(e.currentTarget.value)}
        error={differ ? t("account.differ") : null}
        required
      />
      <Button type="submit" loading={changing.isPending}>
        {t("account.change")}
      </Button>
    </form>
  );
}
