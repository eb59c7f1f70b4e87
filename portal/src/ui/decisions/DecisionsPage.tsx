import { Button, Group, Paper, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { PageHeader } from "@/ui/PageHeader";
import { Simulate } from "./Simulate";

/** Two questions: why was that call refused, and what would become of this one. */
export function DecisionsPage() {
  return (
    <>
      <PageHeader
        title="Why was a call refused?"
        description="Ask about a call that was made, or describe one that was not."
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" verticalSpacing="lg">
        <LookUp />
        <Simulate />
      </SimpleGrid>
    </>
  );
}

function LookUp() {
  const [id, setId] = useState("");
  const navigate = useNavigate();
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim()) void navigate({ to: "/decisions/$decisionId", params: { decisionId: id.trim() } });
  };
  return (
    <Paper p="lg" component="section" aria-labelledby="look-up" style={{ alignSelf: "start" }}>
      <form onSubmit={ask}>
        <Stack>
          <div>
            <Title order={2} size="h3" id="look-up">
              A call that was made
            </Title>
            <Text size="sm" c="dimmed">
              Every answer of a gateway carries its decision id, in the header <code>x-request-id</code> and
              in the body of a refusal.
            </Text>
          </div>
          <TextInput
            label="Decision id"
            spellCheck={false}
            autoComplete="off"
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button type="submit" leftSection={<IconSearch size={16} />} disabled={!id.trim()}>
              Explain it
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
