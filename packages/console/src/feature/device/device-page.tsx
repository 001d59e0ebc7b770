export default function DevicePage({ id }: { readonly id: string }) {
  return <p>{id}</p>;
}
