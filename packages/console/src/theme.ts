import { createTheme } from "@mantine/core";

/** Only what the static sheet cannot say; variables stand in style/base.css. */
export const theme = createTheme({
  primaryColor: "indigo",
  defaultRadius: 4,
  cursorType: "pointer",
  respectReducedMotion: true,
});
