import { Button, Group, Paper, Stack, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useChanged } from "@/client/changed";
import { api, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Operation, Version } from "@/client/types";
import { can, readOnly } from "@/lib/may";
import { ErrorState } from "@/ui/ErrorState";
import { notifyDone } from "@/ui/notify";

interface Props {
  version: Version;
  operation: Operation;
}

/** What consumers read about an operation; it is kept beside the definition, so that importing again does not lose it. */
export function OperationForm({ version, operation }: Props) {
  const changed = useChanged();
  const save = api.useMutation("patch", "/api/v1/versions/{version_id}/operations/{operation_id}");
  const { summary, description, tags, deprecated } = operation;
  const editable = can(version, "update");
  const form = useForm({
    initialValues: { summary, description, tags, deprecated },
    enhanceGetInputProps: readOnly(!editable),
  });
  const params = {
    path: { version_id: version.id, operation_id: operation.id },
    header: ifMatch(version),
  };
  const submit = form.onSubmit((body) =>
    save.mutate(
      { params, body },
      {
        onSuccess: () => {
          notifyDone("Saved");
          void changed();
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Paper p="lg" component="section" aria-label="Words">
        <Stack>
          {save.isError && <ErrorState error={save.error} hideFields />}
          <TextInput label="Summary" {...form.getInputProps("summary")} />
          <Textarea
            label="Description"
            description="Markdown"
            maxRows={14}
            {...form.getInputProps("description")}
          />
          <TagsInput
            label="Tags"
            description="The reference groups by the first"
            {...form.getInputProps("tags")}
          />
          <Switch
            label="Deprecated: consumers see that it is going away"
            disabled={!editable}
            {...form.getInputProps("deprecated", { type: "checkbox" })}
          />
          {editable && (
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                Save
              </Button>
            </Group>
          )}
        </Stack>
      </Paper>
    </form>
  );
}
