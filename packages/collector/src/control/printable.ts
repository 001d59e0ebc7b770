/** What an agent says of itself is shown to people: no control or format characters, bounded. */
export function printable(text: string, max: number): string {
  return text
    .slice(0, max * 2)
    .replace(/\p{C}/gu, "")
    .slice(0, max);
}
