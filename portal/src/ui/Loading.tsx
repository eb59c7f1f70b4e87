import { SimpleGrid, Skeleton, Stack, VisuallyHidden } from "@mantine/core";

const keys = (length: number) => Array.from({ length }, (_, index) => `s${index}`);

function Announce() {
  return <VisuallyHidden role="status">Loading</VisuallyHidden>;
}

export function LoadingRows({ rows = 5, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="xs">
      <Announce />
      {keys(rows).map((key) => (
        <Skeleton key={key} height={height} radius="md" />
      ))}
    </Stack>
  );
}

export function LoadingCards({ cards = 6, height = 148 }: { cards?: number; height?: number }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
      <Announce />
      {keys(cards).map((key) => (
        <Skeleton key={key} height={height} radius="lg" />
      ))}
    </SimpleGrid>
  );
}
