import type { ReactNode } from "react";
import style from "./plain-table.module.css";

/** A table of few columns; where it does not fit it scrolls in its own place, also by keyboard. */
export function PlainTable({
  label,
  columns,
  children,
}: {
  readonly label: string;
  readonly columns: readonly string[];
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse
    <section className={style["scroll"]} tabIndex={0} aria-label={label}>
      <table className={style["table"]}>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c} scope="col">
                {c}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
