import { Button, Center, Table, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./DataTable.module.css";
import { usePhone } from "./usePhone";

export interface Column<Row> {
  /** The heading; also the label of the value on a phone. */
  title: string;
  render: (row: Row) => ReactNode;
  right?: boolean;
  width?: number | string;
  hideTitle?: boolean;
}

interface Props<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** A row in a line or two on a phone, where its columns one below the other would take too many. */
  phone?: (row: Row) => ReactNode;
  /** Shown in place of the table when there are no rows. */
  empty?: ReactNode;
  more?: { load: () => void; loading: boolean } | undefined;
}

/** A table people can scan and screen readers can read; on a phone each row becomes a card under its first column. */
export function DataTable<Row>({ caption, columns: all, rows, rowKey, phone, empty, more }: Props<Row>) {
  const onPhone = usePhone();
  const columns = onPhone && phone ? [{ title: caption, hideTitle: true, render: phone }] : all;
  if (rows.length === 0 && empty) return <div className={classes.wrap}>{empty}</div>;
  return (
    <>
      <div className={classes.wrap}>
        <Table className={classes.table} verticalSpacing={9} horizontalSpacing="md" fz="sm">
          <caption style={{ display: "contents" }}>
            <VisuallyHidden>{caption}</VisuallyHidden>
          </caption>
          <Head columns={columns} />
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={rowKey(row)}>
                {columns.map((column) => (
                  <Table.Td
                    key={column.title}
                    data-label={column.hideTitle ? "" : column.title}
                    className={column.right ? classes.right : undefined}
                  >
                    {column.render(row)}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {more && (
        <Center mt="md">
          <Button variant="default" onClick={more.load} loading={more.loading}>
            Show more
          </Button>
        </Center>
      )}
    </>
  );
}

function Head<Row>({ columns }: { columns: Column<Row>[] }) {
  return (
    <Table.Thead>
      <Table.Tr>
        {columns.map((column) => (
          <Table.Th
            key={column.title}
            scope="col"
            w={column.width}
            className={column.right ? classes.right : undefined}
          >
            {column.hideTitle ? <VisuallyHidden>{column.title}</VisuallyHidden> : column.title}
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}
