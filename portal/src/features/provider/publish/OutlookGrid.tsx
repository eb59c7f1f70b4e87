import { Badge, Box, Code, Group, Table, Text, ThemeIcon, Title, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconQuestionMark, IconX } from "@tabler/icons-react";
import type { PublishingOutlook } from "@/client/types";
import { capability } from "@/lib/capabilities";
import { engineName, plural } from "@/lib/format";
import classes from "./OutlookGrid.module.css";
import { type Column, columnsOf, namesOf } from "./outlook";

/** What a version needs, down; which gateways can do it, across. */
export function OutlookGrid({ outlook }: { outlook: PublishingOutlook }) {
  const columns = columnsOf(outlook);
  if (outlook.needs.length === 0 || columns.length === 0) return null;
  return (
    <section>
      <Title order={2} mb={4}>
        What it needs, and who can do it
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Read off its policies, plans and operations. A gateway that lacks one of these would refuse it.
      </Text>
      <Box className={classes.wrap} tabIndex={0} role="region" aria-label="Needs and gateways">
        <Table className={classes.grid} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Needs</Table.Th>
              {columns.map((column) => (
                <Table.Th key={column.key} scope="col">
                  <Heading column={column} />
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {outlook.needs.map(({ capability: code, where }) => (
              <Table.Tr key={code}>
                <Table.Th scope="row">
                  {capability(code)}
                  <Text size="xs" c="dimmed" fw={400} mt={2}>
                    <Code fz="inherit">{code}</Code> {where}
                  </Text>
                </Table.Th>
                {columns.map((column) => (
                  <Table.Td key={column.key}>
                    <Cell column={column} capability={code} />
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Box>
    </section>
  );
}

function Heading({ column: { gateways, lacks, known } }: { column: Column }) {
  const engines = [...new Set(gateways.map((one) => engineName(one.engine)))].join(", ");
  return (
    <>
      <Text size="sm" fw={600} c="var(--mantine-color-text)">
        {namesOf(gateways)}
      </Text>
      <Group gap={6} mt={2}>
        <Text size="xs" c="dimmed">
          {engines}
        </Text>
        {known ? (
          <Badge color={lacks.size === 0 ? "green" : "red"}>
            {lacks.size === 0 ? "All of it" : `Lacks ${plural(lacks.size, "thing")}`}
          </Badge>
        ) : (
          <Badge color="gray">Not known yet</Badge>
        )}
      </Group>
    </>
  );
}

const CELLS = {
  yes: { color: "green", icon: IconCheck, word: "Yes" },
  no: { color: "red", icon: IconX, word: "No" },
  unknown: { color: "gray", icon: IconQuestionMark, word: "Not known yet" },
} as const;

function Cell({ column: { lacks, known }, capability }: { column: Column; capability: string }) {
  const { color, icon: Icon, word } = CELLS[!known ? "unknown" : lacks.has(capability) ? "no" : "yes"];
  return (
    <>
      <ThemeIcon variant="light" color={color} size="sm" radius="xl" aria-hidden>
        <Icon size={13} stroke={2.4} />
      </ThemeIcon>
      <VisuallyHidden>{word}</VisuallyHidden>
    </>
  );
}
