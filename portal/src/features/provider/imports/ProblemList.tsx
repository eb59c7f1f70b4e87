import { Badge, Code, Group, Paper, Text } from "@mantine/core";
import type { DefinitionProblem } from "@/client/types";
import classes from "./ProblemList.module.css";
import { excerpt } from "./source";

interface Props {
  problems: readonly DefinitionProblem[];
  content?: string | undefined;
}

const COLORS: Record<string, string> = { error: "red", warning: "yellow", info: "gray" };

/** What is wrong with a definition, each with its place and the way out. */
export function ProblemList({ problems, content }: Props) {
  return (
    <Paper component="ul" p={0} m={0} style={{ listStyle: "none" }} aria-label="Problems of the definition">
      {problems.map((problem, index) => (
        // Two problems may be alike in everything but their place in the list.
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is never reordered
        <li key={index} className={classes.item}>
          <Group gap="xs">
            <Badge color={COLORS[problem.severity] ?? "gray"}>{problem.severity}</Badge>
            {problem.line ? <Code>line {problem.line}</Code> : null}
            {problem.pointer ? <Code>{problem.pointer}</Code> : null}
          </Group>
          <Text size="sm" mt={4}>
            {problem.message}
          </Text>
          {problem.hint && (
            <Text size="sm" c="dimmed">
              {problem.hint}
            </Text>
          )}
          <Excerpt content={content} line={problem.line} />
        </li>
      ))}
    </Paper>
  );
}

function Excerpt({ content, line }: { content: string | undefined; line: number | null | undefined }) {
  const lines = excerpt(content, line);
  if (lines.length === 0) return null;
  return (
    <div className={classes.excerpt} aria-hidden>
      {lines.map((one) => (
        <div key={one.number} className={one.number === line ? classes.at : undefined}>
          {String(one.number).padStart(4)} {one.text}
        </div>
      ))}
    </div>
  );
}
