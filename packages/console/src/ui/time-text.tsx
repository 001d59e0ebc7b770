import { useLanguage } from "../text/index.ts";
import { useNow } from "./now.ts";
import { absolute, relative, short } from "./time.ts";

interface Props {
  /** RFC 3339 */
  readonly at: string;
  readonly form?: "relative" | "short" | "absolute";
}

/** A time: relative unless told otherwise, the absolute in the viewer's zone on hover. */
export function TimeText({ at, form = "relative" }: Props) {
  const now = useNow();
  const language = useLanguage();
  const ms = Date.parse(at);
  const text = form === "relative" ? relative(ms, now, language) : form === "short" ? short(ms, now, language) : absolute(ms, language);
  return (
    <time dateTime={at} title={absolute(ms, language)}>
      {text}
    </time>
  );
}
