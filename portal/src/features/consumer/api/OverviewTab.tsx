import { Anchor, Badge, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Api } from "@/client/types";
import { serverUrl } from "@/lib/reference";
import { CopyField } from "@/ui/CopyField";
import { Loaded } from "@/ui/Loaded";
import { LoadingRows } from "@/ui/Loading";
import { Markdown } from "@/ui/Markdown";
import classes from "./ApiPage.module.css";
import { FirstCall } from "./FirstCall";
import { OperationList } from "./OperationList";
import { useApi, useChosenVersion, useReference } from "./queries";

export function OverviewTab() {
  return <Loaded query={useApi()}>{(target) => <Overview target={target} />}</Loaded>;
}

function Overview({ target }: { target: Api }) {
  const { versionId, version } = useChosenVersion(target);
  const reference = useReference(versionId);
  return (
    <div className={classes.overview}>
      <Stack gap="xl" style={{ minWidth: 0 }}>
        {version?.notes && <Markdown>{version.notes}</Markdown>}
        {versionId !== null && (
          <Loaded query={reference} loading={<LoadingRows rows={4} />}>
            {(document) => <FirstCall target={target} document={document} />}
          </Loaded>
        )}
        {target.description && <Markdown>{target.description}</Markdown>}
        {versionId && <OperationList slug={target.slug} versionId={versionId} />}
      </Stack>
      <Facts target={target} address={reference.data && serverUrl(reference.data)} />
    </div>
  );
}

function Facts({ target, address }: { target: Api; address: string | undefined }) {
  return (
    <Stack component="aside" aria-label="Facts" gap="md" mt={{ base: "xl", md: 0 }}>
      <Paper p="md">
        <Stack gap="md">
          <Fact title="Address">
            {address ? (
              <CopyField value={address} label="the address" />
            ) : (
              <Text size="sm">Not on a gateway yet</Text>
            )}
          </Fact>
          <Fact title="Provided by">
            <Text size="sm">{target.owner.name}</Text>
          </Fact>
          {target.tags.length > 0 && (
            <Fact title="Tags">
              <Group gap={6}>
                {target.tags.map((tag) => (
                  <Badge key={tag} color="gray">
                    {tag}
                  </Badge>
                ))}
              </Group>
            </Fact>
          )}
          {target.support_url && (
            <Fact title="Support">
              <Anchor href={target.support_url} size="sm" rel="noreferrer">
                {target.support_url}
              </Anchor>
            </Fact>
          )}
        </Stack>
      </Paper>
    </Stack>
  );
}

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Title order={2} size="xs" c="dimmed" fw={550} mb={4}>
        {title}
      </Title>
      {children}
    </div>
  );
}
