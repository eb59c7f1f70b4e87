import { Button, Collapse, Stack } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { words } from "@/lib/format";
import { Facet, type FacetValue } from "@/ui/Facets";
import type { CatalogFilters } from "./queries";

type Dimension = "category" | "tag" | "kind" | "team" | "lifecycle";

const DIMENSIONS: [Dimension, string][] = [
  ["category", "Category"],
  ["team", "Team"],
  ["kind", "Kind"],
  ["lifecycle", "Lifecycle"],
  ["tag", "Tag"],
];

/** Codes of the API, as people write them. */
const KINDS: Record<string, string> = { rest: "REST", graphql: "GraphQL", grpc: "gRPC", soap: "SOAP" };

function labelled(name: Dimension, values: FacetValue[]): FacetValue[] {
  if (name !== "kind" && name !== "lifecycle") return values;
  return values.map((one) => ({ ...one, label: KINDS[one.value] ?? words(one.value) }));
}

interface Props {
  facets: Partial<Record<Dimension, FacetValue[]>> | undefined;
  filters: CatalogFilters;
  onChange: (patch: Partial<CatalogFilters>) => void;
}

/** The facets, at the side; on a phone behind a button that says how many are set. */
export function CatalogFacets({ facets, filters, onChange }: Props) {
  const phone = useMediaQuery("(max-width: 48em)");
  const [opened, panel] = useDisclosure(false);
  const set = DIMENSIONS.filter(([name]) => filters[name]).length;
  const list = (
    <Stack gap="lg" py={phone ? "sm" : 0}>
      {DIMENSIONS.map(([name, title]) => (
        <Facet
          key={name}
          title={title}
          values={labelled(name, facets?.[name] ?? [])}
          chosen={filters[name]}
          onChoose={(value) => onChange({ [name]: value })}
        />
      ))}
    </Stack>
  );
  if (!phone) return list;
  return (
    <div>
      <Button
        variant="default"
        mb="sm"
        onClick={panel.toggle}
        aria-expanded={opened}
        leftSection={<IconAdjustmentsHorizontal size={16} />}
      >
        {set ? `Filters (${set})` : "Filters"}
      </Button>
      <Collapse expanded={opened}>{list}</Collapse>
    </div>
  );
}
