import { Stack } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { api } from "@/client/http";
import type { App } from "@/client/types";
import { can } from "@/lib/may";
import { ApiMark } from "@/ui/ApiMark";
import { ChangeButton } from "@/ui/ChangeButton";
import { Loaded } from "@/ui/Loaded";
import { BackLink, ButtonLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { AppDialog } from "./AppDialog";
import { AppSubscriptions } from "./AppSubscriptions";
import { DeleteApp } from "./Ending";
import { Keys } from "./Keys";

export function AppPage() {
  const { appId } = useParams({ from: "/apps/$appId" });
  const app = api.useQuery("get", "/api/v1/apps/{app_id}", { params: { path: { app_id: appId } } });
  return (
    <Loaded query={app} page>
      {(data) => (
        <>
          <Top app={data} />
          <Stack gap="xl">
            <Keys app={data} />
            <AppSubscriptions app={data} />
          </Stack>
        </>
      )}
    </Loaded>
  );
}

function Top({ app }: { app: App }) {
  return (
    <PageHeader
      title={app.name}
      above={<BackLink to="/apps">Apps</BackLink>}
      mark={<ApiMark name={app.name} seed={app.id} size={44} />}
      description={[app.description, `Belongs to ${app.owner.name}`].filter(Boolean).join(" · ")}
      actions={
        <>
          <ButtonLink to="/usage" search={{ app: app.id }} variant="default">
            Usage
          </ButtonLink>
          {can(app, "update") && (
            <ChangeButton>{(dialog) => <AppDialog {...dialog} app={app} />}</ChangeButton>
          )}
          {can(app, "delete") && <DeleteApp app={app} />}
        </>
      }
    />
  );
}
