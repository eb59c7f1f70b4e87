import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconRosetteDiscountCheck } from "@tabler/icons-react";
import { useChanged } from "@/client/changed";
import { api, ifMatch } from "@/client/http";
import type { Issuer } from "@/client/types";
import { plural } from "@/lib/format";
import { can } from "@/lib/may";
import { ConfirmDialog } from "@/ui/ConfirmDialog";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { notifyDone, notifyFailed } from "@/ui/notify";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";
import { When } from "@/ui/When";
import { IssuerDialog } from "./IssuerDialog";
import { EVERY_API, useIssuerOwners } from "./owners";

/** Whose tokens the gateways accept, as administrators and as the maintainers of a team see them. */
export function IssuersPage() {
  const issuers = api.useQuery("get", "/api/v1/issuers", { params: { query: { limit: 200 } } });
  const owners = useIssuerOwners();
  const [opened, dialog] = useDisclosure(false);
  const add = owners.length > 0 && (
    <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
      Trust an issuer
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Issuers"
        description="Whose tokens policies may accept. Their keys are fetched here, so that no call waits for an issuer."
        actions={issuers.data?.items.length ? add : null}
      />
      <Loaded query={issuers}>
        {({ items }) => (
          <DataTable
            caption="Issuers"
            rows={items}
            rowKey={(row) => row.id}
            empty={
              <EmptyState title="No issuer yet" icon={IconRosetteDiscountCheck} action={add}>
                {add
                  ? "Name the one that signs your people's or programs' tokens; then a token policy can ask for them."
                  : "Maintainers of a team can trust one for its APIs, administrators for every API."}
              </EmptyState>
            }
            columns={[
              { title: "Issuer", render: (row) => <Name issuer={row} /> },
              { title: "For", render: (row) => row.owner?.name ?? EVERY_API.label },
              { title: "State", render: (row) => <State issuer={row} /> },
              { title: "Keys", right: true, render: (row) => plural(row.keys.length, "key") },
              { title: "Fetched", render: (row) => <When at={row.fetched_at} never="–" /> },
              {
                title: "Actions",
                hideTitle: true,
                right: true,
                render: (row) => <Actions issuer={row} />,
              },
            ]}
          />
        )}
      </Loaded>
      <IssuerDialog owners={owners} opened={opened} onClose={dialog.close} />
    </>
  );
}

function Name({ issuer }: { issuer: Issuer }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {issuer.name || issuer.url}
      </Text>
      {issuer.name !== issuer.url && (
        <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {issuer.url}
        </Text>
      )}
    </div>
  );
}

function State({ issuer }: { issuer: Issuer }) {
  return (
    <div>
      <StatusBadge state={issuer.state} />
      {issuer.error && (
        <Text size="xs" c="dimmed">
          {issuer.error}
        </Text>
      )}
    </div>
  );
}

function Actions({ issuer }: { issuer: Issuer }) {
  const changed = useChanged();
  const [asking, ask] = useDisclosure(false);
  const [changing, change] = useDisclosure(false);
  const params = { path: { issuer_id: issuer.id } };
  const done = async (title: string) => {
    await changed();
    notifyDone(title);
  };
  const refresh = api.useMutation("post", "/api/v1/issuers/{issuer_id}/refresh", {
    onSuccess: () => done("Asked for its keys"),
    onError: notifyFailed,
  });
  const remove = api.useMutation("delete", "/api/v1/issuers/{issuer_id}", {
    onSuccess: () => done("No longer trusted"),
  });
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      {can(issuer, "refresh") && (
        <Button
          variant="default"
          size="compact-xs"
          loading={refresh.isPending}
          onClick={() => refresh.mutate({ params })}
        >
          Fetch keys
        </Button>
      )}
      {can(issuer, "update") && (
        <Button variant="default" size="compact-xs" onClick={change.open}>
          Change
        </Button>
      )}
      {can(issuer, "delete") && (
        <Button
          variant="default"
          size="compact-xs"
          c="var(--mantine-color-error)"
          loading={remove.isPending}
          onClick={ask.open}
        >
          Remove
        </Button>
      )}
      <IssuerDialog issuer={issuer} opened={changing} onClose={change.close} />
      <ConfirmDialog
        opened={asking}
        title={`No longer trust ${issuer.name || issuer.url}?`}
        action="Remove it"
        danger
        busy={remove.isPending}
        error={remove.error}
        onClose={ask.close}
        onConfirm={() => remove.mutate({ params: { ...params, header: ifMatch(issuer) } })}
      >
        This works only once no policy names it and no app has a client of it.
      </ConfirmDialog>
    </Group>
  );
}
