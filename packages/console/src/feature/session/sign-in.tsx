import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { client, ProblemResponse, Unreachable } from "../../client.ts";
import { BrandMark } from "../../ui/brand-mark.tsx";
import { LanguageSwitch } from "../account/language-switch.tsx";
import style from "./sign-in.module.css";

/** In front of every screen while nobody is signed in; the address stays, and is shown afterwards. */
export function SignIn() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const entering = useMutation({
    mutationFn: () => client.post("/session", { user, password }),
    onSuccess: () => queries.resetQueries(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entering.mutate();
  };
  return (
    <main className={style["page"]}>
      <form className={style["form"]} onSubmit={submit}>
        <div className={style["head"]}>
          <BrandMark size={36} />
          <h1>Vedette</h1>
        </div>
        <p className={style["what"]}>{t("signIn.what")}</p>
        <TextInput
          label={t("signIn.user")}
          name="username"
          autoComplete="username"
          value={user}
          onChange={(e) => setUser(e.currentTarget.value)}
          required
          autoFocus
        />
        <PasswordInput
          label={t("signIn.password")}
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          required
          error={entering.error === null ? null : words(entering.error, t)}
        />
        <Button type="submit" loading={entering.isPending}>
          {t("signIn.do")}
        </Button>
        <p className={style["first"]}>{t("signIn.first")}</p>
        <LanguageSwitch />
      </form>
    </main>
  );
}

function words(error: Error, t: ReturnType<typeof useTranslation>["t"]): string {
  if (error instanceof Unreachable) return t("state.unreachable");
  const status = error instanceof ProblemResponse ? error.status : 0;
  if (status === 401 || status === 403) return t("signIn.wrong");
  return status === 429 ? t("signIn.locked") : error.message;
}
