import { IconExternalLink } from "@tabler/icons-react";
import { Link, Outlet } from "@tanstack/react-router";
import type { Api } from "@/client/types";
import { can } from "@/lib/may";
import { ApiMark } from "@/ui/ApiMark";
import { Loaded } from "@/ui/Loaded";
import { BackLink, ButtonLink } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";
import { TabLinks, tabClass } from "@/ui/TabLinks";
import { useStudioApi } from "./queries";

/** One API for those who provide it. */
export function StudioApiPage() {
  return (
    <Loaded query={useStudioApi()} page>
      {(target) => (
        <>
          <Top target={target} />
          <Tabs slug={target.slug} />
          <Outlet />
        </>
      )}
    </Loaded>
  );
}

function Top({ target }: { target: Api }) {
  return (
    <PageHeader
      title={target.name}
      mark={<ApiMark name={target.name} seed={target.slug} size={44} />}
      badges={<StatusBadge state={target.lifecycle} />}
      description={target.summary}
      above={<BackLink to="/studio">Your APIs</BackLink>}
      actions={
        <>
          <ButtonLink
            to="/apis/$slug"
            params={{ slug: target.slug }}
            variant="default"
            leftSection={<IconExternalLink size={15} />}
          >
            As consumers see it
          </ButtonLink>
          {can(target, "publish") && (
            <ButtonLink to="/studio/apis/$slug/publish" params={{ slug: target.slug }}>
              Publish
            </ButtonLink>
          )}
        </>
      }
    />
  );
}

const PAGES = [
  ["/studio/apis/$slug/versions", "Versions"],
  ["/studio/apis/$slug/plans", "Plans"],
  ["/studio/apis/$slug/policies", "Policies"],
  ["/studio/apis/$slug/publish", "Publish"],
  ["/studio/apis/$slug/subscribers", "Subscribers"],
  ["/studio/apis/$slug/usage", "Usage"],
] as const;

function Tabs({ slug }: { slug: string }) {
  return (
    <TabLinks label="Pages of this API">
      <Link to="/studio/apis/$slug" params={{ slug }} activeOptions={{ exact: true }} className={tabClass}>
        Details
      </Link>
      {PAGES.map(([to, title]) => (
        <Link key={to} to={to} params={{ slug }} className={tabClass}>
          {title}
        </Link>
      ))}
    </TabLinks>
  );
}
