import { Select, type SelectProps } from "@mantine/core";
import { api } from "@/client/http";

const HUB = { value: "hub", label: "This hub" };

/** An issuer by its name; policies know it by an id, which nobody should have to look for. */
export function IssuerSelect(props: SelectProps & { value: string | null }) {
  const issuers = api.useQuery("get", "/api/v1/issuers", { params: { query: { limit: 200 } } });
  const known = (issuers.data?.items ?? []).map((one) => ({ value: one.id, label: one.name || one.url }));
  const options = [HUB, ...known];
  const { value } = props;
  // What the reader is not shown, or is gone, still stands there.
  const missing = value && !options.some((one) => one.value === value) ? [{ value, label: value }] : [];
  return <Select {...props} searchable data={[...options, ...missing]} />;
}
