import { Badge } from "@mantine/core";
import type { ReactNode } from "react";
import type { SignedInBrowser } from "@/client/types";
import { browserOf } from "@/lib/browser";
import { DataTable } from "../DataTable";
import { When } from "../When";

interface Props {
  caption: string;
  sessions: SignedInBrowser[];
  empty?: ReactNode;
  /** What the reader may do with one that is not the present one. */
  action: (session: SignedInBrowser) => ReactNode;
}

/** Where somebody is signed in. */
export function SessionTable({ caption, sessions, empty, action }: Props) {
  return (
    <DataTable
      caption={caption}
      rows={sessions}
      rowKey={(row) => row.id}
      empty={empty}
      columns={[
        {
          title: "Browser",
          render: (row) => <span title={row.user_agent}>{browserOf(row.user_agent)}</span>,
        },
        { title: "Address", render: (row) => row.address },
        { title: "Signed in", render: (row) => <When at={row.created_at} /> },
        { title: "Last seen", render: (row) => <When at={row.last_seen_at} /> },
        {
          title: "Action",
          hideTitle: true,
          right: true,
          render: (row) => (row.current ? <Badge color="green">This one</Badge> : action(row)),
        },
      ]}
    />
  );
}
