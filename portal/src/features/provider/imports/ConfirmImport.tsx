import { Button, Group, Paper, Select, SimpleGrid, Stack, TextInput, Title } from "@mantine/core";
import { isNotEmpty, useForm } from "@mantine/form";
import { useNavigate } from "@tanstack/react-router";
import { useChanged } from "@/client/changed";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { ImportResult, Visibility } from "@/client/types";
import { notifyDone } from "@/ui/notify";
import { ImportFailure } from "./ImportFailure";
import { Preview } from "./Preview";
import { ProblemList } from "./ProblemList";
import type { Source } from "./source";

interface Props {
  source: Source & { owner?: string };
  result: ImportResult;
  onBack: () => void;
}

const SEEN_BY: { value: Visibility; label: string }[] = [
  { value: "public", label: "Everybody, once it is published" },
  { value: "internal", label: "Whoever is signed in" },
  { value: "private", label: "Members of the team only" },
];

/** What was read, and where it goes; the upstream is prefilled from the definition's servers. */
export function ConfirmImport({ source, result, onBack }: Props) {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
      <CreateForm source={source} result={result} onBack={onBack} />
      <Stack>
        {result.problems.length > 0 && (
          <section>
            <Title order={2} size="h3" mb="sm">
              Worth mending
            </Title>
            <ProblemList problems={result.problems} content={source.content} />
          </section>
        )}
        <Preview preview={result.preview} />
      </Stack>
    </SimpleGrid>
  );
}

function CreateForm({ source, result, onBack }: Props) {
  const { preview } = result;
  const { owner = "", ...definition } = source;
  const navigate = useNavigate();
  const changed = useChanged();
  const make = api.useMutation("post", "/api/v1/apis/import");
  const form = useForm({
    initialValues: {
      name: preview.title,
      slug: preview.slug ?? "",
      base_path: preview.base_path ?? "",
      upstream_url: preview.servers.find((url) => /^https?:/.test(url)) ?? "",
      visibility: "public" as Visibility,
      category: "",
    },
    validate: { name: isNotEmpty("An API needs a name") },
  });
  const submit = form.onSubmit(({ slug, base_path, upstream_url, ...rest }) => {
    const places = { slug: slug || null, base_path: base_path || null, upstream_url: upstream_url || null };
    make.mutate(
      { body: { ...definition, owner_id: owner, ...rest, ...places } },
      {
        onSuccess: async (made) => {
          await changed();
          notifyDone("Imported as a draft", "Next: plans, then publish.");
          if (made.api)
            await navigate({ to: "/studio/apis/$slug/versions", params: { slug: made.api.slug } });
        },
        onError: (error) => form.setErrors(formErrors(error)),
      },
    );
  });
  return (
    <form onSubmit={submit} noValidate>
      <Paper p="lg">
        <Stack>
          <Title order={2} size="h3">
            The new API
          </Title>
          <TextInput label="Name" {...form.getInputProps("name")} />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              label="Short name"
              description="In addresses of the portal"
              {...form.getInputProps("slug")}
            />
            <TextInput
              label="Base path"
              description="On every gateway"
              {...form.getInputProps("base_path")}
            />
          </SimpleGrid>
          <TextInput
            label="Upstream"
            description="Where gateways send the calls; it may stay empty while operations answer from a mock"
            placeholder="https://orders.internal.example"
            {...form.getInputProps("upstream_url")}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <Select label="Seen by" data={SEEN_BY} {...form.getInputProps("visibility")} />
            <TextInput label="Category" {...form.getInputProps("category")} />
          </SimpleGrid>
          {make.isError && <ImportFailure error={make.error} content={source.content} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onBack}>
              Another definition
            </Button>
            <Button type="submit" loading={make.isPending}>
              Make the draft
            </Button>
          </Group>
        </Stack>
      </Paper>
    </form>
  );
}
