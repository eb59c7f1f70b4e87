import { Group, Tabs } from "@mantine/core";
import { toJsxRuntime } from "hast-util-to-jsx-runtime";
import { useMemo } from "react";
import { Fragment, jsx, jsxs } from "react/jsx-runtime";
import { highlight, type Language } from "@/lib/highlight";
import classes from "./Code.module.css";
import { CopyIcon } from "./CopyField";

interface CodeProps {
  code: string;
  language: Language;
  /** What the code is, for screen readers. */
  label: string;
}

function Highlighted({ code, language, label }: CodeProps) {
  const content = useMemo(
    () => toJsxRuntime(highlight(code, language), { Fragment, jsx, jsxs }),
    [code, language],
  );
  return (
    // A block that scrolls sideways must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable region
    <section className={classes.scroll} tabIndex={0} aria-label={label}>
      <pre className={classes.code}>
        <code>{content}</code>
      </pre>
    </section>
  );
}

/** A block of code with a copy button. */
export function CodeBlock(props: CodeProps & { title?: string }) {
  return (
    <div className={classes.frame}>
      <div className={classes.bar}>
        <Group pl="sm" fz="xs" c="dimmed">
          {props.title ?? props.label}
        </Group>
        <CopyIcon value={props.code} label={props.label} />
      </div>
      <Highlighted {...props} />
    </div>
  );
}

export interface Snippet {
  id: string;
  title: string;
  language: Language;
  code: string;
}

interface TabsProps {
  snippets: readonly Snippet[];
  /** Kept by the caller, so that a reader's language is chosen once. */
  active: string;
  onActive: (id: string) => void;
  label: string;
}

/** The same call in several languages. */
export function CodeTabs({ snippets, active, onActive, label }: TabsProps) {
  const shown = snippets.find((snippet) => snippet.id === active) ?? snippets[0];
  if (!shown) return null;
  return (
    <Tabs
      value={shown.id}
      onChange={(id) => id && onActive(id)}
      variant="pills"
      className={classes.frame}
      keepMounted={false}
    >
      <div className={classes.bar}>
        <Tabs.List aria-label={label}>
          {snippets.map((snippet) => (
            <Tabs.Tab key={snippet.id} value={snippet.id} fz="xs" py={5} px="sm">
              {snippet.title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <CopyIcon value={shown.code} label={`the ${shown.title} snippet`} />
      </div>
      {snippets.map((snippet) => (
        <Tabs.Panel key={snippet.id} value={snippet.id}>
          <Highlighted code={snippet.code} language={snippet.language} label={`${label}, ${snippet.title}`} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
