import { Paper, SimpleGrid, Text, ThemeIcon, Title } from "@mantine/core";
import { IconChartHistogram, IconKey, IconSearch } from "@tabler/icons-react";

const STEPS = [
  {
    icon: IconSearch,
    title: "Find and try",
    text: "Read the reference and send real calls from the page, before writing a line.",
  },
  {
    icon: IconKey,
    title: "Subscribe, get a key",
    text: "One app, one key, for every API you subscribe to, on every gateway that serves it.",
  },
  {
    icon: IconChartHistogram,
    title: "See what happens",
    text: "Every call within seconds: status, latency, quota, and why a call was refused.",
  },
];

export function GettingStarted() {
  return (
    <section aria-label="How it works">
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {STEPS.map(({ icon: Icon, title, text }) => (
          <Paper key={title} p="lg" bg="var(--sunken)">
            <ThemeIcon variant="light" size={38} radius="md" mb="sm" aria-hidden>
              <Icon size={20} stroke={1.7} />
            </ThemeIcon>
            <Title order={3}>{title}</Title>
            <Text size="sm" c="dimmed" mt={4}>
              {text}
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
    </section>
  );
}
