import mark from "../asset/vedette.svg";

export function BrandMark({ size }: { readonly size: number }) {
  return <img src={mark} alt="" width={size} height={size} />;
}
