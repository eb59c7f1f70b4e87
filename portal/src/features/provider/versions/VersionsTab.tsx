import { Badge, Button, Group, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useChanged } from "@/client/changed";
import { api, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Api, Version } from "@/client/types";
import { formatName, plural } from "@/lib/format";
import { can } from "@/lib/may";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";
import { StatusBadge } from "@/ui/StatusBadge";
import { useStudioApi, useVersions } from "../apis/queries";
import { ProblemList } from "../imports/ProblemList";
import { OperationTable } from "../operations/OperationTable";
import { DefinitionDialog } from "./DefinitionDialog";

export function VersionsTab() {
  return <Loaded query={useStudioApi()}>{(target) => <Versions target={target} />}</Loaded>;
}

function Versions({ target }: { target: Api }) {
  const [opened, dialog] = useDisclosure(false);
  return (
    <Stack gap="lg">
      {can(target, "add_version") && (
        <Group justify="flex-end">
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={dialog.open}>
            New version
          </Button>
        </Group>
      )}
      <Loaded query={useVersions(target.id)}>
        {({ items }) =>
          items.map((version) => <VersionCard key={version.id} slug={target.slug} version={version} />)
        }
      </Loaded>
      <DefinitionDialog opened={opened} onClose={dialog.close} apiId={target.id} />
    </Stack>
  );
}

function VersionCard({ slug, version }: { slug: string; version: Version }) {
  const [replacing, replace] = useDisclosure(false);
  const [listing, list] = useDisclosure(false);
  return (
    <Paper p="lg" component="section" aria-label={`Version ${version.name}`}>
      <Stack>
        <Group justify="space-between">
          <Group gap="sm">
            <Title order={2} size="h3">
              {version.name}
            </Title>
            <StatusBadge state={version.lifecycle} />
            {version.current && <Badge>Current</Badge>}
            <Text size="sm" c="dimmed">
              {formatName(version.format)} · {plural(version.operations_count, "operation")}
              {version.mount ? ` · at ${version.mount}` : ""}
            </Text>
          </Group>
          <Group gap="xs">
            <Button variant="default" size="compact-sm" onClick={list.toggle} aria-expanded={listing}>
              Operations
            </Button>
            <Button
              component="a"
              variant="default"
              size="compact-sm"
              href={`/api/v1/versions/${version.id}/definition?variant=original`}
              download
            >
              Download
            </Button>
            {can(version, "replace_definition") && (
              <Button variant="default" size="compact-sm" onClick={replace.open}>
                Import again
              </Button>
            )}
          </Group>
        </Group>
        <UpstreamForm key={version.revision} version={version} />
        {version.problems.length > 0 && <ProblemList problems={version.problems} />}
        {listing && <OperationTable slug={slug} versionId={version.id} count={version.operations_count} />}
      </Stack>
      <DefinitionDialog opened={replacing} onClose={replace.close} version={version} />
    </Paper>
  );
}

/** Where the gateways send the calls; prefilled from the definition's servers. */
function UpstreamForm({ version }: { version: Version }) {
  const changed = useChanged();
  const save = api.useMutation("patch", "/api/v1/versions/{version_id}");
  const form = useForm({ initialValues: { upstream_url: version.upstream_url, notes: version.notes } });
  const submit = form.onSubmit((body) =>
    save.mutate(
      { params: { path: { version_id: version.id }, header: ifMatch(version) }, body },
      {
        onSuccess: () => {
          notifyDone("Saved");
          void changed();
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  const editable = can(version, "update");
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        {save.isError && <ErrorState error={save.error} />}
        <Group align="flex-end">
          <TextInput
            flex="1 1 320px"
            label="Upstream"
            description="Where gateways send the calls"
            inputWrapperOrder={["label", "description", "input", "error"]}
            placeholder="https://orders.internal.example"
            disabled={!editable}
            {...form.getInputProps("upstream_url")}
          />
          {editable && (
            <Button type="submit" variant="default" loading={save.isPending} disabled={!form.isDirty()}>
              Save
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
