import { goNative } from "@scalar/snippetz/plugins/go/native";
import { javaNethttp } from "@scalar/snippetz/plugins/java/nethttp";
import { jsFetch } from "@scalar/snippetz/plugins/js/fetch";
import { pythonRequests } from "@scalar/snippetz/plugins/python/requests";
import { shellCurl } from "@scalar/snippetz/plugins/shell/curl";
import type { Language } from "./highlight";
import type { CallExample, KeyPlace } from "./reference";

/** What stands where the key goes until the reader has one: an environment variable's name would not run either. */
export const KEY_PLACEHOLDER = "YOUR_API_KEY";

interface Target {
  id: string;
  title: string;
  language: Language;
  plugin: typeof shellCurl;
  /** The printer gives the bare call; this makes it something that runs as pasted. */
  frame: (code: string) => string;
}

const asItIs = (code: string): string => code;

const TARGETS: Target[] = [
  { id: "curl", title: "curl", language: "bash", plugin: shellCurl, frame: asItIs },
  {
    id: "python",
    title: "Python",
    language: "python",
    plugin: pythonRequests,
    frame: (code) => `import requests\n\nresponse = ${code}\nprint(response.status_code, response.text)`,
  },
  {
    id: "javascript",
    title: "JavaScript",
    language: "javascript",
    plugin: jsFetch,
    frame: (code) => `const response = await ${code};\nconsole.log(response.status, await response.text());`,
  },
  { id: "go", title: "Go", language: "go", plugin: goNative, frame: asItIs },
  {
    id: "java",
    title: "Java",
    language: "java",
    plugin: javaNethttp,
    frame: (code) => `import java.net.http.*;\n\n${code}`,
  },
];

function harOf(
  call: CallExample,
  place: KeyPlace | undefined,
  key: string,
): Parameters<Target["plugin"]["generate"]>[0] {
  const credential = place ? [{ name: place.name, value: key }] : [];
  const query = [...call.query, ...(place?.in === "query" ? credential : [])];
  const headers = [
    ...(place?.in === "header" ? credential : []),
    ...(call.body === undefined ? [] : [{ name: "Content-Type", value: "application/json" }]),
  ];
  return {
    method: call.method,
    url: call.url,
    httpVersion: "HTTP/1.1",
    queryString: query,
    headers,
    cookies: place?.in === "cookie" ? credential : [],
    headersSize: -1,
    bodySize: -1,
    ...(call.body === undefined ? {} : { postData: { mimeType: "application/json", text: call.body } }),
  };
}

/** The call in every language, ready to paste. */
export function snippetsOf(call: CallExample, place: KeyPlace | undefined, key: string | undefined) {
  const request = harOf(call, place, key ?? KEY_PLACEHOLDER);
  return TARGETS.map(({ id, title, language, plugin, frame }) => ({
    id,
    title,
    language,
    code: frame(plugin.generate(request)),
  }));
}
