import { useAdministrator } from "@/client/session";
import { PageHeader } from "@/ui/PageHeader";
import { PolicySet } from "@/ui/policies/PolicySet";

/** What holds for every API of every team, unless a nearer place may say otherwise and does. */
export function HubPoliciesPage() {
  const administrator = useAdministrator();
  return (
    <>
      <PageHeader
        title="Policies"
        description="For every API of every team. Nearer places win, unless a policy is locked here."
      />
      <PolicySet spot={{ level: "hub" }} editable={administrator} order={2} />
    </>
  );
}
