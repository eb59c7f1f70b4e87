import {
  Button,
  FileButton,
  Group,
  Paper,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { http } from "@/client/http";
import type { ImportResult } from "@/client/types";
import { LoadingRows } from "@/ui/Loading";
import { NoTeam } from "../NoTeam";
import { useProviders } from "../useProviders";
import { Broken, ImportFailure } from "./ImportFailure";
import { fromFile, type Source } from "./source";

type Way = "file" | "paste" | "url";

const WAYS = [
  { value: "file", label: "A file" },
  { value: "paste", label: "Paste" },
  { value: "url", label: "An address" },
];

interface Props {
  onRead: (source: Source & { owner: string }, result: ImportResult) => void;
}

/** A look always gets an answer; an error in it means that the definition cannot be taken as it is. */
const isBroken = (result: ImportResult): boolean => result.problems.some((one) => one.severity === "error");

/** Only looks (dry run): the answer says what the definition holds and what is wrong with it. */
async function look(source: Source, owner: string): Promise<ImportResult> {
  const { data } = await http.POST("/api/v1/apis/import", {
    body: { ...source, owner_id: owner, dry_run: true },
  });
  if (!data) throw new Error("The hub read nothing.");
  return data;
}

export function SourceForm({ onRead }: Props) {
  const owners = useProviders();
  const [chosen, setOwner] = useState<string | null>(null);
  const owner = chosen ?? owners?.[0]?.value ?? "";
  const [way, setWay] = useState<Way>("file");
  const read = useMutation({
    mutationFn: (source: Source) => look(source, owner),
    onSuccess: (result, source) => {
      if (!isBroken(result)) onRead({ ...source, owner }, result);
    },
  });
  if (!owners) return <LoadingRows />;
  if (owners.length === 0) return <NoTeam />;
  return (
    <Paper p="lg" maw={860}>
      <Stack>
        <Group justify="space-between">
          <SegmentedControl
            value={way}
            onChange={(value) => {
              setWay(value as Way);
              read.reset();
            }}
            data={WAYS}
            aria-label="Where the definition is"
          />
          <Select label="Team" w={240} data={owners} value={owner} onChange={setOwner} />
        </Group>
        {way === "file" && <FromFile busy={read.isPending} onSource={read.mutate} />}
        {way === "paste" && <FromText busy={read.isPending} onSource={read.mutate} />}
        {way === "url" && <FromAddress busy={read.isPending} onSource={read.mutate} />}
        {read.data && isBroken(read.data) && (
          <Broken problems={read.data.problems} content={read.variables?.content} />
        )}
        {read.isError && <ImportFailure error={read.error} content={read.variables?.content} />}
      </Stack>
    </Paper>
  );
}

interface WayProps {
  busy: boolean;
  onSource: (source: Source) => void;
}

function FromFile({ busy, onSource }: WayProps) {
  const [over, setOver] = useState(false);
  const take = (file: File | null | undefined) => file && void fromFile(file).then(onSource);
  return (
    <Stack
      align="center"
      py={40}
      bg="var(--sunken)"
      style={{
        border: `1.5px dashed ${over ? "var(--mantine-primary-color-filled)" : "var(--line)"}`,
        borderRadius: 12,
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files[0]);
      }}
    >
      <IconFileUpload size={28} stroke={1.5} aria-hidden />
      <Text size="sm">Drop the file here</Text>
      <FileButton onChange={take} accept=".json,.yaml,.yml,application/json,application/yaml,text/yaml">
        {(props) => (
          <Button {...props} variant="default" loading={busy}>
            Choose a file
          </Button>
        )}
      </FileButton>
    </Stack>
  );
}

function FromText({ busy, onSource }: WayProps) {
  const [content, setContent] = useState("");
  return (
    <Stack>
      <Textarea
        label="Definition"
        minRows={14}
        maxRows={26}
        placeholder={'openapi: "3.1.0"\ninfo:\n  title: …'}
        value={content}
        onChange={(event) => setContent(event.currentTarget.value)}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
        spellCheck={false}
      />
      <Group justify="flex-end">
        <Button loading={busy} disabled={!content.trim()} onClick={() => onSource({ content })}>
          Read it
        </Button>
      </Group>
    </Stack>
  );
}

function FromAddress({ busy, onSource }: WayProps) {
  const [url, setUrl] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSource({ url });
      }}
    >
      <Stack>
        <TextInput
          label="Address of the definition"
          description="The hub fetches it; addresses inside its own network are refused unless an administrator lists them"
          type="url"
          placeholder="https://example.com/openapi.yaml"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={busy} disabled={!url.trim()}>
            Fetch and read it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
