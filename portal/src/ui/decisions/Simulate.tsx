import {
  Button,
  Collapse,
  Group,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { type FormErrors, useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPlay } from "@tabler/icons-react";
import { api } from "@/client/http";
import { formErrors } from "@/client/problem";
import type { SimulateRequest } from "@/client/types";
import { FormError } from "@/ui/FormError";
import { SimulationResult } from "./SimulationResult";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** The inputs that are always there. */
const IN_SIGHT = ["method", "path", "app"];

const EMPTY = { method: "GET", path: "", app: null as string | null, header: "", value: "", ...blank() };

function blank() {
  return { address: "", country: "", body_bytes: "" };
}

function requestOf(values: typeof EMPTY): SimulateRequest {
  const { method, path, app, header, value, address, country, body_bytes } = values;
  return {
    method,
    path: path.trim(),
    app: app ?? "",
    headers: header.trim() ? { [header.trim()]: value } : {},
    address: address.trim(),
    country: country.trim(),
    body_bytes: body_bytes.trim() ? Number(body_bytes) : null,
  } as SimulateRequest;
}

/** What the hub says of a header's name stands at the input for it. */
const fieldErrors = (error: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(formErrors(error)).map(([path, said]) => [path.replace(/^headers\..*/, "header"), said]),
  );

/** A call that is only described, walked through every step; nothing is sent. */
export function Simulate() {
  const apps = api.useQuery("get", "/api/v1/apps", { params: { query: { limit: 200 } } });
  const [more, moreOf] = useDisclosure(false);
  const run = api.useMutation("post", "/api/v1/decisions/simulate");
  const form = useForm({
    initialValues: EMPTY,
    validate: {
      path: (path) => (path.trim().startsWith("/") ? null : "As it is called, such as /orders/42"),
      country: (given) => (/^([a-z]{2})?$/i.test(given.trim()) ? null : "Two letters, such as DE"),
      body_bytes: (given) => (/^\d*$/.test(given.trim()) ? null : "A number of bytes"),
    },
  });
  // What is wrong may stand at an input that is folded away.
  const unfold = (errors: FormErrors) => {
    if (Object.keys(errors).some((name) => !IN_SIGHT.includes(name))) moreOf.open();
  };
  const tell = (error: unknown) => {
    const errors = fieldErrors(error);
    form.setErrors(errors);
    unfold(errors);
  };
  const submit = form.onSubmit(
    (values) => run.mutate({ body: requestOf(values) }, { onError: tell }),
    (errors) => {
      run.reset();
      unfold(errors);
    },
  );
  return (
    <Paper p="lg" component="section" aria-labelledby="simulate">
      <form onSubmit={submit} noValidate>
        <Stack>
          <div>
            <Title order={2} size="h3" id="simulate">
              A call that is only described
            </Title>
            <Text size="sm" c="dimmed">
              Nothing is sent, nothing is counted and nothing is kept.
            </Text>
          </div>
          <FormError error={run.error} hideFields />
          <Group align="flex-start" wrap="nowrap">
            <Select
              label="Method"
              w={120}
              allowDeselect={false}
              data={METHODS}
              {...form.getInputProps("method")}
            />
            <TextInput
              label="Path"
              placeholder="/orders/42?full=1"
              flex={1}
              spellCheck={false}
              {...form.getInputProps("path")}
            />
          </Group>
          <Select
            label="As the app"
            description="With the newest of its credentials that the API takes; or name a header below"
            placeholder="Nobody"
            clearable
            searchable
            data={(apps.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
            {...form.getInputProps("app")}
          />
          <Button
            variant="subtle"
            size="compact-sm"
            w="fit-content"
            px={4}
            aria-expanded={more}
            onClick={moreOf.toggle}
          >
            {more ? "Less" : "More: a header, where it comes from, its size"}
          </Button>
          <Collapse expanded={more}>
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <TextInput label="Header" placeholder="authorization" {...form.getInputProps("header")} />
              <TextInput label="Its value" autoComplete="off" {...form.getInputProps("value")} />
              <TextInput label="From address" placeholder="203.0.113.7" {...form.getInputProps("address")} />
              <TextInput label="Country" placeholder="DE" maxLength={2} {...form.getInputProps("country")} />
              <TextInput label="Size of its body, bytes" {...form.getInputProps("body_bytes")} />
            </SimpleGrid>
          </Collapse>
          <Group justify="flex-end">
            <Button type="submit" leftSection={<IconPlayerPlay size={16} />} loading={run.isPending}>
              Simulate it
            </Button>
          </Group>
        </Stack>
      </form>
      <div aria-live="polite">{run.data && <SimulationResult result={run.data} />}</div>
    </Paper>
  );
}
