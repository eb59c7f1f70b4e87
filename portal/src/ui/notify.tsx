import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { asProblem } from "@/client/problem";

export function notifyDone(title: string, message?: string): void {
  notifications.show({ title, message, color: "green", icon: <IconCheck size={18} />, autoClose: 5_000 });
}

/** For failures of an action that has no place of its own on the page. */
export function notifyFailed(error: unknown): void {
  const problem = asProblem(error);
  const message = [problem.detail, problem.hint, problem.requestId].filter(Boolean).join(" · ");
  notifications.show({
    title: problem.title,
    message,
    color: "red",
    icon: <IconAlertTriangle size={18} />,
    autoClose: 12_000,
  });
}
