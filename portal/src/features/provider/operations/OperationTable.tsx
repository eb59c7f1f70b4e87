import { Badge, Group, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/client/http";
import type { Operation } from "@/client/types";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { TextLink } from "@/ui/links";
import { OperationName } from "@/ui/OperationName";

const SEARCHED_FROM = 12;

interface Props {
  slug: string;
  versionId: string;
  /** How many there are: a few need no search. */
  count: number;
}

/** The operations of a version; each has a page for its words and its policies. */
export function OperationTable({ slug, versionId, count }: Props) {
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 200);
  const operations = api.useQuery(
    "get",
    "/api/v1/versions/{version_id}/operations",
    { params: { path: { version_id: versionId }, query: { limit: 200, q: q || undefined } } },
    { placeholderData: keepPreviousData },
  );
  return (
    <>
      {count > SEARCHED_FROM && (
        <TextInput
          type="search"
          aria-label="Search its operations"
          placeholder="Path or words"
          maw={380}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      <Loaded query={operations}>
        {({ items }) => (
          <DataTable
            caption="Operations of this version"
            rows={items}
            rowKey={(row) => row.id}
            empty={
              <EmptyState title={q ? "No operation matches" : "No operations"}>
                {q ? "Other words find more." : "Import a definition that has paths."}
              </EmptyState>
            }
            columns={[
              { title: "Operation", render: (row) => <Name slug={slug} operation={row} /> },
              { title: "What it does", render: (row) => row.summary || row.operation_id },
              { title: "Marks", hideTitle: true, right: true, render: (row) => <Marks operation={row} /> },
            ]}
          />
        )}
      </Loaded>
    </>
  );
}

function Name({ slug, operation }: { slug: string; operation: Operation }) {
  return (
    <OperationName method={operation.method}>
      <TextLink
        to="/studio/apis/$slug/versions/$versionId/operations/$operationId"
        params={{ slug, versionId: operation.version_id, operationId: operation.id }}
        inherit
      >
        {operation.path}
      </TextLink>
    </OperationName>
  );
}

function Marks({ operation }: { operation: Operation }) {
  return (
    <Group gap={4} justify="flex-end">
      {operation.deprecated && <Badge color="yellow">Deprecated</Badge>}
      {operation.has_mock && <Badge color="gray">Example</Badge>}
    </Group>
  );
}
