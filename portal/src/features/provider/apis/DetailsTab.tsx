import {
  Button,
  Group,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useChanged } from "@/client/changed";
import { api, ifMatch } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { Api, Visibility } from "@/client/types";
import { can, readOnly } from "@/lib/may";
import { ErrorState } from "@/ui/ErrorState";
import { Loaded } from "@/ui/Loaded";
import { notifyDone } from "@/ui/notify";
import { Danger } from "./Danger";
import { useStudioApi } from "./queries";

export const VISIBILITIES: { value: Visibility; label: string }[] = [
  { value: "public", label: "Everybody, without signing in" },
  { value: "internal", label: "Whoever is signed in" },
  { value: "private", label: "Members of the team only" },
];

export function DetailsTab() {
  return (
    <Loaded query={useStudioApi()}>
      {(target) => (
        <Stack gap="xl" maw={860}>
          <DetailsForm key={`${target.id}.${target.revision}`} target={target} />
          <Danger target={target} />
        </Stack>
      )}
    </Loaded>
  );
}

function DetailsForm({ target }: { target: Api }) {
  const changed = useChanged();
  const save = api.useMutation("patch", "/api/v1/apis/{api_id}");
  const { name, summary, description, category, tags, visibility, base_path, support_url } = target;
  const form = useForm({
    initialValues: { name, summary, description, category, tags, visibility, base_path, support_url },
    validate: { name: isNotEmpty("An API needs a name") },
    enhanceGetInputProps: readOnly(!can(target, "update")),
  });
  const submit = form.onSubmit((body) =>
    save.mutate(
      { params: { path: { api_id: target.id }, header: ifMatch(target) }, body },
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
      <Paper p="lg">
        <Stack>
          {save.isError && <ErrorState error={save.error} />}
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <TextInput label="Name" {...form.getInputProps("name")} />
            <TextInput
              label="Category"
              description="Consumers narrow the catalog by it"
              {...form.getInputProps("category")}
            />
          </SimpleGrid>
          <TextInput
            label="Summary"
            description="One sentence, shown in the catalog"
            {...form.getInputProps("summary")}
          />
          <Textarea
            label="Description"
            description="Markdown; shown first on the API's page"
            maxRows={18}
            {...form.getInputProps("description")}
          />
          <TagsInput label="Tags" {...form.getInputProps("tags")} />
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select label="Seen by" data={VISIBILITIES} {...form.getInputProps("visibility")} />
            <TextInput
              label="Base path"
              description="Where it lives on every gateway"
              {...form.getInputProps("base_path")}
            />
          </SimpleGrid>
          <TextInput label="Support address" placeholder="https://…" {...form.getInputProps("support_url")} />
          {can(target, "update") && (
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
