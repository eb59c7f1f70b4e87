import { Typography } from "@mantine/core";
import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";

/** Markdown that others wrote: no raw HTML, no images from elsewhere (nothing may be fetched from another host). */
export function Markdown({ children }: { children: string }) {
  return (
    <Typography fz="md">
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        skipHtml
        disallowedElements={["img"]}
        components={{ h1: "h2" }}
      >
        {children}
      </ReactMarkdown>
    </Typography>
  );
}
