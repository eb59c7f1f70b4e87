import { AreaChart, BarChart } from "@mantine/charts";
import { Group, Paper, ScrollArea, SegmentedControl, Table, Text, VisuallyHidden } from "@mantine/core";
import { useId, useState } from "react";

export interface Line {
  name: string;
  label: string;
  color: string;
}

export interface Point {
  at: string;
  [name: string]: number | string | null;
}

interface Props {
  title: string;
  /** What one point stands for, and in which zone its time is. */
  note: string;
  points: Point[];
  lines: Line[];
  kind?: "area" | "stacked";
  formatValue: (value: number) => string;
  formatTime: (at: string) => string;
  height?: number;
}

/** A chart over time with the same numbers as a table, one switch away (and always there for a screen reader). */
export function TimeSeries({
  title,
  note,
  points,
  lines,
  kind = "area",
  formatValue,
  formatTime,
  height = 220,
}: Props) {
  const [view, setView] = useState<string>("chart");
  const heading = useId();
  return (
    <Paper p="md" component="section" aria-labelledby={heading}>
      <Group justify="space-between" mb="sm">
        <Text id={heading} fw={600} size="sm" component="h2">
          {title}{" "}
          <Text span size="xs" c="dimmed" fw={400}>
            {note}
          </Text>
        </Text>
        <SegmentedControl
          size="xs"
          value={view}
          onChange={setView}
          aria-label={`Show ${title.toLowerCase()} as`}
          data={[
            { value: "chart", label: "Chart" },
            { value: "table", label: "Table" },
          ]}
        />
      </Group>
      {view === "table" ? (
        <ScrollArea h={height + 30} viewportProps={{ tabIndex: 0, "aria-label": title }}>
          <NumberTable {...{ title, points, lines, formatValue, formatTime }} />
        </ScrollArea>
      ) : (
        <Chart {...{ points, lines, kind, formatValue, formatTime, height, title }} />
      )}
    </Paper>
  );
}

type TableProps = Pick<Props, "title" | "points" | "lines" | "formatValue" | "formatTime">;

function NumberTable({ title, points, lines, formatValue, formatTime }: TableProps) {
  return (
    <Table fz="sm">
      <caption style={{ display: "contents" }}>
        <VisuallyHidden>{title}</VisuallyHidden>
      </caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Time</Table.Th>
          {lines.map((line) => (
            <Table.Th key={line.name} scope="col" ta="right">
              {line.label}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {points.map((point) => (
          <Table.Tr key={point.at}>
            <Table.Td>{formatTime(point.at)}</Table.Td>
            {lines.map((line) => (
              <Table.Td key={line.name} ta="right">
                {typeof point[line.name] === "number" ? formatValue(Number(point[line.name])) : "–"}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** Where values stand alone no line can be drawn: then each is a dot. */
const lonely = (points: Point[], name: string): boolean =>
  points.every((point, index) => point[name] == null || points[index + 1]?.[name] == null);

type ChartProps = Required<Omit<Props, "note">>;

function Chart({ title, points, lines, kind, formatValue, formatTime, height }: ChartProps) {
  const shared = {
    h: height,
    data: points.map((point) => ({ ...point, at: formatTime(point.at) })),
    dataKey: "at",
    series: lines,
    valueFormatter: formatValue,
    withLegend: lines.length > 1,
    // In the order of the series, not of the alphabet.
    legendProps: { itemSorter: null },
    tickLine: "none" as const,
    gridAxis: "x" as const,
    xAxisProps: { minTickGap: 40, interval: "equidistantPreserveStart" as const },
    // Nothing is nothing in every unit.
    yAxisProps: { width: 56, tickFormatter: (value: number) => (value === 0 ? "0" : formatValue(value)) },
  };
  return (
    <>
      <div aria-hidden>
        {kind === "stacked" ? (
          <BarChart
            {...shared}
            type="stacked"
            barChartProps={{ accessibilityLayer: false }}
            barProps={{ isAnimationActive: false }}
          />
        ) : (
          <AreaChart
            {...shared}
            curveType="monotone"
            withDots={points.length > 0 && lines.every((line) => lonely(points, line.name))}
            fillOpacity={0.12}
            connectNulls={false}
            areaChartProps={{ accessibilityLayer: false }}
            areaProps={{ isAnimationActive: false }}
          />
        )}
      </div>
      <VisuallyHidden>
        <NumberTable {...{ title, points, lines, formatValue, formatTime }} />
      </VisuallyHidden>
    </>
  );
}
