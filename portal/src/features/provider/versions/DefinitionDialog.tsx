import { Button, Checkbox, FileInput, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useChanged } from "@/client/changed";
import { http, ifMatch } from "@/client/http";
import { asProblem } from "@/client/problem";
import type { Version } from "@/client/types";
import { notifyDone } from "@/ui/notify";
import { ImportFailure } from "../imports/ImportFailure";
import { fromFile, type Source } from "../imports/source";

interface Props {
  opened: boolean;
  onClose: () => void;
  /** Replace this version's definition … */
  version?: Version;
  /** … or make a new version of this API. */
  apiId?: string;
}

interface Wanted {
  source: Source;
  name: string;
  confirm: boolean;
}

async function send(
  { version, apiId }: Pick<Props, "version" | "apiId">,
  { source, name, confirm }: Wanted,
): Promise<void> {
  if (version) {
    const params = { path: { version_id: version.id }, header: ifMatch(version) };
    await http.PUT("/api/v1/versions/{version_id}/definition", { params, body: { ...source, confirm } });
  } else if (apiId) {
    const params = { path: { api_id: apiId } };
    await http.POST("/api/v1/apis/{api_id}/versions", { params, body: { ...source, name: name || null } });
  }
}

export function DefinitionDialog({ opened, onClose, ...target }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={target.version ? "Import the definition again" : "New version"}
    >
      <DefinitionForm {...target} onClose={onClose} />
    </Modal>
  );
}

function DefinitionForm({ onClose, ...target }: Omit<Props, "opened">) {
  const changed = useChanged();
  const [source, setSource] = useState<Source>({});
  const [name, setName] = useState("");
  const [confirm, setConfirm] = useState(false);
  const take = useMutation({
    mutationFn: () => send(target, { source, name, confirm }),
    onSuccess: async () => {
      await changed();
      notifyDone(target.version ? "Imported again" : "Version made");
      onClose();
    },
  });
  const needsConsent = take.isError && asProblem(take.error).status === 409;
  return (
    <Stack>
      {target.version ? (
        <Text size="sm">Operations keep their identity; what was written here by hand stays.</Text>
      ) : (
        <TextInput
          label="Name"
          placeholder="v2"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      <FileInput
        label="File"
        placeholder="OpenAPI as JSON or YAML"
        accept=".json,.yaml,.yml"
        onChange={(file) => file && void fromFile(file).then(setSource)}
      />
      <Textarea
        label="or paste it"
        minRows={8}
        maxRows={16}
        spellCheck={false}
        value={source.filename ? "" : (source.content ?? "")}
        onChange={(event) => setSource({ content: event.currentTarget.value })}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
      />
      {take.isError && <ImportFailure error={take.error} content={source.content} />}
      {(needsConsent || confirm) && (
        <Checkbox
          label="Yes, operations that consumers may be calling go away"
          checked={confirm}
          onChange={(event) => setConfirm(event.currentTarget.checked)}
        />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button loading={take.isPending} disabled={!source.content} onClick={() => take.mutate()}>
          {target.version ? "Import" : "Make the version"}
        </Button>
      </Group>
    </Stack>
  );
}
