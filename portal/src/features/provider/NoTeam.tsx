import { IconUsersGroup } from "@tabler/icons-react";
import { useAdministrator } from "@/client/session";
import { EmptyState } from "@/ui/EmptyState";
import { ButtonLink } from "@/ui/links";

/** An API belongs to a team: whoever may provide for none learns who can change that. */
export function NoTeam() {
  const administrator = useAdministrator();
  if (administrator) {
    return (
      <EmptyState
        title="No team yet"
        icon={IconUsersGroup}
        action={<ButtonLink to="/admin/teams">Make a team</ButtonLink>}
      >
        An API belongs to a team. Make one; then bring its first API.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="You are in no team that provides APIs" icon={IconUsersGroup}>
      An API belongs to a team. Ask an administrator to add you to one, or to make one.
    </EmptyState>
  );
}
