import { Badge, Group, Table, Text } from "@mantine/core";
import type { EffectivePolicy } from "@/client/types";
import { fieldInWords, inWords, isMainSwitch } from "@/lib/values";
import { useIssuersByName } from "@/ui/issuers/names";
import { type Field, fieldsOf, type Json } from "@/ui/schema/fields";
import { originOf } from "./origins";
import type { Spot } from "./spots";

interface Props {
  schema: Json;
  policy: EffectivePolicy;
  spot: Spot;
}

/** What a configuration says, field by field; a part from another place than the rest names it. */
export function ConfigView({ schema, policy, spot }: Props) {
  const config = useIssuersByName(policy.config);
  const said = fieldsOf(schema).filter((field) => says(config[field.name], field));
  const origins = new Map((policy.origins ?? []).map((part) => [part.pointer, part.from]));
  const originAt = (pointer: string) => {
    const found = origins.get(pointer);
    return found && found.id !== policy.from.id ? originOf(found, spot) : undefined;
  };
  if (said.length === 0) return null;
  return (
    <Table fz="sm" variant="vertical" mt="sm" layout="auto">
      <Table.Tbody>
        {said.map(({ name }) => {
          const { label, value } = fieldInWords(name, config[name]);
          return (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={{ base: 110, sm: 170 }}>
                {label}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                <Value value={value} plain={value !== config[name]} at={`/${name}`} originAt={originAt} />
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

/** What is empty, or as it would be anyway, needs no line; the one thing that a policy is about always has one. */
function says(value: unknown, field: Field): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value === 0) return field.fallback !== 0;
  return field.kind !== "boolean" || value !== field.fallback || isMainSwitch(field.name, value);
}

interface ValueProps {
  value: unknown;
  /** Words rather than something that was typed. */
  plain: boolean;
  at: string;
  originAt: (pointer: string) => string | undefined;
}

function Value({ value, plain, at, originAt }: ValueProps) {
  const items = Array.isArray(value) ? value : [value];
  const whole = originAt(at);
  return (
    <Group gap={0} style={{ gap: "4px 14px" }}>
      {items.map((item, index) => {
        const origin = Array.isArray(value) ? originAt(`${at}/${index}`) : undefined;
        return (
          <Group key={JSON.stringify(item)} gap={4}>
            <Text span size="sm" ff={typeof item === "string" && !plain ? "monospace" : undefined}>
              {inWords(item)}
            </Text>
            {origin && <Origin>{origin}</Origin>}
          </Group>
        );
      })}
      {whole && <Origin>{whole}</Origin>}
    </Group>
  );
}

const Origin = ({ children }: { children: string }) => (
  <Badge color="gray" size="xs" style={{ flex: "none" }}>
    {children}
  </Badge>
);
