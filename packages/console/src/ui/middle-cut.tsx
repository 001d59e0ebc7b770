import style from "./middle-cut.module.css";

/** Models and serials differ at their ends: what does not fit is cut in the middle. */
export function MiddleCut({ text, tail = 6 }: { readonly text: string; readonly tail?: number }) {
  if (text.length <= tail * 2) return <span title={text}>{text}</span>;
  return (
    <span className={style["whole"]} title={text}>
      <span className={style["head"]}>{text.slice(0, -tail)}</span>
      <span className={style["tail"]}>{text.slice(-tail)}</span>
    </span>
  );
}
