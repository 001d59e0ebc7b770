import { Input, type MantineColorScheme, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function ThemeSwitch() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Input.Wrapper label={t("account.theme")} labelElement="div">
      <SegmentedControl
        fullWidth
        aria-label={t("account.theme")}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as MantineColorScheme)}
        data={[
          { value: "auto", label: t("account.auto") },
          { value: "light", label: t("account.light") },
          { value: "dark", label: t("account.dark") },
        ]}
      />
    </Input.Wrapper>
  );
}
